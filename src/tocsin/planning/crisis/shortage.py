"""What is short, why, and by when it runs out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.special import gammaincinv

from tocsin.model.ids import ResourceId
from tocsin.planning.crisis.allocation import can_leave, in_time, is_open, room_at
from tocsin.planning.crisis.deliveries import Delivery
from tocsin.planning.crisis.problem import SupplyProblem
from tocsin.planning.crisis.requests import Rate, ShortReason, SupplyRequest

LOW, HIGH = 0.1, 0.9
"""The 80 % band."""


@dataclass(frozen=True, slots=True)
class Short:
    """`count` of a request is not met, and the first reason that holds."""

    request: SupplyRequest
    count: int
    reason: ShortReason


@dataclass(frozen=True, slots=True)
class RunsOut:
    """Hours until nothing is left: expected, and the 80 % band; None: never, as far as is told. `stated`: the band is
    that of the rate as told; else of use one by one at that rate."""

    hours: float | None
    low_h: float | None
    high_h: float | None
    stated: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """One resource in the whole city: in stock, asked for, met, and when all that is on hand runs out at the rates
    told; `runs_out` None where nobody tells a rate."""

    resource: ResourceId
    unit: str | None
    in_stock: int
    on_hand: int
    asked: int
    met: int
    runs_out: RunsOut | None


def runs_out(count: int, rate: Rate) -> RunsOut:
    """When `count` is used up at this rate.

    With a band of the rate, the count over its ends. Without one, use is taken for a Poisson process, so that the time
    to use up n at rate r is Erlang (gamma with shape n and rate r; Ross 2014, Introduction to Probability Models,
    section 5.3); true where people take one thing at a time, too narrow where they take many.
    """
    if rate.low_per_h is not None and rate.high_per_h is not None:
        expected, low, high = (_hours(count, r) for r in (rate.per_h, rate.high_per_h, rate.low_per_h))
        return RunsOut(expected, low, high, stated=True)
    expected = _hours(count, rate.per_h)
    if expected is None or count == 0:
        return RunsOut(expected, expected, expected, stated=False)
    low_h, high_h = (float(gammaincinv(count, q)) / rate.per_h for q in (LOW, HIGH))
    return RunsOut(expected, low_h, high_h, stated=False)


def _hours(count: int, per_h: float) -> float | None:
    if count == 0:
        return 0.0
    hours = count / per_h if per_h > 0.0 else math.inf
    return hours if math.isfinite(hours) else None


def outlooks(problem: SupplyProblem, deliveries: Sequence[Delivery]) -> tuple[Outlook, ...]:
    """Each resource that is asked for, in the order of the requests."""
    found = []
    for resource in dict.fromkeys(r.resource for r in problem.requests):
        asking = [r for r in problem.requests if r.resource == resource]
        stock = [s.stock for s in problem.sources_of(resource)]
        on_hand = sum(r.on_hand or 0 for r in asking)
        total = sum(s.count for s in stock)
        rate = _together([r.rate for r in asking if r.rate is not None])
        found.append(
            Outlook(
                resource=resource,
                unit=stock[0].unit if stock else None,
                in_stock=total,
                on_hand=on_hand,
                asked=sum(r.count for r in asking),
                met=sum(d.count for d in deliveries if d.shipment.request.resource == resource),
                runs_out=None if rate is None else runs_out(total + on_hand, rate),
            )
        )
    return tuple(found)


def _together(rates: Sequence[Rate]) -> Rate | None:
    """The sum; its band where all state theirs, as if all were low or high at once."""
    if not rates:
        return None
    lows = [r.low_per_h for r in rates if r.low_per_h is not None]
    highs = [r.high_per_h for r in rates if r.high_per_h is not None]
    stated = len(lows) == len(highs) == len(rates)
    return Rate(sum(r.per_h for r in rates), *((sum(lows), sum(highs)) if stated else (None, None)))


def list_short(problem: SupplyProblem, deliveries: Sequence[Delivery]) -> tuple[Short, ...]:
    """Requests that are not met in full, the most urgent first."""
    met: dict[str, int] = {}
    for d in deliveries:
        met[d.shipment.request.request] = met.get(d.shipment.request.request, 0) + d.count
    short = [
        Short(r, r.count - met.get(r.request, 0), _reason(problem, row, met))
        for row, r in enumerate(problem.requests)
        if r.count > met.get(r.request, 0)
    ]
    return tuple(sorted(short, key=lambda s: s.request.priority))


def _reason(problem: SupplyProblem, row: int, met: Mapping[str, int]) -> ShortReason:
    """The first that holds."""
    request = problem.requests[row]
    known = problem.sources_of(request.resource)
    sources = [s for s in known if s.stock.count]
    if not known and not _is_known(problem, request.resource):
        return ShortReason.UNKNOWN_RESOURCE
    if not problem.on_street[problem.place_of[row]]:
        return ShortReason.OFF_STREET
    if not sources:
        return ShortReason.NONE_IN_STOCK
    for test, reason in (
        (is_open, ShortReason.CUT_OFF),
        (can_leave, ShortReason.NO_VEHICLE),
        (in_time, ShortReason.TOO_LATE),
    ):
        sources = [s for s in sources if test(problem, s, row)]
        if not sources:
            return reason
    asking = [r for r in problem.requests if r.site == request.site and r.resource == request.resource]
    if request.site is not None and sum(met.get(r.request, 0) for r in asking) >= room_at(problem, request):
        return ShortReason.SITE_FULL
    return _vehicle_or_stock(problem, request, met)


def _vehicle_or_stock(problem: SupplyProblem, request: SupplyRequest, met: Mapping[str, int]) -> ShortReason:
    """Stock is left, so vehicles are what is short; or none is."""
    asking = [r for r in problem.requests if r.resource == request.resource]
    given = sum(met.get(r.request, 0) for r in asking)
    left = sum(s.stock.count for s in problem.sources_of(request.resource)) - given
    return ShortReason.NO_VEHICLE if left > 0 else ShortReason.OUT_OF_STOCK


def _is_known(problem: SupplyProblem, resource: ResourceId) -> bool:
    lent = any(resource in n.resources for n in problem.city.neighbours.values())
    return lent or any(resource in site.capacity for site in problem.city.sites.values())
