"""One hour that is over beside everything that had been said of it: the sums that go into the track record.

Every law is judged exactly: pinball loss over the nine quantiles, the ranked probability score of the whole law (of the
mixture where it is one), the band by the randomised PIT and as drawn. A forecast that had learned from the hour is
left out. Sources: those of `scores`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tocsin.forecasting import laws, mixture
from tocsin.forecasting.demand.climatology import plain_means
from tocsin.forecasting.hours import hours_of_week
from tocsin.forecasting.mixture import Mixture
from tocsin.forecasting.protocol import HOUR, History
from tocsin.forecasting.scoring.scores import pinball
from tocsin.model.forecast import Demand
from tocsin.model.verification import CHANCE_BINS, FIGURES, HORIZONS, PIT_BINS, Verification

BEYOND = 0.999
"""A city's hour is beyond what was said when its count exceeds this quantile."""
BEYOND_FROM_H = 6
"""... of a forecast made at least so long before, which did not know of it."""

Floats = NDArray[np.float64]
Said = Mapping[int, tuple[Demand, int]]
"""Hours ahead to the demand that was said then, and its column."""


@dataclass(frozen=True, slots=True)
class Came:
    """What is known of the hour and of all hours before. `by_kind`: int32 (H, K), hours as in `history`."""

    history: History
    kinds: tuple[str, ...]
    by_kind: NDArray[np.int32]


def verify_hour(hour: datetime, said: Said, came: Came, *, seed: int, warned: bool) -> Verification | None:
    """The sums of one hour; None where nothing that may be judged was said of it, or it is not known.

    Args:
        said: by hours ahead, as `Track.find_said` gives it.
        seed: with the hour it sets the draws of the randomised PIT, so that a replay gives the same.
        warned: a warning of the whole city stood when the hour ended.
    """
    row = (hour - came.history.start) // HOUR
    if not 0 <= row < len(came.history.counts):
        return None
    fair = {h: s for h, s in said.items() if s[0].learned_until is None or s[0].learned_until <= hour}
    if not fair:
        return None
    sums = _Sums(len(came.history.areas), len(came.kinds))
    for ahead_h, (demand, column) in sorted(fair.items()):
        draw = np.random.default_rng([seed, abs(int(hour.timestamp())), ahead_h])
        _count_places(sums, ahead_h, demand, column, came, row, draw)
        _count_kinds(sums, ahead_h, demand, column, came, row, draw)
    counts = came.history.with_unplaced_between(row, row + 1)[0]
    return Verification(
        hour=hour,
        models=tuple(dict.fromkeys(demand.model for demand, _ in fair.values())),
        areas=came.history.areas,
        by_area=sums.by_area,
        by_horizon=sums.by_horizon,
        city=sums.city,
        kinds=came.kinds,
        by_kind=sums.by_kind,
        pit=sums.pit,
        chances=sums.chances,
        came=int(counts.sum()),
        beyond=_beyond(fair, float(counts.sum())),
        warned=warned,
    )


class _Sums:
    """The tables of a `Verification` in the making."""

    def __init__(self, areas: int, kinds: int) -> None:
        figures = len(FIGURES)
        self.by_area = np.zeros((areas, figures))
        self.by_horizon = np.zeros((len(HORIZONS), figures))
        self.city = np.zeros((len(HORIZONS), figures))
        self.by_kind = np.zeros((kinds, figures))
        self.pit = np.zeros(PIT_BINS, np.int64)
        self.chances = np.zeros((CHANCE_BINS, 3))


def _count_places(
    sums: _Sums, ahead_h: int, demand: Demand, column: int, came: Came, row: int, draw: Generator
) -> None:
    """Areas, and the city as the last cell. An area that the forecast did not have is no cell."""
    places = [demand.areas.index(a) for a in came.history.areas if a in demand.areas]
    known = [n for n, a in enumerate(came.history.areas) if a in demand.areas]
    law = _law(demand, column)
    law = Mixture(law.weight, law.mean[:, [*places, -1]], law.dispersion[:, [*places, -1]])
    counts = came.history.with_unplaced_between(row, row + 1)[0]
    truth = np.append(counts[known], counts.sum())
    quantiles = np.vstack([demand.quantiles[places, column], demand.city_quantiles[column]])
    rival = _rival(came.history, ahead_h, row)
    rivals = np.append(rival[known], rival.sum())
    table, pit = figures_of(truth, law, quantiles, rivals, draw)
    at = HORIZONS.index(ahead_h)
    sums.by_area[known] += table[:-1]
    sums.by_horizon[at] += table[:-1].sum(axis=0)
    sums.city[at] += table[-1]
    sums.pit += np.bincount(_bins(pit[:-1], PIT_BINS), minlength=PIT_BINS)
    chance = mixture.exceedance(np.ones(len(truth)), law)[:-1]
    columns = (np.ones_like(chance), chance, truth[:-1] > 0)
    for n, values in enumerate(columns):
        sums.chances[:, n] += np.bincount(_bins(chance, CHANCE_BINS), values, minlength=CHANCE_BINS)


