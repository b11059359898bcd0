"""Mobilisation: what a warning's impact asks for beyond who is on duty, whom to order for it, and until when.

For each kind of unit: the load of the warning's window (units sent times hours that one is bound, over the hours of the
window; Little 1961), the units it takes so that hardly a call finds all busy (`staffing`), those on duty all the window
long, and the reserves that close the gap: crews whose shift ends (kept on), crews off duty (called in), neighbours'.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from tocsin.geography.matrix import straight_matrix_s
from tocsin.model.city import City, Period
from tocsin.model.ids import NeighbourId, UnitId, UnitKindId
from tocsin.model.marks import UnitStatus
from tocsin.model.place import Point
from tocsin.model.warnings import Impact, Warned
from tocsin.planning.crisis.staffing import BusyTime, busy_elsewhere, busy_time, units_for_load
from tocsin.situation.duty import duty_of
from tocsin.situation.picture import Situation

CALLOUT_MIN = 60.0
"""Where the pack does not say how long it takes until a crew that is called in can be sent."""

HELD = timedelta(hours=2)
"""A crew whose shift ends earlier than this before the window is not kept on for it, but called in."""


class Reserve(StrEnum):
    """Where what is short can come from, the cheapest first."""

    SUBSTITUTE = "substitute"
    """Units on duty of a kind that run cards accept in its place, and that are not needed as what they are."""
    HOLD_OVER = "hold_over"
    """A crew whose shift ends before the window does stays on."""
    CALL_OUT = "call_out"
    """A crew off duty is called in."""
    NEIGHBOUR = "neighbour"
    """Mutual aid."""


@dataclass(frozen=True, slots=True)
class KindNeed:
    """What the window asks of one kind of unit. `load`: busy at once in the mean; `needed`: units for it, and at the
    ends of the impact's 80 % band. `on_duty` all the window long; `certain`: the pack has a table of duty."""

    kind: UnitKindId
    load: float
    needed: int
    needed_low: int
    needed_high: int
    on_duty: int
    certain: bool
    busy: BusyTime

    @property
    def gap(self) -> int:
        """Units short for what is expected."""
        return max(0, self.needed - self.on_duty)

    @property
    def gap_high(self) -> int:
        """Units short at the upper end of the band."""
        return max(0, self.needed_high - self.on_duty)


@dataclass(frozen=True, slots=True)
class Order:
    """`count` units of a kind from one reserve. `expected`: how many of them what is expected asks for; the others are
    for the upper end of the band.

    `minutes` from the order until they can be sent; `assumed`: the pack does not say so. `order_by`: the latest time to
    order them so that they are there when the window begins, or, for crews kept on, before they leave. `in_time`: that
    lies ahead. `units`: the city's own.
    """

    kind: UnitKindId
    reserve: Reserve
    count: int
    expected: int
    minutes: float
    order_by: datetime
    in_time: bool
    units: tuple[UnitId, ...] = ()
    substitute: UnitKindId | None = None
    neighbour: NeighbourId | None = None
    cost_per_h: float | None = None
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class StillShort:
    """Units of a kind that no reserve fills: of what is expected, and at the upper end of the band."""

    kind: UnitKindId
    expected: int
    high: int


@dataclass(frozen=True, slots=True)
class Mobilisation:
    """A proposal. A named role orders; Tocsin never does."""

    needs: tuple[KindNeed, ...]
    orders: tuple[Order, ...]
    short: tuple[StillShort, ...]


def mobilise(city: City, situation: Situation, warned: Warned, now: datetime) -> Mobilisation | None:
    """Whom to order for a warning, by kind the cheapest reserve first; None where it says nothing of calls and units,
    or its window is over."""
    if warned.impact is None or not warned.impact.units or warned.ends <= max(now, warned.starts):
        return None
    window = Period(warned.starts, warned.ends)
    duties = {kind: _Duty.of(city, situation, kind, window, now) for kind in warned.impact.units}
    needs = [_need(city, situation, warned, kind, duty) for kind, duty in duties.items()]
    spare = _spare(city, situation, needs, window, now)
    orders: list[Order] = []
    short: list[StillShort] = []
    for need in needs:
        reserves = _reserves(city, warned, need.kind, duties[need.kind], now)
        taken = _fill(need, chain(_stand_in(city, warned, need.kind, spare), reserves))
        for order in taken:
            if order.substitute is not None:
                spare[order.substitute] -= order.count
        orders += taken
        short += _still_short(need, taken)
    return Mobilisation(tuple(needs), tuple(orders), tuple(short))


