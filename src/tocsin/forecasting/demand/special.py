"""What holidays and special nights do to the calls: effects on the whole city, learned where the history has seen them.

A special block is held against the ordinary days around it, three weeks either way, so a level that moves does not pass
for an effect. Each class's effect is a Gamma-Poisson estimate shrunk to a stated prior; a holiday's own effect, by its
name, is shrunk to its class. What is left unknown of an effect goes into the dispersion of its hours. The first guess
of a holiday's hours is half the weekday that it falls on and half a Sunday.
Source of the updating: Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.demand.calendar import BLOCK_H, CLASSES, find_special
from tocsin.forecasting.demand.seen import Seen, SpecialBlock
from tocsin.forecasting.hours import DAY

SUNDAY_SHARE = 0.5
"""How far a holiday's hours are a Sunday's, before its effect."""
SUNDAY = 6 * DAY
BASE_DAYS = 21
LEAST_BASE_DAYS = 3.0
PRIOR: Mapping[str, tuple[float, float]] = {
    "eve": (1.0, 100.0),
    "new_year_eve": (1.1, 20.0),
    "new_year_night": (1.4, 12.0),
    "festive_night": (1.0, 12.0),
}
"""Class to its effect before any was seen and the calls that this belief is worth; fireworks and a long night bring
calls, how many differs from town to town."""
HOLIDAY_PRIOR = (1.0, 60.0)
NAME_CALLS = 40.0
"""Calls that the class's effect is worth to a holiday of its own name."""
ALONE = frozenset({"festive_night"})
"""Classes whose names say nothing about each other: a bonfire night is no parade."""
BETWEEN_DAYS = 0.02
"""Variance of an effect from one day of its class to the next, relative to its square: never learned away."""
LEAST, MOST = 0.3, 6.0
"""Effects outside are not believed."""

Floats = NDArray[np.float64]


class Effect(NamedTuple):
    """`factor` on the usual; `doubt`: variance left in it, relative to its square."""

    factor: float
    doubt: float


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects of every class, and of the names that have been seen, by (code, name)."""

    classes: tuple[Effect, ...]
    names: Mapping[tuple[int, str], Effect] = field(default_factory=dict)

    def of(self, code: int, name: str) -> Effect:
        """The effect of a special block."""
        return self.names.get((code, name), self.classes[code])


def prior_effects() -> Effects:
    """What is believed before any special day was seen."""
    return _effects([])


class _Held(NamedTuple):
    """A special block against what its hours would have had."""

    code: int
    name: str
    calls: float
    due: float


def effects_of(seen: Seen, week: Floats) -> Effects:
    """Learned from the special blocks seen; `week` float64 (168,) is the city's shape, mean 1."""
    held = (_held(block, seen, week) for block in seen.special)
    return _effects([one for one in held if one is not None])


def _held(block: SpecialBlock, seen: Seen, week: Floats) -> _Held | None:
    """None where too few ordinary days lie around it."""
    first, last = np.searchsorted(seen.days, (block.day - BASE_DAYS, block.day + BASE_DAYS + 1))
    weekday = (seen.days[first:last] - 1) % 7
    due = week.reshape(7, DAY).sum(axis=1)[weekday] @ seen.share[first:last]
    if due.max(initial=0.0) < LEAST_BASE_DAYS * DAY:
        return None
    rate = np.where(due > 0, seen.calls[first:last].sum(axis=0) / np.where(due > 0, due, 1.0), 0.0)
    shape = special_week(week, (block.day - 1) % 7, block.special.code)
    hours = shape[block.block * BLOCK_H : (block.block + 1) * BLOCK_H].sum() / BLOCK_H
    expected = float(hours * (rate * block.hours) @ np.ones(len(rate)))
    calls = float(block.calls[due > 0].sum())
    return _Held(block.special.code, block.special.name, calls, expected) if expected > 0 else None


def special_week(week: Floats, weekday: int, code: int) -> Floats:
    """The 24 hours of a special day before its effect: a holiday's lean to Sunday. `week` (168, ...)."""
    own = week[weekday * DAY : (weekday + 1) * DAY]
    if not _leans(code):
        return own
    return np.asarray((1.0 - SUNDAY_SHARE) * own + SUNDAY_SHARE * week[SUNDAY:], dtype=np.float64)


def _leans(code: int) -> bool:
    return CLASSES[code].startswith("holiday")


def _effects(held: Sequence[_Held]) -> Effects:
    classes = tuple(
        _estimate([h for h in held if h.code == code and name not in ALONE], *PRIOR.get(name, HOLIDAY_PRIOR))
        for code, name in enumerate(CLASSES)
    )
    names = {}
    for key in sorted({(h.code, h.name) for h in held}):
        own = [h for h in held if (h.code, h.name) == key]
        calls = PRIOR[CLASSES[key[0]]][1] if CLASSES[key[0]] in ALONE else NAME_CALLS
        names[key] = _estimate(own, classes[key[0]].factor, calls)
    return Effects(classes, names)


def _estimate(held: Sequence[_Held], factor: float, calls: float) -> Effect:
    """Gamma-Poisson: the prior's calls at its factor, and what was seen over what was due.

    A day counts for less than its calls, since days of a class differ by more than chance.
    """
    worth = [1.0 / (1.0 + BETWEEN_DAYS * h.due) for h in held]
    seen = sum(w * h.calls for w, h in zip(worth, held, strict=True))
    due = sum(w * h.due for w, h in zip(worth, held, strict=True))
    estimate = (seen + calls * factor) / (due + calls)
    return Effect(float(np.clip(estimate, LEAST, MOST)), 1.0 / (seen + calls) + BETWEEN_DAYS)


class HourlyEffects(NamedTuple):
    """Of S hours. `factor`, `doubt`: float64 (S,). `leans`: bool (S,), hours that lean to Sunday."""

    factor: Floats
    doubt: Floats
    leans: NDArray[np.bool_]


def hourly_effects(
    effects: Effects,
    days: NDArray[np.int64],
    slots: NDArray[np.int64],
    country: str | None,
    subdivision: str | None,
) -> HourlyEffects:
    """Factors of the hours at local `days` and hours of the week `slots`; 1 where nothing is special."""
    out = HourlyEffects(np.ones(len(days)), np.zeros(len(days)), np.zeros(len(days), np.bool_))
    if country is None:
        return out
    block = slots % DAY // BLOCK_H
    for day in np.unique(days):
        specials = find_special(int(day), country, subdivision)
        for at, special in enumerate(specials or ()):
            if special is not None:
                hours = (days == day) & (block == at)
                out.factor[hours], out.doubt[hours] = effects.of(*special)
                out.leans[hours] = _leans(special.code)
    return out


def leaning(table: Floats, slots: NDArray[np.int64], leans: NDArray[np.bool_]) -> Floats:
    """Rows of `table` (168, ...) at `slots`; hours that lean take half of them from Sunday's same hour."""
    rows = table[slots]
    if leans.any():
        sunday = table[SUNDAY + slots[leans] % DAY]
        rows[leans] = (1.0 - SUNDAY_SHARE) * rows[leans] + SUNDAY_SHARE * sunday
    return rows
