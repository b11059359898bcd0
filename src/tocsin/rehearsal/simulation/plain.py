"""The same city in plain Python: slow, readable, and the check of the compiled one.

It shares no line of the course of events with the compiled one, and weighs whole objectives where that one adds up
changes (docs/concepts/simulator.md); the two must agree to 1e-9.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from tocsin.errors import BadTown
from tocsin.rehearsal.check import check
from tocsin.rehearsal.simulation.plain_policies import BuiltIn
from tocsin.rehearsal.simulation.policy import AskedCall, Doing, Policy, SeenUnit, View
from tocsin.rehearsal.simulation.spans import WARM_UP, counted, on_duty_s, spans_of
from tocsin.rehearsal.town import LIGHTS, NO_UNIT, NORMAL, Calls, Outcome, Rows, Strategy, Town


@dataclass(slots=True)
class _Unit:
    kind: int
    home: int | None
    home_place: int
    doing: Doing = Doing.OFF
    on_duty: bool = False
    start: int = 0
    """Where its present drive began, or where it is."""
    bound: int | None = None
    arrives_s: float = -inf
    released_s: float = inf


def simulate_plain(town: Town, calls: Calls, strategy: Strategy, *, warm_up: float = WARM_UP) -> Outcome:
    """As `simulate`, slowly. Raises: BadTown."""
    check(town, calls, strategy)
    return _PlainCity(town, calls, BuiltIn(strategy), strategy.homes, warm_up).run()


def simulate_policy(
    town: Town, calls: Calls, policy: Policy, *, homes: Rows | None = None, warm_up: float = WARM_UP
) -> Outcome:
    """Run an outsider's strategy. `homes`: int32 (U,) instead of the town's.

    Raises: BadTown, also where the policy chooses what cannot be.
    """
    check(town, calls)
    return _PlainCity(town, calls, policy, homes, warm_up).run()


class _PlainCity:
    def __init__(self, town: Town, calls: Calls, policy: Policy, homes: Rows | None, warm_up: float) -> None:
        self._town, self._calls, self._policy = town, calls, policy
        self._first, self._from_s, self._until_s = counted(calls, warm_up)
        where = town.home if homes is None else homes
        self._units = [
            _Unit(int(kind), int(home), town.zones + int(home)) for home, kind in zip(where, town.kind, strict=True)
        ]
        self._open = [True] * town.stations
        self._seconds, self._hop = town.seconds, town.next_hop
        self._waiting: list[int] = []
        self._now_s = -inf
        n = len(calls)
        self._unit = np.full(n, NO_UNIT, dtype=np.int32)
        self._sent_s, self._arrived_s, self._done_s = (np.full(n, inf) for _ in range(3))
        self._moves = self._elsewhere = self._decisions = 0
        self._move_s = self._return_s = self._busy_s = 0.0

    def run(self) -> Outcome:
        self._policy.begin(self._town)
        calls = self._calls
        ready = [(float(calls.at_s[i] + calls.delay_s[i]), i) for i in range(len(calls))]
        ready.sort()
        changes = self._list_changes()
        for unit, one in enumerate(self._units):
            if any(start <= 0.0 < end for start, end in spans_of(self._town, unit)):
                one.on_duty = True
                self._appear(one)
        while ready or self._waiting:
            release_s, unit = min(((one.released_s, u) for u, one in enumerate(self._units)), default=(inf, -1))
            change_s = changes[0][0] if changes else inf
            call_s = ready[0][0] if ready else inf
            self._now_s = min(release_s, change_s, call_s)
            if self._now_s == inf:
                break
            if change_s == self._now_s:
                kind = self._change(*changes.pop(0)[1:])
            elif release_s == self._now_s:
                kind = self._release(unit)
            else:
                kind = self._come(ready.pop(0)[1])
            if kind is not None:
                self._move(kind)
        return self._outcome()

    def _list_changes(self) -> list[tuple[float, int, int, bool]]:
        """When; 0 roads, 1 a station, 2 a unit's duty; which; whether duty begins."""
        town = self._town
        found = [(roads.from_s, 0, i, False) for i, roads in enumerate(town.roads)]
        if town.station_lost_s is not None:
            found += [(float(at_s), 1, s, False) for s, at_s in enumerate(town.station_lost_s) if at_s < inf]
        for unit in range(town.units):
            for start, end in spans_of(town, unit):
                found += [(at_s, 2, unit, on) for at_s, on in ((start, True), (end, False)) if 0.0 < at_s < inf]
        return sorted(found)

    # Where units are

    def _stands(self, one: _Unit) -> bool:
        return self._now_s >= one.arrives_s

    def _place(self, one: _Unit) -> int:
        """The last place that a free unit has passed: it is there once it needs no longer than from there."""
        if one.bound is None:
            return one.start
        station = self._town.zones + one.bound
        if self._stands(one):
            return station
        place = one.start
        following = int(self._hop[one.bound, place])
        while following != station and one.arrives_s - self._now_s <= self._seconds[NORMAL, following, station]:
            place, following = following, int(self._hop[one.bound, following])
        return place

    def _nearest_open(self, place: int) -> int | None:
        town = self._town
        drives = [(float(self._seconds[NORMAL, place, town.zones + s]), s) for s in range(town.stations)]
        drives = [(drive_s, s) for drive_s, s in drives if self._open[s] and drive_s < inf]
        return min(drives)[1] if drives else None

    def _send(self, one: _Unit, place: int, station: int | None) -> float:
        """Let a unit drive from a place to a station, or the nearest that it can reach; seconds that this takes."""
        zones = self._town.zones
        if station is None or not self._open[station] or self._seconds[NORMAL, place, zones + station] == inf:
            station = self._nearest_open(place)
        drive_s = 0.0 if station is None else float(self._seconds[NORMAL, place, zones + station])
        one.doing, one.start, one.bound, one.arrives_s = Doing.FREE, place, station, self._now_s + drive_s
        return drive_s

    def _appear(self, one: _Unit) -> None:
        one.doing, one.start, one.bound, one.arrives_s = Doing.FREE, one.home_place, one.home, self._now_s

    # What happens

    def _change(self, what: int, which: int, on: bool) -> int | None:
        if what == 0:
            self._change_roads(which)
            return None
        if what == 1:
            self._lose_station(which)
            return None
        one = self._units[which]
        one.on_duty = on
        if on and one.doing is Doing.OFF:
            self._appear(one)
            self._serve_waiting(which, self._town.turnout_s)
        elif not on and one.doing is Doing.FREE:
            one.doing = Doing.OFF
        return one.kind

    def _change_roads(self, which: int) -> None:
        free = [one for one in self._units if one.doing is Doing.FREE]
        places = [self._place(one) for one in free]
        self._seconds, self._hop = self._town.roads[which].seconds, self._town.roads[which].next_hop
        for one, place in zip(free, places, strict=True):
            if one.bound is None or not self._stands(one):
                self._send(one, place, one.bound)
        for i in sorted(self._waiting, key=lambda i: int(self._calls.priority[i])):
            if self._dispatch(i):
                self._waiting.remove(i)

    def _lose_station(self, station: int) -> None:
        self._open[station] = False
        other = self._nearest_open(self._town.zones + station)
        for one in self._units:
            if one.home == station:
                one.home = other
                one.home_place = one.home_place if other is None else self._town.zones + other
            if one.doing is Doing.FREE and one.bound == station:
                self._send(one, self._place(one), other)

    def _come(self, i: int) -> int | None:
        if self._dispatch(i):
            return self._units[int(self._unit[i])].kind
        self._waiting.append(i)
        return None

    def _release(self, unit: int) -> int:
        one = self._units[unit]
        one.released_s = inf
        if not one.on_duty:
            one.doing = Doing.OFF
            return one.kind
        one.doing, one.bound, one.arrives_s = Doing.FREE, None, self._now_s
        if self._serve_waiting(unit, 0.0):
            return one.kind
        drive_s = self._send(one, one.start, self._chosen_station(unit))
        if self._from_s <= self._now_s < self._until_s:
            self._return_s += drive_s
            self._elsewhere += one.bound != one.home
        return one.kind

    def _serve_waiting(self, unit: int, turnout_s: float) -> bool:
        """A unit takes the most urgent waiting call that it may and can go to; whether there was one."""
        one, view = self._units[unit], self._view()
        able = [i for i in self._waiting if view.guess_s(unit, self._asked(i)) < inf]
        if not able:
            return False
        i = min(able, key=lambda i: int(self._calls.priority[i]))
        self._waiting.remove(i)
        self._decisions += 1
        self._begin_job(unit, i, self._place(one), turnout_s)
        return True

    def _dispatch(self, i: int) -> bool:
        call, view = self._asked(i), self._view()
        if all(view.guess_s(unit, call) == inf for unit in range(len(self._units))):
            return False
        unit = self._policy.dispatch(view, call)
        if unit is None:
            return False
        if not (0 <= unit < len(self._units) and view.guess_s(unit, call) < inf):
            raise BadTown((f"policy {self._policy.name}: unit {unit} is not free or cannot go there",))
        one = self._units[unit]
        self._decisions += 1
        self._begin_job(unit, i, self._place(one), self._town.turnout_s if self._stands(one) else 0.0)
        return True

    def _begin_job(self, unit: int, i: int, place: int, turnout_s: float) -> None:
        one, calls, zone = self._units[unit], self._calls, int(self._calls.zone[i])
        mode = LIGHTS if calls.priority[i] <= self._town.lights_up_to else NORMAL
        arrived_s = self._now_s + turnout_s + float(self._seconds[mode, place, zone] * calls.noise[i])
        done_s, end = arrived_s + float(calls.on_scene_s[i]), zone
        hospital = self._hospital(i) if calls.transport[i] else None
        if hospital is not None:
            done_s += float(self._seconds[NORMAL, zone, hospital] + calls.handover_s[i])
            end = hospital
        one.doing, one.start, one.released_s = Doing.BUSY, end, done_s
        self._unit[i], self._sent_s[i], self._arrived_s[i], self._done_s[i] = unit, self._now_s, arrived_s, done_s
        self._busy_s += max(0.0, min(done_s, self._until_s) - max(self._now_s, self._from_s))

    def _hospital(self, i: int) -> int | None:
        """The place of the hospital that is asked for, or of the nearest; None where no way leads to any."""
        town, zone, asked = self._town, int(self._calls.zone[i]), int(self._calls.hospital[i])
        beds = range(town.zones + town.stations, town.places)
        if asked >= 0 and self._seconds[NORMAL, zone, beds[asked]] < inf:
            return beds[asked]
        near = min(beds, key=lambda place: (float(self._seconds[NORMAL, zone, place]), place), default=None)
        return near if near is not None and self._seconds[NORMAL, zone, near] < inf else None

    # What is chosen

    def _asked(self, i: int) -> AskedCall:
        mask = int(self._calls.kind_mask[i])
        kinds = frozenset(kind for kind in range(len(self._town.kinds)) if mask >> kind & 1)
        return AskedCall(float(self._calls.at_s[i]), int(self._calls.zone[i]), int(self._calls.priority[i]), kinds)

    def _view(self) -> View:
        seen = []
        for unit, one in enumerate(self._units):
            free = one.doing is Doing.FREE
            place, bound = (self._place(one), one.bound) if free else (None, None)
            left_s = max(0.0, one.arrives_s - self._now_s) if free else 0.0
            stands = free and self._stands(one)
            seen.append(SeenUnit(unit, one.kind, one.home, one.doing, place, bound, stands, left_s))
        return View(self._town, self._now_s, tuple(seen), tuple(self._open), self._seconds, self._hop)

    def _chosen_station(self, unit: int) -> int | None:
        station = self._policy.relocate(self._view(), unit)
        if station is None:
            return self._units[unit].home
        if not 0 <= station < self._town.stations:
            raise BadTown((f"policy {self._policy.name}: there is no station {station}",))
        self._decisions += 1
        return station

    def _move(self, kind: int) -> None:
        view = self._view()
        move = self._policy.move(view, kind)
        if move is None:
            return
        unit, station = move
        known = 0 <= unit < len(self._units) and 0 <= station < self._town.stations
        if not known or view.units[unit].doing is not Doing.FREE or not self._open[station]:
            raise BadTown((f"policy {self._policy.name}: unit {unit} is not free, or there is no station {station}",))
        self._decisions += 1
        one = self._units[unit]
        drive_s = self._send(one, self._place(one), station)
        if self._from_s <= self._now_s < self._until_s:
            self._moves += 1
            self._move_s += drive_s

    def _outcome(self) -> Outcome:
        return Outcome(
            unit=self._unit,
            dispatched_s=self._sent_s,
            arrived_s=self._arrived_s,
            released_s=self._done_s,
            response_s=self._arrived_s - self._calls.at_s,
            first=self._first,
            moves=self._moves,
            move_s=self._move_s,
            returns_elsewhere=self._elsewhere,
            return_s=self._return_s,
            busy_s=self._busy_s,
            on_s=on_duty_s(self._town, self._from_s, self._until_s),
            decisions=self._decisions,
        )
