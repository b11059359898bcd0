"""What a strategy came to: lateness, times, moves, and who waits longest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.metric import Floats, Metric
from tocsin.rehearsal.town import HOUR_S, Calls, Outcome, Rows, Town

COUNT_UP_TO = 2
"""Calls of this priority or a more urgent one count."""
FEWEST_IN_GROUP = 10
"""Calls below which a group of zones is not ranked."""
CALLS_A_GROUP = 50
"""Zones are put together into squares of about so many calls, where areas are too many or too few."""
THIRDS = ("low", "middle", "high")
NO_THIRDS: Rows = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One strategy on one set of calls: response of each call that counts.

    `response_s` (m,), infinite where nobody ever came; `late` bool (m,); `zone`, `day` (m,). `all_s`: responses of
    calls of every priority."""

    response_s: Floats
    late: NDArray[np.bool_]
    zone: Rows
    day: NDArray[np.int64]
    all_s: Floats
    moves: int
    empty_s: float
    busy_s: float
    on_s: float

    @property
    def utilisation(self) -> float | None:
        return self.busy_s / self.on_s if self.on_s > 0.0 else None


def run_of(town: Town, calls: Calls, outcome: Outcome) -> Run:
    """The calls after the warm-up."""
    after = np.arange(len(calls)) >= outcome.first
    counts = after & (calls.priority <= COUNT_UP_TO)
    response_s = outcome.response_s[counts]
    return Run(
        response_s=response_s,
        late=response_s > town.target_s,
        zone=calls.zone[counts],
        day=(calls.at_s[counts] // (24.0 * HOUR_S)).astype(np.int64),
        all_s=outcome.response_s[after],
        moves=outcome.moves + outcome.returns_elsewhere,
        empty_s=outcome.move_s + outcome.return_s,
        busy_s=outcome.busy_s,
        on_s=outcome.on_s,
    )


def joined(runs: Sequence[Run]) -> Run:
    """Several runs of one strategy as one; their days follow each other."""
    days, offset = [], 0
    for run in runs:
        days.append(run.day + offset)
        offset += int(run.day.max(initial=-1)) + 1
    return Run(
        response_s=np.concatenate([run.response_s for run in runs]),
        late=np.concatenate([run.late for run in runs]),
        zone=np.concatenate([run.zone for run in runs]),
        day=np.concatenate(days),
        all_s=np.concatenate([run.all_s for run in runs]),
        moves=sum(run.moves for run in runs),
        empty_s=sum(run.empty_s for run in runs),
        busy_s=sum(run.busy_s for run in runs),
        on_s=sum(run.on_s for run in runs),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """Of the calls that count. Shares 0..1; None where there is nothing to take a share or a mean of, or where a
    quantile is of calls that nobody ever answered.

    `worst_1_percent_s`: mean of the slowest hundredth. `worst_decile_late`: late share in the tenth of the groups of
    zones that fares worst under this strategy; `worst_decile_mean_s`: mean response in the tenth that waits longest.
    `moves_per_unit_hour`: idle moves and returns to another station than home. `empty_min_per_unit_hour`: minutes of
    driving for these and for returning."""

    calls: int
    unserved: int
    late: int
    late_share: float | None
    mean_s: float | None
    p50_s: float | None
    p90_s: float | None
    worst_1_percent_s: float | None
    mean_all_s: float | None
    worst_decile_late: float | None
    worst_decile_mean_s: float | None
    late_by_density: Mapping[str, float | None]
    late_by_income: Mapping[str, float | None]
    moves_per_unit_hour: float | None
    empty_min_per_unit_hour: float | None
    utilisation: float | None


def score_of(run: Run, group: Rows, density: Rows, income: Rows = NO_THIRDS) -> Score:
    """The score of a run. `group`, `density`, `income`: int32 (Z,), group and thirds of each zone, -1 none; no thirds
    where they are empty."""
    n = len(run.late)
    answered = run.response_s[np.isfinite(run.response_s)]
    unit_hours = run.on_s / HOUR_S
    return Score(
        calls=n,
        unserved=n - len(answered),
        late=int(run.late.sum()),
        late_share=float(run.late.mean()) if n else None,
        mean_s=float(answered.mean()) if len(answered) else None,
        p50_s=_quantile(run.response_s, 0.5),
        p90_s=_quantile(run.response_s, 0.9),
        worst_1_percent_s=_worst(run.response_s),
        mean_all_s=_mean(run.all_s),
        worst_decile_late=worst_decile(run, group, run.late.astype(np.float64)),
        worst_decile_mean_s=worst_decile(run, group, run.response_s),
        late_by_density=_late_by_third(run, density),
        late_by_income=_late_by_third(run, income),
        moves_per_unit_hour=run.moves / unit_hours if unit_hours > 0.0 else None,
        empty_min_per_unit_hour=run.empty_s / 60.0 / unit_hours if unit_hours > 0.0 else None,
        utilisation=run.utilisation,
    )


def worst_decile(run: Run, group: Rows, value: Floats) -> float | None:
    """Mean value over the calls of the tenth of the groups where it is largest, of those with `FEWEST_IN_GROUP`
    answered calls. `value`: (m,), by call."""
    if not len(run.late) or not len(group):
        return None
    of = group[run.zone]
    inside = (of >= 0) & np.isfinite(value)
    calls = np.bincount(of[inside], minlength=1)
    total = np.bincount(of[inside], weights=value[inside], minlength=1)
    ranked = np.flatnonzero(calls >= FEWEST_IN_GROUP)
    if not len(ranked):
        return None
    order = ranked[np.argsort(-total[ranked] / calls[ranked], kind="stable")]
    worst = order[: max(1, round(len(ranked) / 10))]
    return float(total[worst].sum() / calls[worst].sum())


def groups_of(town: Town, run: Run) -> Rows:
    """Group of each zone, int32 (Z,), by which fairness is judged: the pack's areas where calls make them large
    enough, else squares of about `CALLS_A_GROUP` calls."""
    counts = np.bincount(town.area[run.zone] + 1)[1:] if len(run.zone) else np.zeros(0)
    held = int((counts >= FEWEST_IN_GROUP).sum())
    if held >= 10 and counts[counts >= FEWEST_IN_GROUP].sum() >= 0.8 * len(run.zone):
        return town.area
    lon, lat = town.lon[: town.zones], town.lat[: town.zones]
    x, y = Metric(float(lon.mean()), float(lat.mean())).metres(lon, lat)
    wanted = max(10.0, len(run.zone) / CALLS_A_GROUP)
    side = max(float(np.sqrt(max(np.ptp(x) * np.ptp(y), 1.0) / wanted)), 1.0)
    cell = np.floor((x - x.min()) / side) * 100_000 + np.floor((y - y.min()) / side)
    return np.unique(cell, return_inverse=True)[1].astype(np.int32)


def densities_of(people: Floats) -> Rows:
    """Third of the inhabited zones by people, which for zones of one size is density: 0 low, 1 middle, 2 high."""
    return thirds_of(people, people > 0.0)


def thirds_of(value: Floats, known: NDArray[np.bool_]) -> Rows:
    """Third of each zone among those that are known, int32 (Z,), -1 for the others; empty where hardly any is known or
    all are alike."""
    group = np.full(len(value), -1, dtype=np.int32)
    if known.sum() < len(THIRDS) or np.ptp(value[known]) <= 0.0:
        return NO_THIRDS
    bounds = np.quantile(value[known], (1 / 3, 2 / 3))
    group[known] = np.searchsorted(bounds, value[known], side="left")
    return group


def _late_by_third(run: Run, third: Rows) -> dict[str, float | None]:
    if not len(third):
        return {}
    return {name: _share(run.late[third[run.zone] == i]) for i, name in enumerate(THIRDS)}


def _quantile(values: Floats, at: float) -> float | None:
    if not len(values):
        return None
    value = float(np.sort(values)[min(len(values) - 1, int(at * len(values)))])
    return value if np.isfinite(value) else None


def _worst(values: Floats) -> float | None:
    worst = np.sort(values)[-max(1, len(values) // 100) :]
    return _mean(worst) if np.isfinite(worst).all() else None


def _mean(values: Floats) -> float | None:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else None


def _share(flags: NDArray[np.bool_]) -> float | None:
    return float(flags.mean()) if len(flags) else None
