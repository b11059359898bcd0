"""What a volume model has followed up to a local midnight: profile, drift, how much of it lasts, and past errors.

A forecast is, on the scale of log(1 + count), the slow profile of the hour of the week and a share of each drift
(`drift`). The shares are regressed on the past, per day ahead, and shrunk to shares that held in general. That member
believes what the past was like: after steps that faded, a part of the next one is expected to fade. A second member
(`tracked`) holds every step for lasting. Both are averaged by what each missed of late when it forecast one to seven
days ahead; the errors that the average would have made give its law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand import drift, tracked
from tocsin.forecasting.demand.offdays import HALF_DAY, HOLIDAY, ORDINARY, TURN_OF_YEAR, OffDays
from tocsin.forecasting.hours import DAY

SHARES = np.array([0.37, 0.10, 0.34, 0.70, -0.70])
"""Of the five drifts, any day ahead: the prior. Set on pedestrian counts of one city up to October 2021."""
PROFILE_WEEKS = 8.0
SHARES_HALF_LIFE_DAYS = 28.0
SHARES_DAYS = 40.0
"""Days of history that the prior of the shares is worth."""
TRACKED_WEEKS = 3.0
"""Half-life of the tracking member's shape of the week."""
TRACKED_HALF_LIFE_DAYS = 10.0
TRACKED_DAYS = 140
TRACKED_SHARP = 40.0
TRACKED_ODDS = 1.0 / 3.0
TRACKED_LEAST = 0.05
"""The tracking member's weight: its odds where both missed alike, multiplied by exp(-SHARP x) where it missed a share
x more than the other, the latest days counted most. No member gets less than LEAST. Set up to October 2021, on the
same counts as SHARES, and on simulated steps that last and that fade."""
LEARN_FROM_DAY = 28
"""Days that the profile is given before its residuals count in the regression."""
ERROR_DAYS = 112
ERROR_HALF_LIFE_DAYS = 56.0
ERROR_BLOCK_H = 4
PRIOR_ERROR = 0.5
"""Mean absolute error of the logarithm before any was seen, worth one day's hours at each number of days ahead."""
POOLED_WEIGHT = 40.0
"""Weight of a series' own mean error in that of each of its blocks of the day, hours times days ahead."""
EDGES = (0.1, 0.3, 0.7, 0.9)
"""The law has five parts: the errors between these shares of them."""
OFF_SHARE = 0.9
HALF_SHARE = 0.5
NIGHT_SHARE = 0.5
NIGHT_UNTIL_H = 5
OFF_DAYS = 3.0
"""How far a holiday lies from its weekday towards the last day of a weekend, what of that holds on a half day and in
the night before, and how many holidays the first is worth."""
WIDER = {ORDINARY: 1.0, HOLIDAY: 1.4, HALF_DAY: 1.2, TURN_OF_YEAR: 1.6}
UNKNOWN_LOG = float(np.log1p(0.3))
UNKNOWN_ERROR = 0.7
MOST_GROWTH = 4.0
"""The variance of an error grows with the days ahead beyond a week, up to this."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Days:
    """D local days from the ordinal `first`. `z`: float64 (D, 24, S), log(1 + count), NaN unknown."""

    first: int
    z: Floats
    off: OffDays

    @property
    def weekday(self) -> Ints:
        return (self.first - 1 + np.arange(len(self.z))) % 7


@dataclass(frozen=True, slots=True)
class Law:
    """Shape of standardised errors, K parts: `weight`, `middle`, `spread` (variance), float64 (K,)."""

    weight: Floats
    middle: Floats
    spread: Floats


@dataclass(frozen=True, slots=True)
class Followed:
    """State after the last whole day. S series.

    `day`: its ordinal. `profile` (7, 24, S), `hours` (4, 24, S), `days` (2, S): see `drift.follow`. `share`: (7, 5).
    `scale`: (24, S), mean absolute error one to seven days ahead; `lead`: (7,), factor on it per day ahead.
    `shape` (7, 24, S), `level` (S,), `weight`: the tracking member's, NaN where nothing was seen (`tracked.track`).
    `off_share`: how far holidays lie towards the weekend's last day. `seen`: bool (24, S), hours of the day ever known;
    the profile of others is the mean of the series' own, or of the other series.
    """

    day: int
    profile: Floats
    hours: Floats
    days: Floats
    share: Floats
    scale: Floats
    lead: Floats
    law: Law
    shape: Floats
    level: Floats
    weight: float
    off_share: float
    seen: NDArray[np.bool_]

    def middle(self, day: Ints, hour: Ints, off: OffDays, today: Floats | None = None) -> Floats:
        """Middle of log(1 + count) of the hours (n,) of local days `day` (ordinals): float64 (n, S).

        `off`: of the same n hours. `today`: (S,), replaces the drift of the last day.
        """
        weekday = (day - 1) % 7
        rest = np.full_like(weekday, off.rest)
        resembles = np.where(off.kind == ORDINARY, weekday, rest)
        share = self._towards(hour, off)
        usual = self.profile[weekday, hour]
        moved = share * (self.profile[rest, hour] - usual)
        base = usual
        believed = self.share[np.clip(day - self.day, 1, drift.LEADS) - 1]
        last = self.days[0] if today is None else today
        lasting = self.shape[weekday, hour] + self.level + tracked.GAIN * (last - self.days[0])
        group = off.free[resembles].astype(np.int64)
        told = (self.hours[0][hour], self.hours[1][hour], self.hours[2 + group, hour], last[None], self.days[1][None])
        for i, feature in enumerate(told):
            base = base + believed[:, i, None] * feature
        return base + moved + self.weight * np.where(np.isfinite(lasting), lasting - base, 0.0)

    def error(self, day: Ints, hour: Ints, off: OffDays) -> Floats:
        """Mean absolute error expected there, float64 (n, S)."""
        ahead = np.maximum(day - self.day, 1)
        grown = self.lead[np.minimum(ahead, drift.LEADS) - 1] * np.sqrt(np.clip(ahead / drift.LEADS, 1.0, MOST_GROWTH))
        wider = np.array([WIDER[kind] for kind in range(len(WIDER))])[off.kind]
        own = np.minimum(self.scale[hour] * (grown * wider)[:, None], 2.0)
        return np.where(self.seen[hour], own, UNKNOWN_ERROR)

    def _towards(self, hour: Ints, off: OffDays) -> Floats:
        part = np.where(off.kind == HOLIDAY, 1.0, np.where(off.kind == ORDINARY, 0.0, HALF_SHARE))
        night = np.where(hour < NIGHT_UNTIL_H, NIGHT_SHARE, 1.0)
        return np.asarray((self.off_share * part * night)[:, None], dtype=np.float64)


_Told = tuple[Floats, Ints, Ints, NDArray[np.bool_], Floats, Floats, Floats]


def followed(days: Days) -> Followed:
    """Follow D ≥ 0 days."""
    z, weekday, group = days.z, days.weekday, days.off.free.astype(np.int64)
    ordinary = np.asarray(days.off.kind == ORDINARY, dtype=np.bool_)
    if not ordinary.any():
        ordinary = np.ones(len(z), np.bool_)
    before, after, hours, level = drift.follow(z, weekday, group, ordinary, PROFILE_WEEKS)
    told = (z, weekday, group, ordinary, before, hours, level)
    shares = _shares(ordinary, told)
    shape, lasting, tracked_level = tracked.track(z, weekday, group, ordinary, TRACKED_WEEKS)
    weight = _weight(told, shares, shape, tracked_level)
    share, age = shares[-1], _age(len(z))
    both = (share, shape, tracked_level, weight, age)
    scale = _scale(*drift.errors(*told, *both, ERROR_BLOCK_H))
    lead, law = _shape(drift.histogram(*told, *both, scale))
    last = len(z) - 1
    series = z.shape[2]
    return Followed(
        days.first + last,
        _filled(after),
        hours[last] if len(z) else np.zeros((4, DAY, series)),
        level[last] if len(z) else np.zeros((2, series)),
        share,
        scale,
        lead,
        law,
        lasting,
        tracked_level[last] if len(z) else np.zeros(series),
        weight,
        _off_share(days, before, level),
        np.isfinite(after[0]),
    )


def _filled(profile: Floats) -> Floats:
    """Hours that were never known: the mean of the series' others; a series never known: the mean of the others."""
    known = np.isfinite(profile)
    own = np.where(known, profile, 0.0).sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    has = np.asarray(known.sum(axis=1, keepdims=True) > 0)
    others = np.where(has, own, 0.0).sum(axis=2, keepdims=True) / np.maximum(has.sum(axis=2, keepdims=True), 1)
    instead = np.where(has, own, np.where(has.sum(axis=2, keepdims=True) > 0, others, UNKNOWN_LOG))
    return np.where(known, profile, instead)


