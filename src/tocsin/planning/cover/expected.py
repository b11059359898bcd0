"""The cover layer as expected late calls, by kind of unit and area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tocsin.geography.metric import Floats
from tocsin.model.city import City
from tocsin.model.ids import UnitKindId
from tocsin.model.plan import Reason
from tocsin.planning.cover.corners import within_of
from tocsin.planning.cover.free import FreeUnit
from tocsin.planning.cover.lateness import Lateness, family_of, idle_of, is_known
from tocsin.situation.duty import duty_of
from tocsin.situation.picture import Situation


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedLate:
    """Of the next hour's calls that ask for `kind`, how many are expected to be late.

    `units`: kinds that count. `calls`, `late`: float64 (A,); `total` with its 80 % band `low`, `high` under the
    forecast's; None where unknown, and `why` says why. `idle`: free units that count, `placeless`: free ones that
    nobody knows the place of, `silent`: those not heard from for so long that they count as off duty, where the pack
    has no duty table.
    """

    kind: UnitKindId
    units: tuple[UnitKindId, ...]
    within_s: float
    delay_s: float
    idle: int
    placeless: int
    silent: int
    busy_share: float | None = None
    calls: Floats | None = None
    late: Floats | None = None
    total: float | None = None
    low: float | None = None
    high: float | None = None
    why: Reason | None = None


def expected_late(
    city: City,
    lateness: Lateness,
    situation: Situation,
    free: Sequence[FreeUnit],
    now: datetime,
    kinds: Iterable[UnitKindId],
) -> Mapping[UnitKindId, ExpectedLate]:
    """By kind, of all units that are free now."""
    return {kind: _of_kind(city, lateness, situation, free, now, kind) for kind in kinds}


def _of_kind(
    city: City, lateness: Lateness, situation: Situation, free: Sequence[FreeUnit], now: datetime, kind: UnitKindId
) -> ExpectedLate:
    family = family_of(city, kind)
    idle = idle_of(lateness.grid, family, free)
    known = ExpectedLate(
        kind,
        tuple(k for k in city.unit_kinds if k in family),
        within_of(city, kind),
        lateness.delay_s,
        int(idle.counts.sum()),
        idle.placeless,
        count_silent(city, situation, now, family),
    )
    if not is_known(idle):
        values: dict[str, str | float | int] = {"placeless": known.placeless, "free": known.placeless + known.idle}
        return replace(known, why=Reason("late_places_unknown", values | {"kind": kind}))
    one = lateness.find(kind)
    if one is None:
        return replace(known, why=lateness.why_unknown())
    late = one.by_area(idle.counts)
    total = float(late.sum())
    return replace(
        known,
        busy_share=one.busy_share,
        calls=one.expecting.calls,
        late=late,
        total=total,
        low=total * one.expecting.low,
        high=total * one.expecting.high,
    )


def count_silent(city: City, situation: Situation, now: datetime, family: frozenset[UnitKindId]) -> int:
    """Units of the family that only silence says are off duty: 0 where the pack has a duty table."""
    if city.duty is not None:
        return 0
    states = (situation.units.get(u.unit) for u in city.units.values() if u.kind in family)
    return sum(state is None or duty_of(city, state, now) == "off" for state in states)
