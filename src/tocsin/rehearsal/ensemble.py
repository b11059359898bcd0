"""A span under several strategies over many seeds, with the spread that luck makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tocsin.geography.metric import Floats
from tocsin.rehearsal.simulation.ground import prepare
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.strategies.merged import sharpened
from tocsin.rehearsal.strategies.scores import run_of
from tocsin.rehearsal.strategies.tuning import Tuned
from tocsin.rehearsal.town import Calls, Outcome, Town

NOISE_CV = 0.3
"""Coefficient of variation of the drive that no strategy sees."""
BAND = (0.1, 0.9)
"""Ends of the 80 % band over seeds."""


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """Some seeds of an ensemble, to be run anywhere."""

    town: Town
    strategies: tuple[Tuned, ...]
    courses: tuple[tuple[int, Calls], ...]


@dataclass(frozen=True, slots=True)
class SeedResult:
    """One strategy on the calls of one seed. Times in seconds of answered calls that count; None without any."""

    seed: int
    strategy: str
    calls: int
    late: int
    unserved: int
    mean_s: float | None
    p90_s: float | None
    moves: int
    empty_s: float
    busy_s: float
    on_s: float
    decisions: int


@dataclass(frozen=True, slots=True)
class Spread:
    """One strategy over all seeds: late share of all of them together, with the 80 % band of single seeds, and the
    same for mean and p90. `utilisation`: share of unit time on duty that is busy."""

    strategy: str
    seeds: int
    calls: int
    late: int
    late_share: float | None
    late_low: float | None
    late_high: float | None
    unserved: int
    mean_s: float | None
    mean_low_s: float | None
    mean_high_s: float | None
    p90_s: float | None
    moves_per_unit_hour: float | None
    empty_min_per_unit_hour: float | None
    utilisation: float | None


@dataclass(frozen=True, slots=True)
class Against:
    """One strategy against another on the same seeds: late calls, `one / other - 1`, of all seeds together and as the
    80 % band of single seeds; None where the other has none late. `fewer_in`: in how many seeds one had fewer."""

    one: str
    other: str
    relative: float | None
    low: float | None
    high: float | None
    fewer_in: int
    more_in: int
    seeds: int


def with_noise(calls: Calls, seed: int, cv: float = NOISE_CV) -> Calls:
    """The same calls with a drawn factor on each drive: lognormal, mean 1."""
    sigma = float(np.sqrt(np.log1p(cv**2)))
    drawn = np.random.default_rng([seed, 3]).standard_normal(len(calls))
    return replace(calls, noise=np.exp(sigma * drawn - sigma**2 / 2.0))


def run_shard(shard: Shard) -> list[SeedResult]:
    """Every strategy on every course of calls: the same calls for all of them. Raises: BadTown."""
    plain = prepare(shard.town)
    # Tables of a sharpness of their own know one state of the roads only.
    slopes = {t.name: None if shard.town.roads else t.slope_s for t in shard.strategies}
    towns = {slope: plain if slope is None else sharpened(plain, slope) for slope in set(slopes.values())}
    return [
        _result(shard.town, calls, t.name, seed, simulate(towns[slopes[t.name]], calls, t.strategy, warm_up=0.0))
        for seed, calls in shard.courses
        for t in shard.strategies
    ]


def shards_of(
    town: Town, strategies: Sequence[Tuned], courses: Sequence[tuple[int, Calls]], shards: int
) -> list[Shard]:
    """The ensemble in about so many parts of the same size."""
    size = max(1, -(-len(courses) // max(shards, 1)))
    parts = [courses[i : i + size] for i in range(0, len(courses), size)]
    return [Shard(town, tuple(strategies), tuple(part)) for part in parts]


def spreads_of(results: Sequence[SeedResult]) -> list[Spread]:
    """One row a strategy, in the order in which they were run."""
    names = list(dict.fromkeys(result.strategy for result in results))
    return [_spread(name, [r for r in results if r.strategy == name]) for name in names]


def against(results: Sequence[SeedResult], one: str, other: str) -> Against:
    """Two strategies, paired by seed."""
    mine = {r.seed: r for r in results if r.strategy == one}
    theirs = {r.seed: r for r in results if r.strategy == other}
    both = [(mine[seed].late, theirs[seed].late) for seed in mine if seed in theirs]
    ratios = np.array([a / b - 1.0 for a, b in both if b > 0])
    late, base = sum(a for a, _ in both), sum(b for _, b in both)
    low, high = _band(ratios)
    return Against(
        one=one,
        other=other,
        relative=late / base - 1.0 if base else None,
        low=low,
        high=high,
        fewer_in=sum(a < b for a, b in both),
        more_in=sum(a > b for a, b in both),
        seeds=len(both),
    )


def by_name(results: Sequence[SeedResult]) -> Mapping[str, list[SeedResult]]:
    """The results of each strategy, by seed."""
    found: dict[str, list[SeedResult]] = {}
    for result in sorted(results, key=lambda r: r.seed):
        found.setdefault(result.strategy, []).append(result)
    return found


def _result(town: Town, calls: Calls, strategy: str, seed: int, outcome: Outcome) -> SeedResult:
    run = run_of(town, calls, outcome)
    answered = run.response_s[np.isfinite(run.response_s)]
    return SeedResult(
        seed=seed,
        strategy=strategy,
        calls=len(run.late),
        late=int(run.late.sum()),
        unserved=len(run.late) - len(answered),
        mean_s=float(answered.mean()) if len(answered) else None,
        p90_s=float(np.quantile(answered, 0.9)) if len(answered) else None,
        moves=run.moves,
        empty_s=run.empty_s,
        busy_s=run.busy_s,
        on_s=run.on_s,
        decisions=outcome.decisions,
    )


def _spread(name: str, results: Sequence[SeedResult]) -> Spread:
    calls, late = sum(r.calls for r in results), sum(r.late for r in results)
    late_low, late_high = _band(np.array([r.late / r.calls for r in results if r.calls]))
    means = np.array([r.mean_s for r in results if r.mean_s is not None], dtype=np.float64)
    weights = np.array([r.calls - r.unserved for r in results if r.mean_s is not None], dtype=np.float64)
    mean_low_s, mean_high_s = _band(means)
    hours, busy = sum(r.on_s for r in results) / 3600.0, sum(r.busy_s for r in results) / 3600.0
    p90 = [r.p90_s for r in results if r.p90_s is not None]
    return Spread(
        strategy=name,
        seeds=len(results),
        calls=calls,
        late=late,
        late_share=late / calls if calls else None,
        late_low=late_low,
        late_high=late_high,
        unserved=sum(r.unserved for r in results),
        mean_s=float(np.average(means, weights=weights)) if len(means) else None,
        mean_low_s=mean_low_s,
        mean_high_s=mean_high_s,
        p90_s=float(np.mean(p90)) if p90 else None,
        moves_per_unit_hour=sum(r.moves for r in results) / hours if hours > 0 else None,
        empty_min_per_unit_hour=sum(r.empty_s for r in results) / 60.0 / hours if hours > 0 else None,
        utilisation=busy / hours if hours > 0 else None,
    )


def _band(values: Floats) -> tuple[float | None, float | None]:
    if not len(values):
        return None, None
    low, high = np.quantile(values, BAND).tolist()
    return low, high
