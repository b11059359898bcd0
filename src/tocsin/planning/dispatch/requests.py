"""A request to a neighbour for what the card cannot get here: drafted, never sent.

Source of the fields: ICS 213 RR, Resource Request Message (FEMA): what, how many, kind, where and when to report, why.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from tocsin.geography.metric import Metric
from tocsin.model.city import Need
from tocsin.model.ids import UnitKindId
from tocsin.model.place import Point
from tocsin.model.plan import Missing, Reason, ResourceRequest, Shortfall
from tocsin.model.resources import Neighbour, SiteKind
from tocsin.planning.dispatch.problem import Problem

UNNAMED_MIN = 30.0
"""Within so many minutes help is asked for where no neighbour says how long it takes."""
LEAST_S = 3600.0
"""Nobody is asked for less than an hour."""
STAGING_M = 5_000.0
"""Help reports to a staging area if one lies this near to the call, else to the call's block."""
_STEP = timedelta(minutes=5)

WHY: Final[Mapping[Shortfall, str]] = {
    Shortfall.NO_SUCH_UNIT: "request_why_no_such_unit",
    Shortfall.ALL_BUSY: "request_why_all_busy",
    Shortfall.ALL_OFF_DUTY: "request_why_all_off_duty",
    Shortfall.PLACES_UNKNOWN: "request_why_places_unknown",
    Shortfall.OUT_OF_REACH: "request_why_out_of_reach",
}
"""Shortfalls that a neighbour could fill, and the sentence that says so. Without a place or a card nobody is asked."""


def draft_requests(problem: Problem, missing: Sequence[Missing]) -> tuple[ResourceRequest, ...]:
    """One request for each neighbour that can help, quickest first, and one to nobody for what is left."""
    return tuple(request for line in missing if line.shortfall in WHY for request in _of_line(problem, line))


def _of_line(problem: Problem, line: Missing) -> Iterator[ResourceRequest]:
    need = next((n for n in problem.needs if n.kind == line.kind), Need(line.kind))
    left = line.count
    helpers = sorted(problem.city.neighbours.values(), key=lambda n: (n.minutes, n.neighbour))
    for neighbour in helpers:
        kind, count = _lends(neighbour, need, left)
        if count:
            yield _request(problem, line, need, kind, count, neighbour)
            left -= count
    if left:
        yield _request(problem, line, need, line.kind, left, None)


def _lends(neighbour: Neighbour, need: Need, most: int) -> tuple[UnitKindId, int]:
    for kind in (need.kind, *need.substitutes):
        if neighbour.units.get(kind, 0) > 0:
            return kind, min(most, neighbour.units[kind])
    return need.kind, 0


def _request(
    problem: Problem, line: Missing, need: Need, kind: UnitKindId, count: int, neighbour: Neighbour | None
) -> ResourceRequest:
    minutes = UNNAMED_MIN if neighbour is None else neighbour.minutes
    busy_s = LEAST_S if problem.lateness is None else problem.lateness.busy_of(kind)
    return ResourceRequest(
        kind=kind,
        count=count,
        why=Reason(WHY[line.shortfall], {"kind": line.kind}),
        by=_whole(problem.now + timedelta(minutes=minutes)),
        duration_s=max(LEAST_S, busy_s),
        report_to=_report_to(problem),
        area=problem.call.area,
        skills=need.skills,
        neighbour=None if neighbour is None else neighbour.neighbour,
    )


def _report_to(problem: Problem) -> Point | None:
    """The nearest staging area in `STAGING_M`, else the call's block."""
    if problem.place is None:
        return None
    metric = Metric.of(problem.city.bounds)
    staging = [s.place for s in problem.city.sites.values() if s.kind is SiteKind.STAGING]
    nearest = min(staging, key=lambda p: metric.distance_m(p, problem.place or p), default=None)
    away_m = math.inf if nearest is None else metric.distance_m(nearest, problem.place)
    return nearest if away_m <= STAGING_M else problem.place


def _whole(at: datetime) -> datetime:
    """Up to the next five minutes: nobody asks for a second."""
    past = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at if not past else at - past + _STEP
