"""What a unit is at a moment: its last mark, its duty, and the way home, put together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tocsin.model.city import City, Period
from tocsin.model.ids import StationId, UnitId
from tocsin.model.marks import UnitStatus
from tocsin.model.place import Point
from tocsin.situation.estimate import between, homeward_s
from tocsin.situation.picture import UnitState

Duty = Literal["certain", "inferred", "off"]
SECONDS_PER_H = 3600.0


@dataclass(frozen=True, slots=True)
class UnitNow:
    """A unit at one moment. `place` None: nobody knows; `estimated`: between marks, on the straight line.
    `unconfirmed`: it rests on an inferred mark, or its call has heard nothing for `duty_gap_h` hours."""

    status: UnitStatus
    duty: Duty
    place: Point | None
    estimated: bool = False
    unconfirmed: bool = False


def duty_of(city: City, state: UnitState, now: datetime) -> Duty:
    """Whether the unit is on duty. A unit on a call is, whatever the table says, unless the call forgot it.

    Without a duty table: from the first mark until `duty_gap_h` hours after the last one seen, and only inferred.
    """
    if city.duty is not None:
        if is_busy(city, state, now):
            return "certain"
        return "certain" if on_shift(city.duty.get(state.unit, ()), now) else "off"
    if state.last_mark is None:
        return "off"
    return "inferred" if _silent_h(state, now) < city.duty_gap_h else "off"


def on_shift(periods: Sequence[Period], now: datetime) -> bool:
    """Whether one of the periods (sorted by start) holds `now`."""
    place = bisect_right(periods, now, key=_start)
    return any(now < period.end for period in periods[max(0, place - 2) : place])


def _start(period: Period) -> datetime:
    return period.start


def _silent_h(state: UnitState, now: datetime) -> float:
    return (now - state.last_mark).total_seconds() / SECONDS_PER_H if state.last_mark else 0.0


def is_free(city: City, state: UnitState, now: datetime) -> bool:
    """On duty and on no call: can be sent. Cheaper than `status_of`."""
    if is_busy(city, state, now):
        return False
    return state.status is not UnitStatus.OUT_OF_SERVICE and duty_of(city, state, now) != "off"


def find_free(city: City, state: UnitState, now: datetime) -> UnitNow | None:
    """What a unit is that can be sent; None for one that cannot. As `is_free` and `status_of`, at the cost of one."""
    if city.duty is None:
        # Silent is off duty, and whoever is not silent is inferred to be on it: one look at the clock says both.
        gone = state.last_mark is None or _silent_h(state, now) >= city.duty_gap_h
        if gone or state.call is not None or state.status is UnitStatus.OUT_OF_SERVICE:
            return None
        return _free(city, state, now, "inferred", None)
    if state.status is UnitStatus.OUT_OF_SERVICE or is_busy(city, state, now):
        return None
    duty = duty_of(city, state, now)
    if duty == "off":
        return None
    return _free(city, state, now, duty, None) if state.call is None else status_of(city, state, now)


def is_busy(city: City, state: UnitState, now: datetime) -> bool:
    """On a call that it was heard from within `duty_gap_h` hours."""
    return state.call is not None and not is_forgotten(city, state, now)


def is_forgotten(city: City, state: UnitState, now: datetime) -> bool:
    """On a call that has heard nothing from it for `duty_gap_h` hours: the last mark was missed."""
    return state.call is not None and _silent_h(state, now) >= city.duty_gap_h


def status_of(city: City, unit_state: UnitState, now: datetime, *, homeward: float | None = None) -> UnitNow:
    """What the unit is at `now`.

    Args:
        homeward: seconds back to its station, where a better estimate than the straight line is at hand.
    """
    state = unit_state
    duty = duty_of(city, state, now)
    if state.status is UnitStatus.OUT_OF_SERVICE:
        return UnitNow(UnitStatus.OUT_OF_SERVICE, duty, state.place)
    forgotten = is_forgotten(city, state, now)
    if state.call is not None and not forgotten:
        return UnitNow(state.status, duty, state.place, unconfirmed=state.unconfirmed)
    if duty == "off":
        return UnitNow(UnitStatus.OFF_DUTY, "off", None, unconfirmed=forgotten)
    if forgotten:
        return UnitNow(UnitStatus.AVAILABLE_PLACE_UNKNOWN, duty, None, unconfirmed=True)
    return _free(city, state, now, duty, homeward)


def _free(city: City, state: UnitState, now: datetime, duty: Duty, homeward: float | None) -> UnitNow:
    home = find_home(city, state.unit, state.post)
    if home is None:
        posted = UnitStatus.AVAILABLE_POSTED if state.place else UnitStatus.AVAILABLE_PLACE_UNKNOWN
        return UnitNow(posted, duty, state.place, unconfirmed=state.unconfirmed)
    if state.since is None:
        return UnitNow(UnitStatus.AVAILABLE_AT_STATION, duty, home, unconfirmed=state.unconfirmed)
    way_s = homeward_s(state.place, home) if homeward is None else homeward
    gone_s = max(0.0, (now - state.since).total_seconds())
    if gone_s >= way_s:
        return UnitNow(UnitStatus.AVAILABLE_AT_STATION, duty, home, unconfirmed=state.unconfirmed)
    place = None if state.place is None else between(state.place, home, gone_s / way_s)
    return UnitNow(UnitStatus.RETURNING, duty, place, estimated=True, unconfirmed=state.unconfirmed)


def find_home(city: City, unit: UnitId, post: StationId | None = None) -> Point | None:
    """Place of the unit's station, or of its `post` where an accepted move-up makes it stand by elsewhere."""
    told = city.units.get(unit)
    home = post if post is not None else None if told is None else told.station
    station = None if home is None else city.stations.get(home)
    return None if station is None else station.place


def place_at(city: City, state: UnitState, now: datetime) -> Point | None:
    """Where a free unit is, for the start of its next way."""
    if state.since is None and state.place is None:
        return find_home(city, state.unit, state.post)
    home = find_home(city, state.unit, state.post)
    if home is None or state.since is None:
        return state.place
    way_s = homeward_s(state.place, home)
    gone_s = max(0.0, (now - state.since).total_seconds())
    if gone_s >= way_s:
        return home
    return None if state.place is None else between(state.place, home, gone_s / way_s)
