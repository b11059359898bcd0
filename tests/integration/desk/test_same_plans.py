"""The same record gives the same plans and move-ups, in whatever steps it is run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.city import START, write_tiny_pack
from tocsin.adapters.packs import load_pack
from tocsin.adapters.stores import MemoryLog
from tocsin.bootstrap import open_engine
from tocsin.model.events import Event, MoveUpProposed, PlanProposed
from tocsin.model.origin import Mode


def events(folder: Path, step: timedelta) -> list[Event]:
    """Everything that ten hours of the record become, in steps."""
    log = MemoryLog()
    engine = open_engine(load_pack(folder), log, Mode.REPLAY, START, seed=1)
    until = engine.now + timedelta(hours=10)
    while engine.now < until:
        engine.advance(min(engine.now + step, until))
    engine.flush()
    return [recorded.event for recorded in log.read()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_pack(tmp_path_factory.mktemp("pack"))


def test_in_hours_or_minutes_the_plans_are_the_same(folder: Path) -> None:
    once, again = events(folder, timedelta(hours=1)), events(folder, timedelta(minutes=7))
    plans = [event.plan for event in once if isinstance(event, PlanProposed)]
    assert plans
    assert {plan.planner for plan in plans} <= {"look_ahead", "closest_unit"}
    assert any(plan.planner == "look_ahead" for plan in plans)
    assert plans == [event.plan for event in again if isinstance(event, PlanProposed)]
    moves = [event.move for event in once if isinstance(event, MoveUpProposed)]
    assert moves == [event.move for event in again if isinstance(event, MoveUpProposed)]