def _still_short(need: KindNeed, taken: Sequence[Order]) -> list[StillShort]:
    expected = need.gap - sum(order.expected for order in taken)
    high = need.gap_high - sum(order.count for order in taken)
    return [StillShort(need.kind, expected, high)] if high > 0 else []


def _spare(
    city: City, situation: Situation, needs: Sequence[KindNeed], window: Period, now: datetime
) -> dict[UnitKindId, int]:
    """Units on duty all the window long that are not needed as what they are, at the upper end of the band: of the
    kinds that are needed, and of those that may stand in for them (of these, who is on no call now)."""
    spare = {need.kind: max(0, need.on_duty - need.needed_high) for need in needs}
    for kind in [other for need in needs for other in _substitutes(city, need.kind)]:
        if kind not in spare:
            stays = _Duty.of(city, situation, kind, window, now).stays
            spare[kind] = max(0, len(stays) - busy_elsewhere(city, situation, kind, ()))
    return spare


def _substitutes(city: City, kind: UnitKindId) -> list[UnitKindId]:
    """The kinds that some run card accepts in place of this one, in the pack's order."""
    asked = [need for card in city.call_kinds for need in card.needs if need.kind == kind]
    return list(dict.fromkeys(other for need in asked for other in need.substitutes if other != kind))


def _stand_in(city: City, warned: Warned, kind: UnitKindId, spare: Mapping[UnitKindId, int]) -> Iterator[Order]:
    for other in _substitutes(city, kind):
        if spare[other]:
            yield Order(kind, Reserve.SUBSTITUTE, spare[other], 0, 0.0, warned.starts, True, substitute=other)


def _need(city: City, situation: Situation, warned: Warned, kind: UnitKindId, duty: _Duty) -> KindNeed:
    impact = warned.impact or Impact(0.0, 0, 0, 0.0)
    busy = busy_time(city, situation, kind)
    hours = (warned.ends - warned.starts).total_seconds() / 3600.0
    load = max(0.0, impact.units[kind]) * busy.hours / hours
    beside = 0
    if warned.area is not None or warned.call_kind is not None:
        spoken = {
            c.call
            for c in situation.calls.values()
            if warned.area in (None, c.area) and warned.call_kind in (None, c.kind)
        }
        beside = busy_elsewhere(city, situation, kind, spoken)
    loads = [beside + load * share for share in (1.0, *_band(impact))]
    needed, low, high = (units_for_load(x) for x in loads)
    return KindNeed(kind, loads[0], needed, min(low, needed), max(high, needed), len(duty.stays), duty.certain, busy)


def _band(impact: Impact) -> tuple[float, float]:
    """The ends of the band over what is expected."""
    if not impact.calls > 0.0:
        return 0.0, 0.0
    return impact.low / impact.calls, impact.high / impact.calls


@dataclass(frozen=True, slots=True)
class _Duty:
    """The units of one kind: on duty all the window long, leaving during it or before it (and when), and off duty."""

    stays: tuple[UnitId, ...]
    leaves: Mapping[UnitId, datetime]
    off: tuple[UnitId, ...]
    certain: bool

    @classmethod
    def of(cls, city: City, situation: Situation, kind: UnitKindId, window: Period, now: datetime) -> _Duty:
        stays: list[UnitId] = []
        leaves: dict[UnitId, datetime] = {}
        off: list[UnitId] = []
        for unit in _serviceable(city, situation, kind):
            until = _until(city, situation, unit, window, now)
            if until is None or until < window.start - HELD:
                off.append(unit)
            elif until >= window.end:
                stays.append(unit)
            else:
                leaves[unit] = until
        return cls(tuple(stays), leaves, tuple(off), city.duty is not None)


