"""What `tocsin plan relocate` works out: the move-ups of one moment, and what they gain over a span."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.adapters.packs import Pack, find_pack, load_pack
from tocsin.adapters.stores import MemoryLog
from tocsin.bootstrap import limits_of, local_time, open_engine
from tocsin.bootstrap_settings import Settings
from tocsin.desk.lateness import LatenessDesk
from tocsin.errors import BadSettings
from tocsin.geography.graph import StreetGraph
from tocsin.model.city import City, Period
from tocsin.model.ids import UnitKindId
from tocsin.model.origin import Mode
from tocsin.model.plan import Reason
from tocsin.planning.cover.expected import ExpectedLate, expected_late
from tocsin.planning.cover.free import list_free
from tocsin.planning.relocation.moves import Suggested, suggest
from tocsin.rehearsal.frontier import Point, frontier_of
from tocsin.rehearsal.towns.case import Case, case_of

LOOK_BACK = timedelta(hours=24)
"""So much of the record is run before the moment: who is on duty, and what is usual, is known from it."""
LEARNED_DAYS = 14.0
DRAWN_DAYS = 7.0

Steps = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Relocation:
    """`at` None: the pack has no record, so that nobody knows where units are; `said` and `late` are empty then.
    `case` None: there is nothing to simulate, and `why_no_frontier` says why."""

    city: City
    at: datetime | None
    said: Mapping[UnitKindId, Suggested | Reason]
    late: Mapping[UnitKindId, ExpectedLate]
    case: Case | None
    q: float | None
    frontier: tuple[Point, ...]
    draws: int
    why_no_frontier: str | None = None


def relocation_of(
    pack_name: str,
    *,
    at: str | None,
    start: str | None,
    until: str | None,
    seeds: int,
    settings: Settings,
    steps: Steps = lambda _d, _of: None,
) -> Relocation:
    """Raises: BadPack; BadSettings for times that cannot be."""
    pack = load_pack(find_pack(pack_name))
    moment = _moment(pack, local_time(at, pack.city, "--at"))
    steps(0, 10)
    said, late = ({}, {}) if moment is None else _now(pack, moment, settings)
    steps(3, 10)
    span = _span(local_time(start, pack.city, "--from"), local_time(until, pack.city, "--until"))
    graph = StreetGraph.of(pack.city.streets) if pack.city.streets is not None else None
    case = case_of(pack.city, graph, pack.calls, pack.responses, asked=span, seed=settings.seed)
    if case.empty is not None:
        return Relocation(pack.city, moment, said, late, None, None, (), 0, case.empty)
    drawn = [case.generate(DRAWN_DAYS, settings.seed + 1 + n) for n in range(seeds)]
    scored = [*([] if case.trace is None else [case.trace]), *drawn]
    learned = case.generate(LEARNED_DAYS, settings.seed)
    q, points = frontier_of(case.town, learned, scored, lambda done, of: steps(3 + 7 * done // of, 10))
    return Relocation(pack.city, moment, said, late, case, q, points, seeds)


def _moment(pack: Pack, asked: datetime | None) -> datetime | None:
    """The time asked for, else the pack's own show, else its last call; None without a record."""
    received = pack.calls["received"].drop_nulls()
    if not len(received):
        return None
    first, last = received[0], received[-1]
    moment: datetime = asked or pack.city.demo_start or last
    if not first <= moment <= last + timedelta(hours=1):
        raise BadSettings(
            f"--at {moment.isoformat()}: the record runs from {first.isoformat()} to {last.isoformat()}; name a time "
            "within it"
        )
    return moment


def _span(start: datetime | None, until: datetime | None) -> Period | None:
    if start is None and until is None:
        return None
    if start is None or until is None or start >= until:
        raise BadSettings("a span needs both: --from TIME before --until TIME")
    return Period(start, until)


def _now(
    pack: Pack, moment: datetime, settings: Settings
) -> tuple[Mapping[UnitKindId, Suggested | Reason], Mapping[UnitKindId, ExpectedLate]]:
    """Run the record up to the moment as the desk does, and ask as the desk asks."""
    city, limits = pack.city, limits_of(settings)
    begin = moment - LOOK_BACK
    engine = open_engine(pack, MemoryLog(), Mode.REPLAY, moment, seed=settings.seed, start=begin, limits=limits)
    engine.advance(moment)
    engine.flush()
    situation, kinds = engine.writer.situation, tuple(k.kind for k in city.list_headline_kinds())
    lateness, free = LatenessDesk(city, engine.travel).at(situation, moment), list_free(city, situation, moment)
    said = {kind: suggest(city, lateness, engine.travel.model, situation, free, moment, kind, limits) for kind in kinds}
    return said, expected_late(city, lateness, situation, free, moment, kinds)