def _shares(ordinary: NDArray[np.bool_], told: _Told) -> Floats:
    """As they were after each day (max(D, 1), 7, 5): least squares, shrunk to the prior by the number of days."""
    counted = ordinary.copy()
    counted[:LEARN_FROM_DAY] = False
    if not counted.any():
        return np.tile(SHARES, (max(len(ordinary), 1), drift.LEADS, 1))
    square, target = (_fading(sums, SHARES_HALF_LIFE_DAYS) for sums in drift.normal_equations(counted, *told))
    number = _fading(counted.astype(np.float64), SHARES_HALF_LIFE_DAYS)
    worth = np.divide(SHARES_DAYS, number, out=np.zeros_like(number), where=number > 0)[:, None, None, None]
    trace = np.trace(square, axis1=2, axis2=3)[..., None, None]
    ridge = square * (1.0 + worth) + (1e-6 * trace + 1e-9) * np.eye(drift.FEATURES)
    right = target + (ridge - square) @ SHARES
    return np.asarray(np.linalg.solve(ridge, right[..., None])[..., 0], dtype=np.float64)


def _fading(daily: Floats, half_life_days: float) -> Floats:
    """Sums over the days up to each day, (D, ...), the weight of a day halving in that many days."""
    total = daily.copy()
    for j in range(1, len(total)):
        total[j] += 0.5 ** (1.0 / half_life_days) * total[j - 1]
    return total