def _serviceable(city: City, situation: Situation, kind: UnitKindId) -> list[UnitId]:
    """Units of the kind that did not report out of service."""
    units = [u.unit for u in city.units.values() if u.kind == kind]
    states = {unit: situation.units.get(unit) for unit in units}
    return [u for u, s in states.items() if s is None or s.status is not UnitStatus.OUT_OF_SERVICE]


def _until(city: City, situation: Situation, unit: UnitId, window: Period, now: datetime) -> datetime | None:
    """When the unit goes off duty; None for one that is off. Without a table of duty: who is on now stays."""
    if city.duty is not None:
        return _on_until(city.duty.get(unit, ()), window, now)
    state = situation.units.get(unit)
    return window.end if state is not None and duty_of(city, state, now) != "off" else None


def _on_until(periods: Sequence[Period], window: Period, now: datetime) -> datetime | None:
    """When the unit goes off duty that is on when the window begins, or now; None for one that is off then."""
    begins = max(now, window.start)
    for moment in (begins, now):
        for period in periods:
            if period.start <= moment < period.end:
                return period.end
    return None


def _reserves(city: City, warned: Warned, kind: UnitKindId, duty: _Duty, now: datetime) -> Iterator[Order]:
    """Every reserve of the kind that can be there before the window ends, as an order for all of it: the cheapest kind
    of reserve first, neighbours by their cost and then by how soon they are there."""
    for moment in sorted(set(duty.leaves.values())):
        units = tuple(unit for unit, until in duty.leaves.items() if until == moment)
        yield Order(kind, Reserve.HOLD_OVER, len(units), 0, 0.0, moment, moment > now, units)
    told = city.unit_kinds[kind].callout_min if kind in city.unit_kinds else None
    called = _order(warned, now, kind, Reserve.CALL_OUT, len(duty.off), CALLOUT_MIN if told is None else told)
    if called is not None:
        yield replace(called, units=duty.off, assumed=told is None)
    lent = []
    for neighbour in city.neighbours.values():
        minutes = neighbour.minutes + _from_border_min(city, warned, neighbour.border)
        order = _order(warned, now, kind, Reserve.NEIGHBOUR, neighbour.units.get(kind, 0), minutes)
        if order is not None:
            lent.append(replace(order, neighbour=neighbour.neighbour, cost_per_h=neighbour.cost_per_h))
    yield from sorted(lent, key=_cost)


def _order(
    warned: Warned, now: datetime, kind: UnitKindId, reserve: Reserve, count: int, minutes: float
) -> Order | None:
    """None where there is nobody, or nobody would be there before the window ends."""
    takes = timedelta(minutes=max(0.0, minutes))
    if not count or now + takes >= warned.ends:
        return None
    return Order(kind, reserve, count, 0, max(0.0, minutes), warned.starts - takes, warned.starts - takes >= now)


def _cost(order: Order) -> tuple[float, float, str]:
    return (math.inf if order.cost_per_h is None else order.cost_per_h, order.minutes, str(order.neighbour))


def _from_border_min(city: City, warned: Warned, border: Point | None) -> float:
    """Minutes from the border to the middle of the warning's area or of the city, by the straight line."""
    if border is None:
        return 0.0
    area = None if warned.area is None else city.areas.get(warned.area)
    middle = Point((city.bounds.west + city.bounds.east) / 2.0, (city.bounds.south + city.bounds.north) / 2.0)
    return float(straight_matrix_s([border], [middle if area is None else area.centre])[0, 0]) / 60.0


def _fill(need: KindNeed, reserves: Iterator[Order]) -> list[Order]:
    """Reserves that are there in time before those that are late, each in the order given, until nothing is short."""
    expected, high = need.gap, need.gap_high
    taken: list[Order] = []
    for reserve in sorted(reserves, key=lambda r: not r.in_time):
        count = min(reserve.count, high)
        if count:
            mine = min(count, expected)
            taken.append(replace(reserve, count=count, expected=mine, units=reserve.units[:count]))
            expected, high = expected - mine, high - count
    return taken
