"""What is usual: an hour-of-week rate with a slow level, learned so that neither a storm nor a silent feed moves it.

Recipe 4a's profile with hours cut at what an ordinary hour can bring, hours left out that a working feed cannot have
been so quiet in, and a level that is a weighted median of days. Areas and kinds take their share of the city and their
own day, shrunk. What is not known of the level goes into the dispersion, so that a short history alarms late.
Constants were set on Montgomery County, Dublin and simulated streams.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import laws
from tocsin.forecasting.hours import DAY, WEEK

MOST_WEEKS = 26
HALF_LIFE_WEEKS = 10.0
LEVEL_DAYS = 28
LEVEL_HALF_LIFE_DAYS = 10.0
DISPERSION_WEEKS = 16
DAY_CALLS, WEEK_CALLS, OWN_CALLS = 6.0, 20.0, 15.0
"""Calls that outweigh the general day, the same hour of all days, and the city's day (for areas and kinds)."""
LEAST_SHARE = 0.005
"""An area or kind is taken to bring at least this share of the city's calls: a new one is no surge at five calls."""
LEAST_OWN_DISPERSION = 0.3
SHARE_CALLS = 2.0
"""Calls of prior, spread evenly, in the share of an area or kind."""
CUT = 1e-3
"""An hour counts at most what one ordinary hour in a thousand brings."""
TOO_QUIET = 1e-5
"""Hours and runs of hours so unlikely to be so quiet are taken for a feed that did not tell."""
LEAST_DISPERSION = 0.01
KEPT_PER_H, KEPT_HOURS = 0.73, 200.0
"""Share of an excess left an hour later before any was seen, and how many hours of excess that is worth."""
DAY_SWING, DAY_PEAK_H = 0.5, 16.0
NOTHING_SEEN_PER_H = 1.0

Floats = NDArray[np.float64]
Slots = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Learned:
    """Rates of an ordinary week, float64 (168, S), S = 1 + A + K with the city first; `dispersion` (2, S)."""

    mean: Floats
    dispersion: Floats
    kept_per_h: float
    weeks: float


def learn(table: Floats, known: NDArray[np.bool_], slots: Slots) -> Learned:
    """From counts per hour, newest last: float64 (H, S), city first; `known` bool (H,); `slots` hours of the week."""
    kept = slice(max(0, len(table) - MOST_WEEKS * WEEK), None)
    table, known, slots = table[kept], known[kept], slots[kept]
    city = table[:, 0]
    fit, cut, known = _fitted(city, known, slots)
    level, doubt = _level(cut, fit[slots], known)
    one_h, six_h = _dispersions(cut, fit[slots] * _weekly(cut, fit[slots], known), known)
    seen = float((cut * known).sum())
    day_doubt = 1.0 / (seen / DAY + DAY_CALLS) if seen else 1.0
    extra = doubt + day_doubt
    mean = _own(table, known, slots, fit * level)
    own = _own_dispersion(table, known, slots, mean)
    both = np.vstack([np.maximum(own, one_h), np.maximum(own, six_h)])
    both[:, 0] = one_h, six_h
    return Learned(mean, both + extra, _kept(city, fit[slots] * level, known, one_h), len(table) / WEEK)


