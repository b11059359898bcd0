"""Which neighbour could fill what is short, and the request to it, drafted and not sent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.geography.matrix import straight_matrix_s
from tocsin.model.resources import Neighbour
from tocsin.planning.crisis.problem import SLOWER, SupplyProblem
from tocsin.planning.crisis.requests import ShortReason, SupplyRequest
from tocsin.planning.crisis.shortage import Short

_NOT_ASKED = (ShortReason.OFF_STREET, ShortReason.SITE_FULL)
"""Nobody could bring it there, whoever lends it."""


@dataclass(frozen=True, slots=True)
class AidRequest:
    """A request to a neighbour, drafted and not sent: the fields of the ICS 213 RR resource request message.

    `there`: when the help is expected where it is needed if it is asked for now. `in_time`: by the request's latest.
    """

    neighbour: Neighbour
    request: SupplyRequest
    count: int
    there: datetime
    in_time: bool


@dataclass(frozen=True, slots=True)
class Aid:
    """Requests drafted, and what nobody could fill: request id to count."""

    requests: tuple[AidRequest, ...]
    unfilled: dict[str, int]


def aid_for(problem: SupplyProblem, short: Sequence[Short]) -> Aid:
    """For what is short, the most urgent first, the neighbours who lend it, the soonest first, never more than each can
    lend. Who would come after the latest time is asked only for what nobody else can bring, and is marked."""
    left = {(n.neighbour, r): count for n in problem.city.neighbours.values() for r, count in n.resources.items()}
    row_of = {r.request: row for r, row in zip(problem.requests, problem.place_of, strict=True)}
    drafts: list[AidRequest] = []
    unfilled: dict[str, int] = {}
    for line in short:
        request, open_count = line.request, line.count
        able = [] if line.reason in _NOT_ASKED else _soonest(problem, request, row_of[request.request])
        for there_s, neighbour in able:
            key = (neighbour.neighbour, request.resource)
            count = min(open_count, left.get(key, 0))
            if count:
                left[key] -= count
                open_count -= count
                there = problem.now + timedelta(seconds=there_s)
                drafts.append(AidRequest(neighbour, request, count, there, there <= request.latest))
        if open_count:
            unfilled[request.request] = open_count
    return Aid(tuple(drafts), unfilled)


def _soonest(problem: SupplyProblem, request: SupplyRequest, row: int) -> list[tuple[float, Neighbour]]:
    able = [n for n in problem.city.neighbours.values() if n.resources.get(request.resource)]
    timed = [(arrival_s(problem, n, row), n) for n in able]
    return sorted((t for t in timed if math.isfinite(t[0])), key=lambda t: (t[0], t[1].neighbour))


def arrival_s(problem: SupplyProblem, neighbour: Neighbour, row: int) -> float:
    """Seconds from now until the neighbour's help is at place `row`; infinite where no open way leads there."""
    border = problem.border_of.get(neighbour.neighbour)
    if border is None:
        return 60.0 * neighbour.minutes
    if problem.on_street[border]:
        return 60.0 * neighbour.minutes + float(problem.seconds[border, row])
    straight = straight_matrix_s([problem.places[border]], [problem.places[row]])
    return 60.0 * neighbour.minutes + SLOWER * float(straight[0, 0])
