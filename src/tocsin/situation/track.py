"""The track record as it adds up: what was said and waits for its truth, and running sums of what was verified.

Kept in the picture, so that a restart reads nothing again. An hour counts as it was known one hour after its end
(`GRACE`); calls that come in later are counted as `late` and change no sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.model.forecast import Demand, Part
from tocsin.model.ids import AreaId, WarningId
from tocsin.model.verification import CHANCE_BINS, FIGURES, HORIZONS, PIT_BINS, Verdict, Verification
from tocsin.model.warnings import Warned, WarningKind

HOUR = timedelta(hours=1)
GRACE = HOUR
"""An hour is verified when it has been over for so long: until then late reports still count."""
KEEP_SAID = (max(HORIZONS) + 14) * HOUR
"""What was said is kept for so long: a warning whose window is over is judged by what was said before it began."""
KEEP_LEADS = 1000
"""Lead times kept per kind of warning, newest last."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What one forecast said at `HORIZONS`: a demand of these steps alone. `steps`: hours ahead of its columns."""

    demand: Demand
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WarningTally:
    """Warnings of one kind so far. `over`: those whose window is over and that could be judged; `came` of them came
    true. `unjudged`: those that nothing here can judge. `leads_s`: from proposed to the end of the proving hour."""

    proposed: int = 0
    issued: int = 0
    over: int = 0
    came: int = 0
    unjudged: int = 0
    leads_s: tuple[float, ...] = ()


def _sums(*shape: int) -> Floats:
    return np.zeros((*shape, len(FIGURES)))


@dataclass(frozen=True, slots=True)
class Track:
    """Running sums over every hour verified, F figures each (`model.verification.FIGURES`).

    `areas`: float64 (A, F) in the order of `City.areas`. `horizons`, `city`: float64 (4, F). `kinds`: kind of call to
    float64 (F,). `pit`: int64 (10,). `chances`: float64 (10, 3). `since`, `until`: start of the first and end of the
    newest hour verified. `late`: calls that came in when their hour had been verified. `beyond`: hours of the city
    that left what was said; `beyond_warned`: those of them in which a warning stood. `waiting`: warnings whose
    verdict is still to come.
    """

    areas: Floats
    said: tuple[Ahead, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    hours: int = 0
    late: int = 0
    models: tuple[str, ...] = ()
    horizons: Floats = field(default_factory=lambda: _sums(len(HORIZONS)))
    city: Floats = field(default_factory=lambda: _sums(len(HORIZONS)))
    kinds: Mapping[str, Floats] = field(default_factory=dict)
    pit: NDArray[np.int64] = field(default_factory=lambda: np.zeros(PIT_BINS, np.int64))
    chances: Floats = field(default_factory=lambda: np.zeros((CHANCE_BINS, 3)))
    beyond: int = 0
    beyond_warned: int = 0
    waiting: Mapping[WarningId, WarningKind] = field(default_factory=dict)
    warnings: Mapping[str, WarningTally] = field(default_factory=dict)

    def find_said(self, hour: datetime, ahead_h: int) -> tuple[Demand, int] | None:
        """What was said of `hour` so many hours ahead: a demand and its column, or None."""
        start = hour - (ahead_h - 1) * HOUR
        for ahead in self.said:
            if ahead.demand.start == start and ahead_h in ahead.steps:
                return ahead.demand, ahead.steps.index(ahead_h)
        return None


def no_track(areas: int) -> Track:
    """The record of a desk that has said nothing."""
    return Track(_sums(areas))


def with_said(track: Track, demand: Demand) -> Track:
    """A forecast was issued. The first one said of a start counts."""
    if any(ahead.demand.start == demand.start for ahead in track.said):
        return track
    kept = tuple(a for a in track.said if a.demand.start > demand.start - KEEP_SAID)
    return replace(track, said=(*kept, trimmed(demand)))


def trimmed(demand: Demand) -> Ahead:
    """Only what the track record needs of a forecast."""
    steps = tuple(h for h in HORIZONS if h <= len(demand.city_mean)) if demand.step_s == 3600 else ()
    at = np.array(steps, np.intp) - 1
    parts = demand.parts and tuple(Part(p.weight, p.mean[:, at], p.dispersion[:, at]) for p in demand.parts)
    kept = replace(
        demand,
        mean=demand.mean[:, at],
        dispersion=demand.dispersion[:, at],
        quantiles=demand.quantiles[:, at],
        city_mean=demand.city_mean[at],
        city_dispersion=demand.city_dispersion[at],
        city_quantiles=demand.city_quantiles[at],
        recent=None,
        parts=parts,
        kind_mean=None if demand.kind_mean is None else demand.kind_mean[:, at],
        kind_dispersion=None if demand.kind_dispersion is None else demand.kind_dispersion[:, at],
    )
    return Ahead(kept, steps)


def with_verification(track: Track, found: Verification, columns: Mapping[AreaId, int]) -> Track:
    """One more hour verified. An area that the pack no longer has is left out."""
    areas = track.areas.copy()
    for row, area in enumerate(found.areas):
        if area in columns:
            areas[columns[area]] += found.by_area[row]
    kinds = dict(track.kinds)
    for row, kind in enumerate(found.kinds):
        kinds[kind] = kinds.get(kind, _sums()) + found.by_kind[row]
    end = found.hour + HOUR
    return replace(
        track,
        since=track.since or found.hour,
        until=end if track.until is None else max(end, track.until),
        hours=track.hours + 1,
        models=tuple(dict.fromkeys((*track.models, *found.models))),
        areas=areas,
        horizons=track.horizons + found.by_horizon,
        city=track.city + found.city,
        kinds=kinds,
        pit=track.pit + found.pit,
        chances=track.chances + found.chances,
        beyond=track.beyond + bool(found.beyond),
        beyond_warned=track.beyond_warned + bool(found.beyond and found.warned),
    )


def with_call(track: Track, received: datetime) -> Track:
    """A call came in: late where its hour has been verified."""
    late = track.since is not None and track.until is not None and track.since <= received < track.until
    return replace(track, late=track.late + 1) if late else track


def with_proposed(track: Track, warned: Warned) -> Track:
    """A warning was proposed; its verdict comes when its window is over."""
    tally = _tally(track, warned.kind)
    track = _with_tally(track, warned.kind, replace(tally, proposed=tally.proposed + 1))
    return replace(track, waiting={**track.waiting, warned.warning: warned.kind})


def with_issued(track: Track, warned: Warned) -> Track:
    """A named role issued a warning."""
    tally = _tally(track, warned.kind)
    return _with_tally(track, warned.kind, replace(tally, issued=tally.issued + 1))


def with_verdict(track: Track, verdict: Verdict) -> Track:
    """The window of a warning is over, and what became of it is known."""
    tally = _tally(track, verdict.kind)
    if verdict.came is None:
        tally = replace(tally, unjudged=tally.unjudged + 1)
    else:
        leads = tally.leads_s if verdict.lead_s is None else (*tally.leads_s, verdict.lead_s)[-KEEP_LEADS:]
        tally = replace(tally, over=tally.over + 1, came=tally.came + verdict.came, leads_s=leads)
    track = _with_tally(track, verdict.kind, tally)
    return replace(track, waiting={w: kind for w, kind in track.waiting.items() if w != verdict.warning})


def _tally(track: Track, kind: str) -> WarningTally:
    return track.warnings.get(str(kind), WarningTally())


def _with_tally(track: Track, kind: str, tally: WarningTally) -> Track:
    return replace(track, warnings={**track.warnings, str(kind): tally})