def _weight(told: _Told, shares: Floats, shape: Floats, level: Floats) -> float:
    """Of the tracking member, from what both missed; nothing before the shares were first learned."""
    days = len(told[0])
    if days <= LEARN_FROM_DAY:
        return 0.0
    missed = tracked.losses(*told, shares, shape, level, max(LEARN_FROM_DAY, days - TRACKED_DAYS))
    own, lasting = _fading(missed, TRACKED_HALF_LIFE_DAYS)[-1]
    least = min(own, lasting)
    more = np.clip(TRACKED_SHARP * (lasting - own) / least, -50.0, 50.0) if least > 0 else 0.0
    odds = TRACKED_ODDS * float(np.exp(-more))
    return TRACKED_LEAST + (1.0 - 2.0 * TRACKED_LEAST) * odds / (1.0 + odds)


def _age(days: int) -> Floats:
    """Weight of each day's errors, 0 for those left out: too old, or before a week was seen."""
    back = np.arange(days - 1, -1, -1.0)
    weight = np.where(back < ERROR_DAYS, 0.5 ** (back / ERROR_HALF_LIFE_DAYS), 0.0)
    weight[: min(7, max(days - 7, 0))] = 0.0
    return weight


def _scale(total: Floats, weight: Floats) -> Floats:
    """Mean absolute error per hour of the day and series (24, S), shrunk to the series' own, and that to the prior."""
    prior = float(DAY * drift.LEADS)
    own = (total.sum(axis=0) + prior * PRIOR_ERROR) / (weight.sum(axis=0) + prior)
    block = (total + POOLED_WEIGHT * own) / (weight + POOLED_WEIGHT)
    return np.asarray(np.maximum(np.repeat(block, ERROR_BLOCK_H, axis=0), 1e-3), dtype=np.float64)


def _shape(counted: Floats) -> tuple[Floats, Law]:
    """Factor per day ahead (7,) and the law of what is left, from counts (7, BINS) of standardised errors."""
    at = (np.arange(drift.BINS) - drift.BINS // 2) * drift.BIN
    prior = float(DAY)
    number = counted.sum(axis=1)
    lead = np.clip((counted @ np.abs(at) + prior) / (number + prior), 0.25, 4.0)
    x = (at / lead[:, None]).ravel()
    order = np.argsort(x, kind="stable")
    x, share = x[order], counted.ravel()[order] + 0.05 * np.exp(-0.5 * (x / 1.25) ** 2)
    sums = np.zeros((3, len(x) + 1))
    np.cumsum(share * np.stack([np.ones_like(x), x, x**2]) / share.sum(), axis=1, out=sums[:, 1:])
    edges = np.array([0.0, *EDGES, 1.0])
    weight = np.diff(edges)
    first, second = (np.diff(np.interp(edges, sums[0], part)) / weight for part in sums[1:])
    return lead, Law(weight, first, np.maximum(second - first**2, 1e-6))


def _off_share(days: Days, before: Floats, level: Floats) -> float:
    """Least squares over the holidays seen, shrunk to the prior; 0 to 1.2."""
    weekday = days.weekday
    top = bottom = 0.0
    seen = 0
    for j in np.flatnonzero(days.off.kind == HOLIDAY):
        rests = np.flatnonzero((weekday[:j] == days.off.rest) & (days.off.kind[:j] == ORDINARY))
        if weekday[j] == days.off.rest or len(rests) == 0:
            continue
        hours = slice(NIGHT_UNTIL_H, DAY)
        toward = (before[rests[-1]] - before[j])[hours]
        went = (days.z[j] - before[j] - level[j, 1])[hours]
        weight = np.where(np.isfinite(toward + went), np.exp(np.minimum(before[j][hours], 30.0)), 0.0)
        top += float(np.nansum(weight * toward * went))
        bottom += float(np.nansum(weight * toward**2))
        seen += 1
    if bottom <= 0:
        return OFF_SHARE
    return float(np.clip((seen * top / bottom + OFF_DAYS * OFF_SHARE) / (seen + OFF_DAYS), 0.0, 1.2))
