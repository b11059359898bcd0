"""Farrington flexible: is this week's count above what the same season of past years, and their trend, explain?

For each step a quasi-Poisson regression is fitted to the years before it: a level, a trend, and a factor for the part
of the year, with the weeks around the same date in past years as one part. Weeks that look like past outbreaks weigh
less; the last half year is left out, so that an outbreak under way does not become usual.
Source: Noufaily et al. 2013, An improved algorithm for outbreak detection in multiple surveillance systems, Statistics
in Medicine 32; Farrington et al. 1996, JRSS A 159; Salmon, Schumacher and Höhle 2016, Journal of Statistical Software
70(10). Numbers agree with R's `surveillance` 1.20.3, `farringtonFlexible`, but for the score (see `Row`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tocsin.forecasting.outbreaks import glm
from tocsin.forecasting.outbreaks.rows import NOTHING, Row, exceedance
from tocsin.forecasting.outbreaks.seasons import by_date, by_index, parts_of_year

Floats = NDArray[np.float64]
References = Callable[[int], Sequence[int]]
"""Step to the steps of the same date: itself, then one a year back, newest first."""

YEARS_FOR_A_TREND = 3
MOST = 1e15
"""Above this mean no count can be told from its neighbour."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How Farrington flexible is run. The defaults are those that Noufaily et al. advise.

    `years`: years back (b). `window`: half-width in steps of the time around the same date (w). `parts`: into how
    many parts the year is cut (noPeriods); 1: no seasonal factor. `left_out`: newest steps before the one looked at
    that are not learned from. `method`: how `upper` is found: `nbPlugin` quantile of a negative binomial law at the
    fitted mean, `muan` at the upper end of the mean's own band, `delta` by the 2/3 power of Farrington 1996.
    `alpha`: share of ordinary steps above `upper`. `trend`: whether one may be fitted; it is kept with three years,
    if it is significant at `trend_p` and does not carry the mean above every count seen. `reweight`: whether past
    outbreaks, Anscombe residuals above `outlying`, weigh less. `least_cases` in the last `in_steps`: below it nothing
    is said. `fewer_years`: steps with fewer years before them are looked at with those that there are, one at least.
    """

    years: int = 5
    window: int = 3
    parts: int = 10
    left_out: int = 26
    method: Literal["nbPlugin", "muan", "delta"] = "nbPlugin"
    alpha: float = 0.05
    trend: bool = True
    trend_p: float = 1.0
    reweight: bool = True
    outlying: float = 2.58
    least_cases: int = 5
    in_steps: int = 4
    power: Literal["2/3", "1/2", "none"] = "2/3"
    fewer_years: bool = False


WEEKLY = Rules()
DAILY = Rules(window=10, left_out=182, in_steps=28)
"""The same spans in days. The method knows no weekday: counts with a weekly course are better summed to weeks."""


def farrington(
    counts: Floats,
    rules: Rules = WEEKLY,
    *,
    steps_per_year: int = 52,
    dates: Sequence[date] | None = None,
    population: Floats | None = None,
    first: int | None = None,
) -> list[Row]:
    """One row a step. `counts`: float64 (T,), NaN unknown; steps are regular, oldest first.

    The same date a year back is `steps_per_year` steps back or, with `dates` (T of them, a day or a week apart), the
    same calendar date (for weeks: the nearest one on the same weekday). `population`: float64 (T,), > 0: the rate is
    modelled instead of the count. `first`: the first step looked at. Steps without `rules.years` whole years and a
    window before them get empty rows. Raises ValueError where the year is cut into more parts than it has room for.
    """
    at: References = by_index(steps_per_year, rules.years) if dates is None else by_date(dates, rules.years)
    offset = np.zeros(len(counts)) if population is None else np.log(population)
    begin = 0 if first is None else first
    return [NOTHING] * min(begin, len(counts)) + [
        _row(np.asarray(counts, np.float64), offset, now, at(now), rules) for now in range(begin, len(counts))
    ]


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the past says of the step: eta = log mean, its standard error, dispersion of the counts."""

    eta: float
    spread: float
    phi: float


def _row(counts: Floats, offset: Floats, now: int, references: Sequence[int], rules: Rules) -> Row:
    last = counts[max(0, now - rules.in_steps + 1) : now + 1]
    references = [step for step in references if step >= rules.window]
    least = 1 if rules.fewer_years else rules.years
    if len(references) <= least or not np.sum(last) >= rules.least_cases:
        return NOTHING
    learned = _learn(counts, offset, now, references, rules)
    if learned is None:
        return NOTHING
    bound = _delta(learned, counts[now], rules) if rules.method == "delta" else _quantile(learned, counts[now], rules)
    if bound is None:
        return NOTHING
    expected, (upper, p), count = float(np.exp(learned.eta)), bound, float(counts[now])
    return Row(expected, upper, exceedance(count, expected, upper), p, count > upper and count != 0)


@dataclass(frozen=True, slots=True)
class _Past:
    """Steps learned from, N of them: counts, offset, trend (steps before now, ≤ 0) and dummies of the year's parts."""

    counts: Floats
    offset: Floats
    steps: Floats
    parts: Floats
    here: Floats
    """The dummies of the step looked at."""

    def design(self, trend: bool) -> Floats:
        ones = np.ones((len(self.counts), 1))
        return np.hstack([ones, self.steps[:, None], self.parts] if trend else [ones, self.parts])

    def row(self, trend: bool) -> Floats:
        return np.concatenate([[1.0, 0.0] if trend else [1.0], self.here])


