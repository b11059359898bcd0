"""Which free unit should stand by elsewhere, because fewer calls are then expected to be late, and why not.

Every move of one unit from one station to another is weighed at once (`kernels.move_changes`): what it saves in
expected late calls of the next hour against the minutes that it drives empty. Never moved are units whose place or duty
nobody knows; what speaks against a move is said with it.
Source: idle moves on smooth lateness, van Barneveld, Bhulai and van der Mei 2016, European Journal of Operational
Research 252 (few relocations bring most of the gain), which is why moves and empty minutes are capped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from tocsin.geography.metric import Floats
from tocsin.geography.travel import TravelModel
from tocsin.model.city import City
from tocsin.model.ids import UnitKindId
from tocsin.model.lateness import LateChange
from tocsin.model.moves import MoveOption, MoveUp, MoveUpState
from tocsin.model.plan import Reason
from tocsin.planning.cover.expected import count_silent
from tocsin.planning.cover.free import FreeUnit
from tocsin.planning.cover.lateness import Idle, KindLateness, Lateness, idle_of, is_known
from tocsin.planning.relocation.kernels import move_changes
from tocsin.situation.picture import Situation

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked of a move-up, and how many are proposed.

    `least_gain`: late calls of the next hour that it must save, beside `gain_per_min` of all calls expected for every
    minute that it drives. `longest_s`: the longest drive. `moves_per_h`, `empty_min_per_h`: the most that is accepted
    within an hour before nothing more is proposed. `cool_s`: how long what was refused or lapsed is not proposed again.
    """

    least_gain: float = 0.03
    gain_per_min: float = 0.001
    longest_s: float = 720.0
    moves_per_h: int = 4
    empty_min_per_h: float = 40.0
    cool_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class Spent:
    """What was accepted within the last hour."""

    moves: int
    empty_min: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """The best move, the next best one, and what speaks against the best."""

    best: MoveOption
    runner_up: MoveOption | None
    against: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One kind's moves. `gain`: float64 (S, S), late calls saved by moving one of its units from row to column;
    `drive_s`: (S, S) seconds of it, median, infinite where it may not; `net`: gain less what the minutes cost."""

    kind: UnitKindId
    one: KindLateness
    idle: Idle
    movable: Mapping[int, FreeUnit]
    gain: Floats
    drive_s: Floats
    net: Floats


def suggest(
    city: City,
    lateness: Lateness,
    travel: TravelModel,
    situation: Situation,
    free: Sequence[FreeUnit],
    now: datetime,
    kind: UnitKindId,
    limits: Limits,
) -> Suggested | Reason:
    """The best move of a unit of the kind, or why there is none."""
    one = lateness.find(kind)
    if one is None or len(city.stations) < 2:
        return Reason("moves_none_stations" if len(city.stations) < 2 else "moves_none_forecast")
    free = with_orders(situation, free)
    idle = idle_of(one.grid, one.family, free)
    unknown = _unknown(city, situation, one, idle, now)
    if unknown is not None:
        return unknown
    spent = spent_in(situation, now)
    if spent.moves >= limits.moves_per_h or spent.empty_min >= limits.empty_min_per_h:
        return Reason("moves_none_cap", {"moves": spent.moves, "minutes": spent.empty_min})
    movable = _movable(one, situation, free, kind)
    if not movable:
        return Reason("moves_none_free", {"kind": kind})
    table = _table(city, lateness, travel, free, one, idle, movable, limits)
    _bar(table, city, situation, now, kind, limits, left_min=limits.empty_min_per_h - spent.empty_min)
    return _chosen(city, table, travel, situation, now, limits)


def spent_in(situation: Situation, now: datetime) -> Spent:
    """Move-ups that a role accepted within the last hour, whatever became of them."""
    lately = [m for m in situation.moves.values() if m.role and m.changed and now - m.changed < _HOUR and _went(m)]
    return Spent(len(lately), sum(m.best.drive_s for m in lately) / 60.0)


def _went(move: MoveUp) -> bool:
    return move.state in (MoveUpState.ACCEPTED, MoveUpState.OVER) or (
        move.state is MoveUpState.WITHDRAWN and move.why_over != "lapsed"
    )


def with_orders(situation: Situation, free: Sequence[FreeUnit]) -> tuple[FreeUnit, ...]:
    """Units under an accepted move-up count where they were ordered to, in a replay too, where they do not go."""
    orders = {m.unit: m.to_station for m in situation.moves.values() if m.state is MoveUpState.ACCEPTED}
    if not orders:
        return tuple(free)
    return tuple(replace(unit, station=orders[unit.unit]) if unit.unit in orders else unit for unit in free)


def _unknown(city: City, situation: Situation, one: KindLateness, idle: Idle, now: datetime) -> Reason | None:
    """Why too little is known of the units to move any."""
    there = int(idle.counts.sum())
    if not is_known(idle):
        values: dict[str, str | float | int] = {"placeless": idle.placeless, "free": idle.placeless + there}
        return Reason("moves_none_places", values | {"kind": one.kind})
    silent = count_silent(city, situation, now, one.family)
    total = sum(unit.kind in one.family for unit in city.units.values())
    if 2 * silent > total:
        return Reason("moves_none_duty", {"silent": silent, "n": total, "kind": one.kind})
    return None


def _movable(
    one: KindLateness, situation: Situation, free: Sequence[FreeUnit], kind: UnitKindId
) -> dict[int, FreeUnit]:
    """By station, the unit that may leave it: one that stands there before one that comes back. Not one under an order
    or a proposal, nor one of which nobody knows where it is."""
    bound = {move.unit for move in situation.moves.values() if move.standing}
    found: dict[int, FreeUnit] = {}
    for unit in sorted(free, key=lambda u: (not u.at_station, not u.certain, u.unit)):
        if unit.kind == kind and unit.station is not None and unit.place is not None and unit.unit not in bound:
            found.setdefault(one.grid.row[unit.station], unit)
    return found


def _table(
    city: City,
    lateness: Lateness,
    travel: TravelModel,
    free: Sequence[FreeUnit],
    one: KindLateness,
    idle: Idle,
    movable: Mapping[int, FreeUnit],
    limits: Limits,
) -> Table:
    grid = one.grid
    rows = np.zeros(grid.stations, dtype=np.bool_)
    rows[list(movable)] = True
    gain = np.zeros((grid.stations, grid.stations))
    for other in _felt(city, lateness, one):
        there = idle if other is one else idle_of(grid, other.family, free)
        if not is_known(there):
            continue
        change = np.empty_like(gain)
        move_changes(grid.order, other.cost, other.weight, there.counts, other.busy_share, rows, change)
        gain -= change
    drive_s = travel.predict(one.kind, grid.drive_s.ravel(), urgent=False, by_road=grid.by_road).median_s
    drive_s = np.where(rows[:, None], drive_s.reshape(gain.shape), np.inf)
    drive_s[drive_s > limits.longest_s] = np.inf
    np.fill_diagonal(drive_s, np.inf)
    minute = limits.gain_per_min * float(one.expecting.calls.sum()) / 60.0
    net = np.where(np.isfinite(drive_s), gain - minute * np.where(np.isfinite(drive_s), drive_s, 0.0), -np.inf)
    return Table(one.kind, one, idle, movable, gain, drive_s, net)


def _felt(city: City, lateness: Lateness, one: KindLateness) -> list[KindLateness]:
    """The headline kinds whose calls feel it when a unit of the kind moves."""
    kinds = dict.fromkeys((one.kind, *(k.kind for k in city.list_headline_kinds())))
    found = [lateness.find(kind) for kind in kinds]
    return [other for other in found if other is not None and one.kind in other.family]


def _bar(
    table: Table,
    city: City,
    situation: Situation,
    now: datetime,
    kind: UnitKindId,
    limits: Limits,
    left_min: float,
) -> None:
    """No moves of what was just refused or lapsed, to where another agency is at home, or beyond the empty minutes."""
    table.net[table.drive_s > left_min * 60.0] = -np.inf
    names = list(city.stations)
    agencies = [city.stations[name].agency for name in names]
    for row, unit in table.movable.items() if len(set(agencies)) > 1 else ():
        own = city.units[unit.unit].agency
        table.net[row, [agency != own for agency in agencies]] = -np.inf
    for move in situation.moves.values():
        lately = move.changed is not None and now - move.changed < timedelta(seconds=limits.cool_s)
        if move.standing or not lately or move.best.kind != kind:
            continue
        if move.state is MoveUpState.REFUSED or move.why_over == "lapsed":
            table.net[:, table.one.grid.row[move.to_station]] = -np.inf


def _chosen(
    city: City, table: Table, travel: TravelModel, situation: Situation, now: datetime, limits: Limits
) -> Suggested | Reason:
    order = np.argsort(-table.net, axis=None, kind="stable")
    best = divmod(int(order[0]), len(table.net))
    if not table.net[best] >= limits.least_gain:
        most = float(table.gain[np.isfinite(table.drive_s)].max(initial=0.0))
        return Reason("moves_none_gain", {"best": round(max(most, 0.0), 3)})
    others = (divmod(int(flat), len(table.net)) for flat in order[1 : 2 * len(table.net)])
    second = next((pair for pair in others if pair[1] != best[1] and table.net[pair] > 0.0), None)
    option = _option(city, table, travel, best)
    runner_up = None if second is None else _option(city, table, travel, second)
    return Suggested(option, runner_up, _against(city, table, situation, now, option, best))


def _option(city: City, table: Table, travel: TravelModel, pair: tuple[int, int]) -> MoveOption:
    names, unit, one = list(city.stations), table.movable[pair[0]], table.one
    counts = table.idle.counts.copy()
    counts[pair[0]] -= 1
    counts[pair[1]] += 1
    network_s = np.array([one.grid.drive_s[pair]])
    said = travel.predict(table.kind, network_s, urgent=False, by_road=one.grid.by_road)
    values: dict[str, str | float | int] = {"from_station": names[pair[0]], "to_station": names[pair[1]]}
    there, left = int(table.idle.counts[pair[1]]), int(counts[pair[0]])
    reason = (
        Reason("move_strengthens", values | {"there": there, "left": left})
        if there
        else Reason("move_fills", values | {"left": left, "kind": table.kind})
    )
    return MoveOption(
        unit=unit.unit,
        kind=unit.kind,
        from_station=names[pair[0]],
        to_station=names[pair[1]],
        drive_s=float(said.median_s[0]),
        drive_low_s=float(said.low_s[0]),
        drive_high_s=float(said.high_s[0]),
        late=one.change(table.idle.counts, counts, tuple(city.areas)),
        reason=reason,
    )


def _against(
    city: City, table: Table, situation: Situation, now: datetime, option: MoveOption, pair: tuple[int, int]
) -> tuple[Reason, ...]:
    """What speaks against the move."""
    unit, late = table.movable[pair[0]], option.late
    found: list[Reason] = []
    values: dict[str, str | float | int] = {"from_station": option.from_station or "", "kind": table.kind}
    if table.idle.counts[pair[0]] == 1:
        found.append(Reason("against_leaves_empty", values))
    worse = [area for area in late.areas if area.after > area.before]
    if worse:
        most = max(worse, key=lambda area: area.after - area.before)
        by = round(most.after - most.before, 3)
        found.append(Reason("against_worse_areas", {"areas": len(worse), "area": most.area, "by": by}))
    found += _doubts(city, table, situation, now, unit, late, values)
    return tuple(found)


def _doubts(
    city: City,
    table: Table,
    situation: Situation,
    now: datetime,
    unit: FreeUnit,
    late: LateChange,
    values: Mapping[str, str | float | int],
) -> list[Reason]:
    found = []
    if not unit.at_station:
        found.append(Reason("against_under_way", values))
    if not unit.on_duty:
        found.append(Reason("against_duty_inferred"))
    silent = count_silent(city, situation, now, table.one.family)
    if silent:
        found.append(Reason("against_silent", {"n": silent, "kind": table.kind}))
    if late.high is not None and -late.high < -late.change / 2.0:
        found.append(Reason("against_band", {"low": round(-late.high, 3)}))
    return found
