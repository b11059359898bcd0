"""How often the band of one area, or of the city, held: what had been said an hour ahead beside what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting import laws
from tocsin.forecasting.demand.climatology import plain_means
from tocsin.forecasting.hours import hours_of_week
from tocsin.forecasting.protocol import HOUR
from tocsin.forecasting.scoring.scores import gain, pinball
from tocsin.situation.picture import Arrivals, SaidBefore

ENOUGH_HOURS = 20
"""Under so many hours there is no verdict."""
CHANCE = 0.95

Verdict = Literal["no_record", "within_chance", "too_narrow", "too_wide"]
Side = Literal["below", "inside", "above"]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PastHour:
    """One hour that is over. Without a forecast for it, everything but `start` and `observed` is None.

    `side`: of the 80 % band. `promised`: chance that the 80 % band of whole calls had given itself."""

    start: datetime
    observed: int
    mean: float | None = None
    median: int | None = None
    b50: Span | None = None
    b80: Span | None = None
    b95: Span | None = None
    side: Side | None = None
    promised: float | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """How often the 80 % band held. `promised`: mean chance that the bands of whole calls gave themselves, 0..1.

    `expected_low`, `expected_high`: how many holds are within chance, 95 %, if each hour kept its own promise and
    hours did not hang together; they do a little, so a verdict is a hint. `hours`: oldest first."""

    held: int
    of: int
    promised: float | None
    expected_low: int | None
    expected_high: int | None
    enough: bool
    verdict: Verdict
    hours: tuple[PastHour, ...]


@dataclass(frozen=True, slots=True)
class Skill:
    """Mean pinball loss an hour ahead, beside the plain rival's; `gain` = 1 - model / rival."""

    hours: int
    model: float | None
    rival: float | None
    gain: float | None


def observed(arrivals: Arrivals, row: int) -> NDArray[np.int32]:
    """Calls per hour from `arrivals.start`, int32 (H,); the last may be under way.

    `row`: index of an area, or the number of areas for the city, which counts calls of no area too.
    """
    counts = arrivals.counts
    if row == counts.shape[1] - 1:
        return np.asarray(counts.sum(axis=1), dtype=np.int32)
    return np.asarray(counts[:, row], dtype=np.int32)


def record_of(said: SaidBefore, arrivals: Arrivals, now: datetime, row: int) -> Record:
    """The record over all hours of `said` that were over by `now`. `row` as in `observed`."""
    if said.start is None:
        return _judged(())
    hours = _hours_over(said, now)
    if hours == 0:
        return _judged(())
    came = _came(arrivals, said.start, hours, row)
    mean, dispersion = said.mean[:hours, row], said.dispersion[:hours, row]
    known = said.quantiles[:hours, row, 0] >= 0
    mean, dispersion = np.where(known, mean, 0.0), np.where(known, dispersion, 0.0)
    band, q = laws.bands(mean, dispersion), said.quantiles[:hours, row]
    chance = laws.promised(q[:, 0], q[:, -1], mean, dispersion)
    rows = []
    for i in range(hours):
        start, count = said.start + i * HOUR, int(came[i])
        if not known[i]:
            rows.append(PastHour(start, count))
            continue
        b80 = (int(q[i, 0]), int(q[i, -1]))
        b50, b95 = ((int(b.low[i]), int(b.high[i])) for b in (band.b50, band.b95))
        side = _side(count, *b80)
        rows.append(PastHour(start, count, float(mean[i]), int(q[i, 4]), b50, b80, b95, side, float(chance[i])))
    return _judged(tuple(rows))


def skill_of(said: SaidBefore, arrivals: Arrivals, now: datetime, row: int, timezone: str) -> Skill:
    """Pinball loss of what was said an hour ahead, beside the mean of the same hours up to then.

    `row` as in `observed`."""
    hours = _hours_over(said, now)
    judged = np.flatnonzero(said.quantiles[:hours, row, 0] >= 0)
    if said.start is None or arrivals.start is None or not judged.size:
        return Skill(0, None, None, None)
    came = _came(arrivals, said.start, hours, row)[judged]
    hours_in = judged + (said.start - arrivals.start) // HOUR
    model = float(pinball(came, said.quantiles[judged, row]).mean())
    rival = float(pinball(came, _rival(arrivals, arrivals.start, np.maximum(hours_in, 0), row, timezone)).mean())
    return Skill(len(judged), model, rival, gain(model, rival))


def chance_range(promised: NDArray[np.float64], within: float = CHANCE) -> Span:
    """How many of independent events with these chances come true, between the tails: Poisson binomial, exact.

    Source: by convolution; Hong 2013, Computational Statistics and Data Analysis 59.
    """
    law = np.ones(1)
    for chance in promised:
        law = np.convolve(law, (1.0 - chance, chance))
    below = np.cumsum(law)
    tail = (1.0 - within) / 2.0
    low, high = (min(int(np.searchsorted(below, level)), len(promised)) for level in (tail, 1.0 - tail))
    return low, high


def _hours_over(said: SaidBefore, now: datetime) -> int:
    return 0 if said.start is None else max(0, min(len(said.quantiles), (now - said.start) // HOUR))


def _came(arrivals: Arrivals, start: datetime, hours: int, row: int) -> NDArray[np.int32]:
    """Calls in `hours` hours from `start`; an hour outside the arrivals had none."""
    out = np.zeros(hours, np.int32)
    if arrivals.start is None:
        return out
    skipped = (start - arrivals.start) // HOUR
    counts = observed(arrivals, row)[max(0, skipped) : max(0, skipped + hours)]
    first = max(0, -skipped)
    out[first : first + len(counts)] = counts
    return out


def _rival(arrivals: Arrivals, start: datetime, judged: NDArray[np.intp], row: int, timezone: str) -> NDArray[np.int32]:
    """Quantiles of the plain rival for hours counted from `start`, int32 (judged, 9), each from the hours before."""
    hours = int(judged[-1]) + 1
    calls = _came(arrivals, start, hours, row).astype(np.float64)[:, None]
    slots = hours_of_week(start, hours, timezone)
    means = np.array([plain_means(calls[:i], slots[:i], slots[i : i + 1])[0, 0] for i in judged])
    return laws.quantiles(means, 0.0)


def _side(count: int, low: int, high: int) -> Side:
    return "below" if count < low else "above" if count > high else "inside"


def _judged(hours: tuple[PastHour, ...]) -> Record:
    chances = np.array([hour.promised for hour in hours if hour.promised is not None])
    held = sum(hour.side == "inside" for hour in hours)
    if not chances.size:
        return Record(0, 0, None, None, None, False, "no_record", hours)
    low, high = chance_range(chances)
    enough = chances.size >= ENOUGH_HOURS
    verdict: Verdict = "within_chance" if low <= held <= high else "too_narrow" if held < low else "too_wide"
    return Record(
        held, chances.size, float(chances.mean()), low, high, enough, verdict if enough else "no_record", hours
    )
