"""The built-in strategies in plain Python, straight from their definitions: every change is looked at as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf

from tocsin.planning.relocation.kernels import END
from tocsin.rehearsal.simulation.policy import AskedCall, Doing, SeenUnit, View
from tocsin.rehearsal.town import HOUR_S, LIGHTS, Dispatch, Param, Relocate, Strategy, Town

TIE = 1e-9
"""As in the compiled city: objectives that differ by no more are equal; then the nearer wins, then the lower index."""


class _Ways:
    """What these roads say of zones and stations. `near[zone]`: (station, cost of an answer from there), from near to
    far; `covers[station]`: the zones in reach."""

    def __init__(self, view: View) -> None:
        town = view.town
        self.seconds = view.seconds
        reach = {(s, z): _from_station(view, s, z) for s in range(town.stations) for z in range(town.zones)}
        drives = [sorted((reach[s, z], s) for s in range(town.stations)) for z in range(town.zones)]
        self.near = [[(s, _cost(seconds, town.reach_s)) for seconds, s in row] for row in drives]
        self.covers = [{z for z in range(town.zones) if reach[s, z] <= town.reach_s} for s in range(town.stations)]


class BuiltIn:
    """A built-in strategy as a `Policy`."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy
        self._hour = -1
        self._moved, self._empty_s = 0, 0.0
        self._ways: _Ways | None = None

    @property
    def name(self) -> str:
        return self._strategy.name

    def begin(self, town: Town) -> None:  # noqa: ARG002 - nothing of a town is kept
        self._hour, self._moved, self._empty_s = -1, 0, 0.0
        self._ways = None

    def _ways_of(self, view: View) -> _Ways:
        if self._ways is None or self._ways.seconds is not view.seconds:
            self._ways = _Ways(view)
        return self._ways

    # Which unit goes

    def dispatch(self, view: View, call: AskedCall) -> int | None:
        guesses = {u: s for u in range(len(view.units)) if (s := view.guess_s(u, call)) < inf}
        if not guesses:
            return None
        rule = self._strategy.dispatch
        if rule is Dispatch.CLOSEST:
            return min(guesses, key=lambda unit: (guesses[unit], unit))
        if rule is Dispatch.DMEXCLP:
            left_s = view.town.target_s - (view.now_s - call.at_s)
            within = {u: s for u, s in guesses.items() if s <= left_s} or guesses
            return _first_best([(u, self._cover_lost(view, u), s) for u, s in within.items()])
        eps = Param.EPS_S if call.priority <= self._param(view, Param.URGENT_UP_TO) else Param.EPS_LOW_S
        within_s = min(guesses.values()) + self._param(view, eps)
        return _first_best([(u, self._price(view, u, s), s) for u, s in guesses.items() if s <= within_s])

    def _cover_lost(self, view: View, unit: int) -> float:
        """Expected cover that goes with a unit: of each zone that its station covers, what the last of k units adds."""
        one, q = view.units[unit], self._param(view, Param.Q)
        if one.bound is None:
            return 0.0
        idle, weight, lost = _idle(view, one.kind), _shares(view), 0.0
        covers = self._ways_of(view).covers
        for zone in sorted(covers[one.bound]):
            k = sum(n for s, n in enumerate(idle) if zone in covers[s])
            lost += weight[zone] * (1.0 - q) * q ** (k - 1)
        return lost

    def _price(self, view: View, unit: int, seconds: float) -> float:
        one = view.units[unit]
        if one.bound is None:
            return seconds
        idle, q = _idle(view, one.kind), self._param(view, Param.Q)
        without = _with(idle, one.bound, -1)
        return seconds + self._param(view, Param.WEIGHT_S) * (
            self._lateness(view, without, q) - self._lateness(view, idle, q)
        )

    def _lateness(self, view: View, idle: Sequence[int], q: float) -> float:
        """Expected lateness per call: each zone asks its stations from near to far, all busy with probability q^n."""
        total = 0.0
        for weight, near in zip(_shares(view), self._ways_of(view).near, strict=True):
            come, expected = 1.0, 0.0
            for station, cost in near:
                if idle[station]:
                    missed = q ** idle[station]
                    expected += come * (1.0 - missed) * cost
                    come *= missed
            total += weight * (expected + come * END)
        return total

    # Where units go

    def relocate(self, view: View, unit: int) -> int | None:
        rule, one = self._strategy.relocate, view.units[unit]
        if rule is Relocate.HOME or one.place is None:
            return None
        drives = {s: view.drive_s(one.place, s) for s in range(view.town.stations) if view.open[s]}
        drives = {s: drive_s for s, drive_s in drives.items() if drive_s < inf}
        idle = _idle(view, one.kind)
        if rule is Relocate.COMPLIANCE:
            return self._most_lacking(idle, drives)
        if rule is Relocate.DMEXCLP:
            return _first_best([(s, -self._cover_gained(view, idle, s), drives[s]) for s in drives])
        q, g = self._param(view, Param.Q), self._param(view, Param.G)
        before = self._lateness(view, idle, q)
        costs = [
            (s, self._lateness(view, _with(idle, s, 1), q) - before + g * drives[s] / 60.0, drives[s]) for s in drives
        ]
        return _first_best(costs)

    def _most_lacking(self, idle: Sequence[int], drives: dict[int, float]) -> int | None:
        assert self._strategy.table is not None  # noqa: S101 - `check` has held the strategy to it
        row = self._strategy.table[sum(idle) + 1]
        lacking = [(-(int(row[s]) - idle[s]), drives[s], s) for s in drives if row[s] > idle[s]]
        return min(lacking)[2] if lacking else None

    def _cover_gained(self, view: View, idle: Sequence[int], station: int) -> float:
        weight, q, gained = _shares(view), self._param(view, Param.Q), 0.0
        covers = self._ways_of(view).covers
        for zone in sorted(covers[station]):
            k = sum(n for s, n in enumerate(idle) if zone in covers[s])
            gained += weight[zone] * (1.0 - q) * q**k
        return gained

    def move(self, view: View, kind: int) -> tuple[int, int] | None:
        if self._strategy.relocate not in (Relocate.SMOOTH_IDLE, Relocate.SMOOTH_TURN):
            return None
        within_s = self._budget_s(view)
        movable = [one for one in view.units if one.kind == kind and one.bound is not None and self._may_move(one)]
        if within_s < 0.0 or not movable:
            return None
        best = self._best_move(view, _idle(view, kind), movable, within_s)
        if best is None:
            return None
        unit, goal = best
        self._moved += 1
        self._empty_s += view.drive_s(_place(view.units[unit]), goal)
        return best

    def _may_move(self, one: SeenUnit) -> bool:
        return one.stands or self._strategy.relocate is Relocate.SMOOTH_TURN

    def _best_move(
        self, view: View, idle: Sequence[int], movable: Sequence[SeenUnit], within_s: float
    ) -> tuple[int, int] | None:
        q, g = self._param(view, Param.Q), self._param(view, Param.G)
        before, best, least, best_s = self._lateness(view, idle, q), None, -TIE, 0.0
        for one in sorted(movable, key=lambda one: (one.bound, one.unit)):
            for goal in range(view.town.stations):
                drive_s = view.drive_s(_place(one), goal)
                if goal == one.bound or not view.open[goal] or drive_s > within_s:
                    continue
                after = self._lateness(view, _with(_with(idle, one.bound, -1), goal, 1), q)
                cost = after - before + g * (drive_s - one.left_s) / 60.0
                if cost < least - TIE or (cost <= least + TIE and drive_s < best_s):
                    best, least, best_s = (one.unit, goal), cost, drive_s
        return best

    def _budget_s(self, view: View) -> float:
        hour = int(view.now_s // HOUR_S)
        if hour != self._hour:
            self._hour, self._moved, self._empty_s = hour, 0, 0.0
        if self._moved + 1 > self._param(view, Param.MOVES_PER_H):
            return -1.0
        left_s = self._param(view, Param.EMPTY_S_PER_H) - self._empty_s
        return min(self._param(view, Param.MAX_DRIVE_S), left_s)

    def _param(self, view: View, column: Param) -> float:
        params = self._strategy.params
        return 0.5 if params is None else float(params[view.row_now(len(params)), column])


def _first_best(choices: Sequence[tuple[int, float, float]]) -> int | None:
    """Of (choice, cost, seconds) in order of choices the one of least cost; equal costs: fewer seconds; then order."""
    best, least, best_s = None, inf, inf
    for choice, cost, seconds in choices:
        if cost < least - TIE or (cost <= least + TIE and seconds < best_s):
            best, least, best_s = choice, cost, seconds
    return best


def _idle(view: View, kind: int) -> list[int]:
    """Free units of a kind by the station that they stand at or drive to."""
    idle = [0] * view.town.stations
    for one in view.units:
        if one.doing is Doing.FREE and one.kind == kind and one.bound is not None:
            idle[one.bound] += 1
    return idle


def _place(one: SeenUnit) -> int:
    assert one.place is not None  # noqa: S101 - only free units are asked about
    return one.place


def _with(idle: Sequence[int], station: int | None, change: int) -> list[int]:
    return [n + change if s == station else n for s, n in enumerate(idle)]


def _shares(view: View) -> list[float]:
    expected = [float(calls) for calls in view.expected()]
    total = sum(expected)
    return [calls / total if total > 0 else 0.0 for calls in expected]


def _from_station(view: View, station: int, zone: int) -> float:
    return float(view.seconds[LIGHTS, view.town.zones + station, zone])


def _cost(seconds: float, reach_s: float) -> float:
    """What a call answered after so many seconds of driving costs: about the probability that it is late."""
    if seconds == inf:
        return END
    steps = min(500.0, max(-500.0, (seconds - reach_s) / 60.0))
    return min(END, 1.0 / (1.0 + exp(-steps)) + 0.02 * seconds / 60.0)