def _fitted(city: Floats, known: NDArray[np.bool_], slots: Slots) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Rates per hour of the week (168,), counts cut at what is ordinary, hours that tell something: three rounds."""
    cut, dispersion = city, 0.2
    fit = _profile(cut, known, slots)
    for _ in range(3):
        if not known.any():
            break
        expected = np.maximum(fit[slots], 1e-6)
        known = known & ~_silent(city, expected, known)
        most = laws.quantiles(fit, dispersion, (1.0 - CUT,))[:, 0][slots]
        cut = np.minimum(city, most)
        fit = _profile(cut, known, slots)
        dispersion = max(LEAST_DISPERSION, _moment(cut, fit[slots], known))
    return fit, cut, known


def _profile(calls: Floats, known: NDArray[np.bool_], slots: Slots) -> Floats:
    """Calls per hour for each hour of the week, from the general day through the day seen to the week seen."""
    day = 1.0 + DAY_SWING * np.cos(2.0 * np.pi * (np.arange(WEEK) + 0.5 - DAY_PEAK_H) / DAY)
    weight = np.where(known, 0.5 ** (np.arange(len(calls) - 1, -1, -1) / (WEEK * HALF_LIFE_WEEKS)), 0.0)
    total = np.asarray(np.bincount(slots, weight * calls, WEEK), np.float64)
    hours = np.asarray(np.bincount(slots, weight, WEEK), np.float64)
    rate = (total.sum() + 0.5) / (day @ hours + 0.5 / NOTHING_SEEN_PER_H)
    seen, due = (_around(np.asarray(x.reshape(7, DAY).sum(axis=0))) for x in (total, hours * rate * day))
    base = rate * day * np.tile((seen + DAY_CALLS) / (due + DAY_CALLS), 7)
    return np.asarray(base * (_around(total) + WEEK_CALLS) / (_around(hours * base) + WEEK_CALLS))


def _around(x: Floats) -> Floats:
    """Circular sum of each hour with half of its neighbours."""
    return np.asarray(x + 0.5 * np.roll(x, 1, axis=0) + 0.5 * np.roll(x, -1, axis=0))


def _silent(city: Floats, expected: Floats, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Hours in which the feed cannot have told all: far too quiet, or in a run of silence, and the hours beside."""
    quiet = laws.cdf(city, expected, 0.05) < TOO_QUIET
    edges = np.flatnonzero(np.diff(np.concatenate([[False], (city == 0) & known, [False]]).astype(np.int8)))
    sums = np.concatenate([[0.0], np.cumsum(expected)])
    for begin, end in edges.reshape(-1, 2):
        if sums[end] - sums[begin] > -np.log(TOO_QUIET):
            quiet[max(0, begin - 1) : end + 1] = True
    return quiet & known