def _count_kinds(sums: _Sums, ahead_h: int, demand: Demand, column: int, came: Came, row: int, draw: Generator) -> None:
    """The whole city by kind, where the forecast said it."""
    if demand.kind_mean is None or demand.kind_dispersion is None or not came.kinds:
        return
    known = [n for n, kind in enumerate(came.kinds) if kind in demand.kinds]
    said = [demand.kinds.index(came.kinds[n]) for n in known]
    mean, dispersion = demand.kind_mean[said, column], demand.kind_dispersion[said, column]
    calls = came.by_kind.astype(np.float64)
    rivals = _plain(calls, came.history, ahead_h, row)[known]
    law = Mixture(np.ones(1), mean[None], dispersion[None])
    table, _ = figures_of(calls[row, known], law, laws.quantiles(mean, dispersion), rivals, draw)
    sums.by_kind[known] += table


def _law(demand: Demand, column: int) -> Mixture:
    """The law of every area and of the city, (A + 1,) cells."""
    areas, city = mixture.law_of(demand), mixture.law_of(demand, city=True)
    return Mixture(
        areas.weight,
        np.concatenate([areas.mean[:, :, column], city.mean[:, column, None]], axis=1),
        np.concatenate([areas.dispersion[:, :, column], city.dispersion[:, column, None]], axis=1),
    )


def figures_of(
    truth: Floats, law: Mixture, quantiles: NDArray[np.int32], rivals: Floats, draw: Generator
) -> tuple[Floats, Floats]:
    """`FIGURES` of each cell, (C, F), and its randomised PIT, (C,).

    `truth`: calls (C,); `law`: C cells; `quantiles`: int32 (C, 9); `rivals`: the plain rival's means (C,)."""
    below, upto = mixture.cdf(truth - 1.0, law), mixture.cdf(truth, law)
    pit = below + draw.random(len(truth)) * (upto - below)
    low, high = quantiles[:, 0].astype(np.float64), quantiles[:, -1].astype(np.float64)
    columns = (
        np.ones(len(truth)),
        pinball(truth, quantiles),
        mixture.crps(truth, law),
        (pit >= 0.1) & (pit <= 0.9),
        (truth >= low) & (truth <= high),
        mixture.cdf(high, law) - mixture.cdf(low - 1.0, law),
        pinball(truth, laws.quantiles(rivals, 0.0)),
        law.weight @ law.mean - truth,
    )
    return np.stack([np.asarray(c, dtype=np.float64) for c in columns], axis=1), pit


def _rival(history: History, ahead_h: int, row: int) -> Floats:
    """The plain rival's means for one hour, areas and no area, as it would have said them so far ahead: (A + 1,)."""
    return _plain(history.with_unplaced_between(0, max(0, row - ahead_h + 1)), history, ahead_h, row)


def _plain(calls: Floats, history: History, ahead_h: int, row: int) -> Floats:
    seen = max(0, row - ahead_h + 1)
    slots = hours_of_week(history.start, row + 1, history.timezone)
    return np.asarray(plain_means(calls[:seen], slots[:seen], slots[row : row + 1])[0], dtype=np.float64)


def _beyond(said: Said, count: float) -> bool | None:
    """Whether the city's count exceeds what was said the longest before, at least `BEYOND_FROM_H` hours."""
    ahead_h = max(said)
    if ahead_h < BEYOND_FROM_H:
        return None
    demand, column = said[ahead_h]
    law = mixture.law_of(demand, city=True)
    cell = Mixture(law.weight, law.mean[:, column, None], law.dispersion[:, column, None])
    return bool(count > mixture.quantiles(cell, (BEYOND,))[0, 0])


def _bins(shares: Floats, bins: int) -> NDArray[np.int64]:
    return np.minimum((shares * bins).astype(np.int64), bins - 1)


def hours_to_verify(starts: Sequence[datetime], until: datetime | None, last: datetime) -> list[datetime]:
    """Hours that can be verified now, oldest first: over with their grace, not verified, watched from end to end.

    An hour was watched when a forecast was issued at its beginning and at its end: otherwise the desk did not run, and
    silence says nothing. `starts`: starts of the forecasts kept; `until`: end of the newest hour verified; `last`: the
    newest hour that has been over for long enough.
    """
    known = set(starts)
    return [h for h in sorted(known) if h <= last and (until is None or h >= until) and h + HOUR in known]
