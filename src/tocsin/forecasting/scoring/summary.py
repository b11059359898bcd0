"""The track record in figures that people read: means over what was verified, and what lies within chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.scoring.record import ENOUGH_HOURS
from tocsin.forecasting.scoring.scores import gain
from tocsin.model.verification import CHANCE_BINS, FIGURES, HORIZONS, PIT_BINS
from tocsin.model.warnings import WarningKind
from tocsin.situation.track import Track, WarningTally

WEEK_H = 168

Slice = Literal["all", "city", "area", "kind", "horizon"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """Means over the cells of one slice; None where nothing was verified. `key`: area, kind or hours ahead."""

    by: Slice
    key: str
    cells: int
    pinball: float | None
    crps: float | None
    coverage_80: float | None
    coverage_80_raw: float | None
    promised: float | None
    gain: float | None
    bias: float | None


@dataclass(frozen=True, slots=True)
class ChanceBin:
    """Cells in which "a call or more" was given a chance from `low` to `high`: mean chance, and share that came."""

    low: float
    high: float
    cells: int
    said: float | None
    came: float | None


@dataclass(frozen=True, slots=True)
class WarningSums:
    """Warnings of one kind. `detection`: share of the city's hours beyond what was said in which a warning stood when
    they ended; None where there was none, or the kind is not judged by hours. `lead_min`: median."""

    kind: str
    proposed: int
    issued: int
    over: int
    came: int
    detection: float | None
    false_alarms: float | None
    lead_min: float | None
    per_week: float | None


def row_of(by: Slice, key: str, sums: Floats) -> Row:
    """Means of one row of sums, (F,)."""
    said: Mapping[str, float] = dict(zip(FIGURES, (float(x) for x in sums), strict=True))
    cells = said["cells"]
    if cells == 0:
        return Row(by, key, 0, None, None, None, None, None, None, None)
    return Row(
        by=by,
        key=key,
        cells=round(cells),
        pinball=said["pinball"] / cells,
        crps=said["crps"] / cells,
        coverage_80=said["inside"] / cells,
        coverage_80_raw=said["held"] / cells,
        promised=said["promised"] / cells,
        gain=gain(said["pinball"], said["rival"]),
        bias=said["off"] / cells,
    )


def rows_of(track: Track, areas: tuple[str, ...]) -> Iterator[Row]:
    """Every slice: all areas, the city, by hours ahead, each area, each kind of call. `areas`: as in `City.areas`."""
    yield row_of("all", "all", track.horizons.sum(axis=0))
    yield row_of("city", "city", track.city.sum(axis=0))
    for at, ahead_h in enumerate(HORIZONS):
        yield row_of("horizon", str(ahead_h), track.horizons[at])
    for at, area in enumerate(areas):
        yield row_of("area", area, track.areas[at])
    for kind, sums in track.kinds.items():
        yield row_of("kind", kind, sums)


def chance_bins(track: Track) -> list[ChanceBin]:
    """The reliability of "a call or more" in an area and hour, by tenths of the chance that was given."""
    found = []
    for n, (cells, said, came) in enumerate(track.chances.tolist()):
        low, high = n / CHANCE_BINS, (n + 1) / CHANCE_BINS
        means = (said / cells, came / cells) if cells else (None, None)
        found.append(ChanceBin(low, high, round(cells), *means))
    return found


def pit_range(track: Track, within: float = 0.95) -> tuple[float, float] | None:
    """How many cells a tenth of the PIT holds, between the tails, when the laws are right; None without cells.

    What was said of one hour 1, 6, 12 and 24 h ahead hangs together, so it counts as one draw: wide rather than wrong.
    Source: binomial law of one bin's count.
    """
    cells = int(track.pit.sum())
    if cells == 0:
        return None
    from scipy import stats  # here, because it costs a third of a second and a desk need not wait for it to start

    said = max(1.0, cells / max(1.0, float(track.horizons[:, 0].max())))
    tail = (1.0 - within) / 2.0
    low, high = stats.binom.ppf([tail, 1.0 - tail], round(cells / said), 1.0 / PIT_BINS)
    return float(low * said), float(high * said)


def warning_rows(track: Track) -> list[WarningSums]:
    """Warnings by kind; surges are always there once an hour was verified."""
    kinds = dict.fromkeys([str(WarningKind.SURGE), *track.warnings] if track.hours else track.warnings)
    return [_warnings_of(track, kind, track.warnings.get(kind, WarningTally())) for kind in kinds]


def _warnings_of(track: Track, kind: str, tally: WarningTally) -> WarningSums:
    judged = kind == WarningKind.SURGE and track.beyond > 0
    return WarningSums(
        kind=kind,
        proposed=tally.proposed,
        issued=tally.issued,
        over=tally.over,
        came=tally.came,
        detection=track.beyond_warned / track.beyond if judged else None,
        false_alarms=1.0 - tally.came / tally.over if tally.over else None,
        lead_min=median(tally.leads_s) / 60.0 if tally.leads_s else None,
        per_week=tally.proposed * WEEK_H / track.hours if track.hours >= ENOUGH_HOURS else None,
    )


def plain(track: Track) -> dict[str, Any]:
    """The record of the whole as values of JSON: all areas, the city, by hours ahead, and warnings by kind."""
    rows = [row for row in rows_of(track, ()) if row.by in ("all", "city", "horizon")]
    return {
        "hours": track.hours,
        "since": None if track.since is None else track.since.isoformat(),
        "until": None if track.until is None else track.until.isoformat(),
        "late": track.late,
        "rows": [asdict(row) for row in rows],
        "pit": track.pit.tolist(),
        "warnings": [asdict(one) for one in warning_rows(track)],
    }


def is_enough(track: Track) -> bool:
    """Whether so many hours were verified that a verdict says something."""
    return track.hours >= ENOUGH_HOURS