def _level(calls: Floats, fit: Floats, known: NDArray[np.bool_]) -> tuple[float, float]:
    """Factor on the profile for the days to come and its relative variance: weighted median of the last days."""
    days = min(len(calls) // DAY, LEVEL_DAYS)
    if not days:
        return 1.0, 1.0 / (float((calls * known).sum()) + 0.5)
    seen, due = (np.where(known, x, 0.0)[-days * DAY :].reshape(days, DAY).sum(axis=1) for x in (calls, fit))
    weight = 0.5 ** (np.arange(days - 1, -1, -1) / LEVEL_HALF_LIFE_DAYS) * due
    if weight.sum() <= 0:
        return 1.0, 1.0
    ratio = seen / np.maximum(due, 1e-9)
    order = np.argsort(ratio, kind="stable")
    share = np.cumsum(weight[order])
    median = float(ratio[order][np.searchsorted(share, 0.5 * share[-1])])
    spread = float(weight @ (np.minimum(ratio, 2.0) - median) ** 2 / weight.sum())
    effective = float(weight.sum() ** 2 / (weight**2).sum())
    calls_seen = float(seen.sum()) + 0.5
    trust = calls_seen / (calls_seen + 2.0 * DAY_CALLS)
    return 1.0 + trust * (median - 1.0), spread / effective + 1.0 / calls_seen


def _weekly(calls: Floats, fit: Floats, known: NDArray[np.bool_]) -> Floats:
    """Each hour's slow level: the ratio of the week around it, float64 (H,)."""
    if not len(calls):
        return np.ones(0)
    window = np.ones(min(len(calls), WEEK))
    seen, due = (np.convolve(np.where(known, x, 0.0), window, "same") for x in (calls, fit))
    return np.asarray((seen + WEEK_CALLS) / (due + WEEK_CALLS))[: len(calls)]


def _dispersions(calls: Floats, fit: Floats, known: NDArray[np.bool_]) -> tuple[float, float]:
    """NB2 dispersion of ordinary counts of one hour and of six."""
    last = slice(max(0, len(calls) - DISPERSION_WEEKS * WEEK), None)
    calls, fit, known = calls[last], fit[last], known[last]
    blocks = len(calls) // 6
    start = len(calls) - 6 * blocks
    seen, due = (np.where(known, x, 0.0)[start:].reshape(blocks, 6).sum(axis=1) for x in (calls, fit))
    one = max(LEAST_DISPERSION, _moment(calls, fit, known))
    return one, max(LEAST_DISPERSION, _moment(seen, due, due > 0))


def _moment(calls: Floats, fit: Floats, known: NDArray[np.bool_]) -> float:
    square = float((fit[known] ** 2).sum())
    if square <= 0:
        return 0.2
    # a prior of 24 hours at .1, so that a day or two of luck does not make a narrow law
    prior = 24.0 * square / max(1, int(known.sum()))
    return float(((calls - fit)[known] ** 2 - calls[known]).sum() + 0.1 * prior) / (square + prior)


def _own(table: Floats, known: NDArray[np.bool_], slots: Slots, city: Floats) -> Floats:
    """Rates of every series, float64 (168, S): its share of the city, and its own day by weekday and weekend."""
    parts = table.shape[1] - 1
    mean = np.tile(city[:, None], (1, parts + 1))
    if not parts:
        return mean
    weight = np.where(known, 0.5 ** (np.arange(len(table) - 1, -1, -1) / (WEEK * HALF_LIFE_WEEKS)), 0.0)
    total = np.zeros((WEEK, parts + 1))
    np.add.at(total, slots, weight[:, None] * table)
    hours = np.bincount(slots, weight, WEEK)
    due = hours @ city
    share = np.maximum((total.sum(axis=0) + SHARE_CALLS / parts) / (due + SHARE_CALLS), LEAST_SHARE)
    for group in (slice(0, 5 * DAY), slice(5 * DAY, WEEK)):
        seen = _around(total[group].reshape(-1, DAY, parts + 1).sum(axis=0))
        fits = (hours * city)[group].reshape(-1, DAY).sum(axis=0)[:, None] * share
        factor = (seen + OWN_CALLS) / (_around(fits) + OWN_CALLS)
        mean[group, 1:] = (city[group, None] * share * np.tile(factor, (mean[group].shape[0] // DAY, 1)))[:, 1:]
    return mean


def _own_dispersion(table: Floats, known: NDArray[np.bool_], slots: Slots, mean: Floats) -> Floats:
    """Per series, shrunk to the pooled one by an average series' weight, counts cut at ten times usual and five."""
    last = slice(max(0, len(table) - DISPERSION_WEEKS * WEEK), None)
    fit = mean[slots[last]][known[last]]
    calls = np.minimum(table[last][known[last]], 10.0 * fit + 5.0)
    over, square = ((calls - fit) ** 2 - calls).sum(axis=0), (fit**2).sum(axis=0)
    if square[1:].sum() <= 0:
        return np.full(table.shape[1], 1.0)
    pooled, weight = over[1:].sum() / square[1:].sum(), square[1:].mean()
    return np.asarray(np.maximum((over + pooled * weight) / (square + weight), LEAST_OWN_DISPERSION))


def _kept(city: Floats, fit: Floats, known: NDArray[np.bool_], dispersion: float) -> float:
    """Share of an excess that is left an hour later, from the hours after those that left the band."""
    excess = np.where(known & (fit > 0), city / np.maximum(fit, 1e-6) - 1.0, 0.0)
    out = known & (laws.exceedance(city, np.maximum(fit, 1e-6), dispersion) < 0.01)
    one, two = out[:-2], (out & np.roll(out, 1))[:-2]
    if not one.any():
        return KEPT_PER_H
    chosen = np.flatnonzero(two if two.any() else one)
    later = np.clip(excess[chosen + 2], 0.0, None).sum()
    now = excess[chosen + 1].clip(0.0).sum() if two.any() else excess[chosen].sum()
    worth = KEPT_HOURS * max(float(excess[chosen].mean()), 0.1)
    kept = (later + KEPT_PER_H * worth) / (now + worth)
    return float(np.clip(kept, 0.3, 0.95))
