"""How much work there is for units: which calls ask for which kind, how long they bind a unit, how long until somebody
is sent. From the calls that the picture holds, each drawn towards a stated guess while there are few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from tocsin.model.city import CallKind, City
from tocsin.model.ids import UnitKindId
from tocsin.model.marks import Mark
from tocsin.situation.picture import CallState, Situation

GUESSED_BUSY_S = 2_400.0
"""Sent to available, where nothing has been seen: forty minutes."""
GUESSED_DELAY_S = 60.0
"""Call to dispatch, where nothing has been seen: one minute."""
STRENGTH = 20.0
"""So many observations weigh as much as the guess."""
LONGEST_DELAY_S = 1_800.0
LONGEST_BUSY_S = 6 * 3600.0
"""Longer ones are taken for missing marks."""


@dataclass(frozen=True, slots=True)
class Load:
    """`calls`: seen. `asking`: of these, how many asked for each kind; `units`: units of it that they asked for.
    `busy_s`: mean seconds from sent to available by kind; `delay_s`: median from call to dispatch of priority 1."""

    calls: int
    asking: Mapping[UnitKindId, int]
    units: Mapping[UnitKindId, int]
    busy_s: Mapping[UnitKindId, float]
    delay_s: float
    cards: int = 0
    carded: Mapping[UnitKindId, int] = field(default_factory=dict)
    """Run cards, and how many ask for each kind: the guess while there are few calls."""

    def share_asking(self, kind: UnitKindId) -> float:
        """Share of calls that ask for the kind, 0..1."""
        guess = self.carded.get(kind, 0) / self.cards if self.cards else 0.0
        return (self.asking.get(kind, 0) + STRENGTH * guess) / (self.calls + STRENGTH)

    def units_asked(self, kind: UnitKindId) -> float:
        """Units of the kind that a call which asks for it asks for."""
        asking = self.asking.get(kind, 0)
        return self.units[kind] / asking if asking else 1.0

    def busy_of(self, kind: UnitKindId) -> float:
        """Seconds for which a call binds a unit of the kind."""
        return self.busy_s.get(kind, GUESSED_BUSY_S)


def load_of(city: City, situation: Situation) -> Load:
    """What the calls in the picture say."""
    cards: dict[tuple[str, int], CallKind | None] = {}
    asking: Counter[UnitKindId] = Counter()
    units: Counter[UnitKindId] = Counter()
    busy: dict[UnitKindId, list[float]] = {}
    delays: list[float] = []
    for call in situation.calls.values():
        key = (call.kind, call.priority)
        if key not in cards:
            cards[key] = city.find_card(*key)
        card = cards[key]
        for need in card.needs if card is not None else ():
            asking[need.kind] += 1
            units[need.kind] += need.count
        _note_busy(city, call, busy)
        if call.priority == 1 and call.first_dispatched is not None:
            delays.append((call.first_dispatched - call.received).total_seconds())
    carded = Counter(kind for card in city.call_kinds for kind in {need.kind for need in card.needs})
    return Load(
        len(situation.calls),
        asking,
        units,
        {kind: _drawn(sum(seen), len(seen), GUESSED_BUSY_S) for kind, seen in busy.items()},
        _delay(delays),
        len(city.call_kinds),
        carded,
    )


def _note_busy(city: City, call: CallState, busy: dict[UnitKindId, list[float]]) -> None:
    for unit, assignment in call.assignments.items():
        start, end = assignment.marks.get(Mark.DISPATCHED), assignment.marks.get(Mark.AVAILABLE)
        told = city.units.get(unit)
        if start is None or end is None or told is None:
            continue
        seconds = (end - start).total_seconds()
        if 0.0 < seconds <= LONGEST_BUSY_S:
            busy.setdefault(told.kind, []).append(seconds)


def _delay(delays: list[float]) -> float:
    sound = [d for d in delays if 0.0 <= d <= LONGEST_DELAY_S]
    return _drawn(median(sound) * len(sound), len(sound), GUESSED_DELAY_S) if sound else GUESSED_DELAY_S


def _drawn(total: float, count: int, guess: float) -> float:
    return (total + STRENGTH * guess) / (count + STRENGTH)
