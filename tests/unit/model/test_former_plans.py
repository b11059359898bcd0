"""A log of before move-ups and look-ahead stays readable: what is new has a default."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.scene import ENGINE, NOON
from tocsin.adapters.stores.codec import decode_event, encode_event
from tocsin.errors import LogDamaged
from tocsin.model.events import PlanProposed
from tocsin.model.ids import CallId, Seq, UnitId
from tocsin.model.plan import Choice, Plan, Price, Reason

NEW = ("late", "runner_up_late", "price", "rule", "fallback", "requests")


def test_a_plan_without_what_is_new_reads_as_one_of_the_closest_unit() -> None:
    choice = Choice(UnitId("E1"), ENGINE, ENGINE, 200.0, 150.0, 260.0, 0.9, True, Reason("only_free"))
    plan = Plan(CallId("c"), NOON, Seq(3), "closest_unit", 1, (choice,), None, (), (), (), price=Price(1.0, None, None))
    name, body = encode_event(PlanProposed(plan))
    old = msgspec.msgpack.decode(body)
    assert set(NEW) <= set(old["plan"])
    for field in NEW:
        del old["plan"][field]
    read = decode_event(name, msgspec.msgpack.encode(old), 1)
    assert isinstance(read, PlanProposed)
    assert (read.plan.choices, read.plan.made) == ((choice,), NOON + timedelta(0))
    assert (read.plan.late, read.plan.price, read.plan.requests, read.plan.fallback) == ((), None, (), None)


@pytest.mark.parametrize("kind", ["PlanConfirmed", "MoveUpProposed", "MoveUpAccepted", "MoveUpChanged"])
def test_a_body_that_is_none_of_them_is_damage_that_names_the_event(kind: str) -> None:
    with pytest.raises(LogDamaged, match="event 7"):
        decode_event(kind, b"\x80", 7)
