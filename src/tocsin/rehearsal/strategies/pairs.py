"""Whether one strategy leaves fewer calls late than another, or whether it was luck.

Strategies are compared on the same calls. Calls of one day stand together, since they share its luck: whole days are
drawn with replacement, the same for both strategies and for all fleets of a city, and the relative difference of the
sums is taken each time. Source: Künsch 1989, Annals of Statistics 17 (blocks); Efron and Tibshirani 1993 (percentiles).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.geography.metric import Floats
from tocsin.rehearsal.strategies.scores import Run

DRAWS = 2_000
LEAST_BLOCKS = 6
"""Days below which nothing is claimed: five days of one sign come by chance 6 times in 100."""


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """Two strategies on the calls of one fleet of one city. Days of runs with the same `pack` are the same days."""

    pack: str
    one: Run
    other: Run


@dataclass(frozen=True, slots=True)
class Difference:
    """`one` against `other`, pooled over cases. `relative`: late calls, one / other - 1, with its 95 % interval; below
    0 `one` is better; None where `other` has none late. `absolute`: difference of late shares, with its interval.
    `mean_s`, `p90_s`: differences of response times of answered calls, with the interval of the first."""

    calls: int
    days: int
    late_one: int
    late_other: int
    relative: float | None
    low: float | None
    high: float | None
    absolute: float
    absolute_low: float
    absolute_high: float
    mean_s: float
    mean_low_s: float
    mean_high_s: float
    p90_s: float

    @property
    def result(self) -> str:
        """`fewer` or `more` late calls when the interval excludes 0 and there were days enough, else `open`."""
        if self.days < LEAST_BLOCKS:
            return "open"
        if self.absolute_high < 0.0:
            return "fewer"
        return "more" if self.absolute_low > 0.0 else "open"


def difference(pairs: Sequence[Paired], *, seed: int = 1, times: int = DRAWS) -> Difference | None:
    """Pooled over the pairs; None where there is no call at all."""
    sums = [_sums_by_day(pair) for pair in pairs]
    if not sums or sum(s[:, 0].sum() for s in sums) == 0:
        return None
    rng = np.random.default_rng(seed)
    drawn = np.zeros((times, 6))
    days = 0
    for pack in dict.fromkeys(pair.pack for pair in pairs):
        own = [s for s, pair in zip(sums, pairs, strict=True) if pair.pack == pack]
        blocks = max(len(s) for s in own)
        whole = sum(np.pad(s, ((0, blocks - len(s)), (0, 0))) for s in own)
        filled = np.asarray(whole)[np.asarray(whole)[:, 0] > 0]
        days += len(filled)
        for start in range(0, times, 100):
            rows = rng.integers(0, len(filled), (min(100, times - start), len(filled)))
            drawn[start : start + len(rows)] += filled[rows].sum(axis=1)
    total = np.sum([s.sum(axis=0) for s in sums], axis=0)
    return _of_sums(total, drawn, days, _p90(pairs))


def _sums_by_day(pair: Paired) -> Floats:
    """By day: calls, late by one, late by the other, calls answered by both, seconds of each of these."""
    one, other = pair.one, pair.other
    if not np.array_equal(one.day, other.day):
        raise ValueError("two strategies are compared on the same calls only")
    both = np.isfinite(one.response_s) & np.isfinite(other.response_s)
    columns = (
        np.ones(len(one.late)),
        one.late.astype(np.float64),
        other.late.astype(np.float64),
        both.astype(np.float64),
        np.where(both, one.response_s, 0.0),
        np.where(both, other.response_s, 0.0),
    )
    days = int(one.day.max(initial=-1)) + 1
    return np.stack([np.bincount(one.day, weights=column, minlength=days) for column in columns], axis=1)


def _of_sums(total: Floats, drawn: Floats, days: int, p90_s: float) -> Difference:
    known = drawn[drawn[:, 2] > 0]
    ratios = known[:, 1] / known[:, 2] - 1.0
    shares = (drawn[:, 1] - drawn[:, 2]) / np.maximum(drawn[:, 0], 1.0)
    means = (drawn[:, 4] - drawn[:, 5]) / np.maximum(drawn[:, 3], 1.0)
    return Difference(
        calls=int(total[0]),
        days=days,
        late_one=int(total[1]),
        late_other=int(total[2]),
        relative=float(total[1] / total[2] - 1.0) if total[2] > 0 else None,
        low=_at(ratios, 0.025) if total[2] > 0 else None,
        high=_at(ratios, 0.975) if total[2] > 0 else None,
        absolute=float((total[1] - total[2]) / total[0]),
        absolute_low=float(np.quantile(shares, 0.025)),
        absolute_high=float(np.quantile(shares, 0.975)),
        mean_s=float((total[4] - total[5]) / max(total[3], 1.0)),
        mean_low_s=float(np.quantile(means, 0.025)),
        mean_high_s=float(np.quantile(means, 0.975)),
        p90_s=p90_s,
    )


def _at(values: Floats, level: float) -> float | None:
    return float(np.quantile(values, level)) if len(values) else None


def _p90(pairs: Sequence[Paired]) -> float:
    one, other = (np.concatenate([getattr(p, name).response_s for p in pairs]) for name in ("one", "other"))
    both = np.isfinite(one) & np.isfinite(other)
    return float(np.quantile(one[both], 0.9) - np.quantile(other[both], 0.9)) if both.any() else 0.0