def _past(counts: Floats, offset: Floats, now: int, references: Sequence[int], rules: Rules) -> _Past | None:
    """The steps that are learned from; None where none of them lies around the same date."""
    parts = parts_of_year(references, rules.window, rules.parts)
    parts[max(0, now - rules.left_out) : now + 1] = 0
    used = np.flatnonzero((parts > 0) & np.isfinite(counts[: now + 1]))
    present = np.unique(parts[used])
    if not len(used) or present[-1] != rules.parts:
        return None
    dummies = (parts[used][:, None] == present[None, 1:]).astype(np.float64)
    here = (present[1:] == rules.parts).astype(np.float64)
    return _Past(counts[used], offset[used], (used - now).astype(np.float64), dummies, here)


def _learn(counts: Floats, offset: Floats, now: int, references: Sequence[int], rules: Rules) -> _Learned | None:
    past = _past(counts, offset, now, references, rules)
    if past is None:
        return None
    fitted = _fit(past, rules.trend, rules)
    years = len(references) - 1
    if fitted is not None and fitted.trend and not _keeps_trend(fitted, past, offset[now], years, rules):
        fitted = _fit(past, False, rules)
    return None if fitted is None else fitted.at(past, offset[now])


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The fit, with its dispersion: of the counts (`phi`), and of the estimates (`scale`)."""

    fit: glm.Fit
    trend: bool
    phi: float
    scale: float

    def at(self, past: _Past, offset: float) -> _Learned:
        row = past.row(self.trend)
        spread = self.scale**0.5 * self.fit.spread(row)
        return _Learned(float(row @ self.fit.coefficients) + offset, spread, self.phi)


def _fit(past: _Past, trend: bool, rules: Rules) -> _Fitted | None:
    design, ones = past.design(trend), np.ones(len(past.counts))
    fit = glm.fit(design, past.counts, ones, past.offset)
    if fit is None or not fit.converged:
        return _fit(past, False, rules) if trend else None
    phi = max(fit.dispersion(), 1.0)
    if not rules.reweight:
        return _Fitted(fit, trend, phi, fit.dispersion())
    weights = _weights(fit, past.counts, phi, rules.outlying)
    again = glm.fit(design, past.counts, weights, past.offset)
    if again is None:
        return None
    # `surveillance` takes the error of the estimates with the outbreak weights in place of the working ones; so do we.
    return _Fitted(again, trend, max(again.dispersion(), 1.0), again.dispersion(weights))


def _weights(fit: glm.Fit, counts: Floats, phi: float, outlying: float) -> Floats:
    """Weights that take past outbreaks down: residual⁻² for standardised Anscombe residuals above `outlying`, then
    scaled so that they sum to the number of counts."""
    anscombe = 1.5 * (counts ** (2 / 3) * fit.mean ** (-1 / 6) - fit.mean**0.5)
    free = np.maximum(phi * (1.0 - fit.leverage), glm.SMALLEST)
    residual = anscombe / np.sqrt(free)
    weights = np.where(residual > outlying, np.maximum(residual, outlying) ** -2.0, 1.0)
    return np.asarray(weights * (len(counts) / np.sum(weights)), np.float64)


def _keeps_trend(fitted: _Fitted, past: _Past, offset: float, years: int, rules: Rules) -> bool:
    if years < YEARS_FOR_A_TREND or 1 not in fitted.fit.kept:
        return False
    slope = np.zeros(len(fitted.fit.coefficients))
    slope[1] = 1.0
    error = fitted.scale**0.5 * fitted.fit.spread(slope)
    t = abs(fitted.fit.coefficients[1]) / error if error > 0 else np.inf
    significant = 2.0 * special.stdtr(fitted.fit.free, -t) < rules.trend_p
    return bool(significant and np.exp(fitted.at(past, offset).eta) <= np.max(past.counts))


def _delta(learned: _Learned, count: float, rules: Rules) -> tuple[float, float] | None:
    """Upper bound and p by a power that makes the counts about normal. Source: Farrington 1996, section 3.5."""
    mean = np.exp(learned.eta)
    tau = learned.phi + (mean * learned.spread) ** 2 / mean
    power = {"2/3": 2 / 3, "1/2": 1 / 2, "none": 1.0}[rules.power]
    error = np.sqrt({"2/3": 4 / 9 * mean ** (1 / 3), "1/2": 0.25, "none": mean}[rules.power] * tau)
    upper = (mean**power + special.ndtri(1 - rules.alpha) * error) ** (1 / power)
    p = special.ndtr(-(count**power - mean**power) / error)
    return (float(upper), float(p)) if np.isfinite(upper) else None


def _quantile(learned: _Learned, count: float, rules: Rules) -> tuple[float, float] | None:
    """Upper bound and p of a negative binomial law with variance phi · mean. Source: Noufaily 2013, section 3.5."""
    high = learned.eta
    if rules.method == "muan":
        high += float(special.ndtri(1 - rules.alpha)) * learned.spread
    with np.errstate(over="ignore"):
        mean = float(np.exp(high))
    if not mean < MOST:
        return None
    return _smallest(1.0 - rules.alpha, mean, learned.phi), 1.0 - _cdf(count - 1.0, mean, learned.phi)


def _cdf(count: float, mean: float, phi: float) -> float:
    if count < 0:
        return 0.0
    if phi <= 1.0:
        return float(special.pdtr(count, mean))
    return float(special.betainc(mean / (phi - 1.0), np.floor(count) + 1.0, 1.0 / phi))


def _smallest(level: float, mean: float, phi: float) -> float:
    """The smallest count whose cdf reaches `level`, by doubling and halving."""
    low, high = -1.0, max(1.0, np.ceil(mean))
    while _cdf(high, mean, phi) < level:
        low, high = high, 2.0 * high
    while high - low > 1.0:
        middle = np.floor((low + high) / 2.0)
        low, high = (low, middle) if _cdf(middle, mean, phi) >= level else (middle, high)
    return float(high)
