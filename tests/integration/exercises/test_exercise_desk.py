"""An exercise through the public doors: its own desk, its own log, units that do what was confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.exercise_house import RehearsalHouse, open_rehearsal_house
from tocsin.adapters.stores import LOG_FILE, SqliteLog


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RehearsalHouse]:
    with open_rehearsal_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(autouse=True)
def over(house: RehearsalHouse) -> Iterator[None]:
    """No exercise is left running."""
    yield
    for now in house.hall.list_all():
        if not now.ended:
            house.hall.end(now.exercise)


def test_an_exercise_is_called_one_on_every_door_and_the_live_desk_is_not(house: RehearsalHouse) -> None:
    exercise = house.begin()
    assert exercise["exercise"].startswith("X-2024-")
    for address in ("city", "clock", "health"):
        assert house.look(exercise, address)["mode"] == "exercise"
        assert house.client.get(f"/api/{address}").json()["mode"] == "live"


def test_nothing_sealed_is_opened_for_an_exercise_and_the_city_s_ledger_says_who_asked(house: RehearsalHouse) -> None:
    exercise = house.begin()
    call = house.play_to(exercise, 1.0)["calls"][0]["call"]
    asked = {"dataset": "calls", "fields": ["place"], "scope": {"calls": [call]}}
    asked |= {"purpose": "emergency_response", "basis": "eu-gdpr:A6-1-d"}
    glass = {"reason": "it looks like a real one", "second": "auditor"}
    for address, body in (("disclosures", asked), ("break-glass", asked | glass)):
        got = house.client.post(f"/api/exercises/{exercise['exercise']}/{address}", json=body)
        assert (got.status_code, got.json()["type"]) == (409, "urn:tocsin:problem:exercise"), got.text
        (entry,) = house.house.account.ledger.entries(got.json()["entry"], got.json()["entry"] + 1)
        assert (entry.kind.value, entry.body["mode"]) == ("refusal", "exercise")


def test_a_confirmed_plan_moves_units_of_the_exercise_only(house: RehearsalHouse) -> None:
    exercise = house.begin()
    picture = house.play_to(exercise, 1.0)
    call = next(c["call"] for c in picture["calls"] if not c["units"])
    detail = house.look(exercise, f"calls/{call}")
    units = [choice["unit"] for choice in detail["plan"]["choices"]]
    assert units
    house.ask(exercise, f"calls/{call}/plan", taken="proposed", role="watch_officer")
    picture = house.play_to(exercise, 1.5)
    shown = next(c for c in picture["calls"] if c["call"] == call)
    assert {u["unit"] for u in shown["units"]} == set(units)
    assert house.look(exercise)["sent"] == 1
    assert house.client.get("/api/picture").json()["calls"] == []


def test_nobody_moves_without_an_order_and_the_nearest_go_where_that_is_asked(house: RehearsalHouse) -> None:
    alone = house.play_to(house.begin(), 2.0)
    received = [c for c in alone["calls"] if c["received"] >= house.hall.list_all()[0].spec.start.isoformat()[:19]]
    assert received
    assert not any(c["units"] for c in received)
    helped = house.play_to(house.begin(auto_send_s=60), 2.0)
    assert any(c["units"] for c in helped["calls"] if c["call"] in {r["call"] for r in received})


def test_its_log_lies_apart_and_holds_nothing_but_the_exercise(house: RehearsalHouse) -> None:
    exercise = house.begin(auto_send_s=60)
    house.play_to(exercise, 2.0)
    house.hall.end(exercise["exercise"])
    folder = house.data / "exercises" / exercise["exercise"]
    log = house.hall._open[exercise["exercise"]].log
    assert {str(r.origin.mode) for r in log.read()} == {"exercise"}
    assert sum(1 for _ in log.read()) > 20
    # The live desk may have forecast or watched meanwhile; nothing of the exercise is among what it keeps.
    real = house.house.desk.board().situation
    assert not real.calls
    with closing(SqliteLog(house.data / LOG_FILE, writes=False)) as live:
        assert {str(r.origin.mode) for r in live.read()} <= {"live"}
    assert (folder.stat().st_mode & 0o77) == 0
