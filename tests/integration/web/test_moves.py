"""Move-ups, chosen plans, cover and what-if over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.fakes.desk import FakeDesk, square_town
from tests.integration.web.conftest import AUTH, open_client
from tests.property.test_moves import S2, move_up
from tests.scene import ENGINE, NOON
from tocsin.model.city import City, Station
from tocsin.model.commands import ProposeMoveUp, ProposePlan, ReportCall, WithdrawMoveUp
from tocsin.model.ids import AgencyId, AreaId, CallId, CommandId, StationId, UnitId
from tocsin.model.moves import MoveUp
from tocsin.model.origin import Mode, Origin
from tocsin.model.place import Point
from tocsin.model.plan import Choice, Plan, Price, Reason, ResourceRequest
from tocsin.planning.cover.expected import ExpectedLate


def two_stations() -> City:
    """`square_town` with a second station."""
    plain = square_town()
    return replace(plain, stations={**plain.stations, S2: Station(S2, "Two", AgencyId("fd"), Point(10.09, 50.09))})


DESK = Origin("desk:test", "desk", "emergency_response", Mode.LIVE)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk(two_stations())


def propose(desk: FakeDesk, move: MoveUp | None = None) -> MoveUp:
    move = move or move_up()
    desk.submit([ProposeMoveUp(CommandId(f"p:{move.move}"), replace(DESK, mode=desk.mode), move)])
    return move


def code_of(answered: Any) -> str:
    """The problem's code, at the end of its type."""
    return str(answered.json()["type"].rpartition(":")[2])


def post(client: TestClient, move: str, **order: Any) -> Any:
    return client.post(f"/api/moves/{move}", json={"role": "watch_officer", **order}, headers=AUTH)


def test_a_move_up_says_who_goes_where_and_what_it_gains(client: TestClient, desk: FakeDesk) -> None:
    propose(desk)
    found = client.get("/api/moves").json()
    (shown,) = found["moves"]
    assert shown == client.get("/api/moves/a").json()
    assert client.get("/api/picture").json()["moves"] == found
    assert (shown["title"]["text"], shown["state"], shown["can"]) == (
        "E1 to Two",
        "proposed",
        ["accept", "change", "refuse"],
    )
    assert shown["text"]["text"] == "0.10 fewer late calls expected in the next hour, of 1.2, for 5 min of driving."
    late = shown["best"]["late"]
    assert (late["before"], late["after"], late["change"], late["low"], late["high"]) == (1.2, 1.1, -0.1, -0.2, -0.05)


def test_an_accepted_move_up_is_kept_and_the_unit_sets_out(client: TestClient, desk: FakeDesk) -> None:
    propose(desk)
    shown = post(client, "a", order="accept").json()
    assert (shown["state"], shown["role"], shown["can"]) == ("accepted", "watch_officer", ["change", "refuse"])
    unit = desk.board().situation.units[UnitId("E1")]
    assert unit.post == StationId("S2")
    desk.move_to(NOON + timedelta(hours=1))
    units = {u["id"]: u["properties"] for u in client.get("/api/units").json()["features"]}
    assert (units["E1"]["status"], units["E1"]["post"], units["E1"]["station"]) == ("available_at_station", "S2", "S1")
    stations = {s["station"]: s["kinds"] for s in client.get("/api/picture").json()["stations"]}
    assert stations == {"S1": ["engine"], "S2": ["engine"]}
    again = post(client, "a", order="accept")
    assert (again.status_code, code_of(again)) == (409, "already_accepted")


def test_called_off_the_unit_goes_home(client: TestClient, desk: FakeDesk) -> None:
    propose(desk)
    post(client, "a", order="accept")
    desk.now += timedelta(hours=1)
    shown = post(client, "a", order="refuse", reason="Road flooded.").json()
    assert (shown["state"], shown["reason"], shown["can"]) == ("refused", "Road flooded.", [])
    unit = desk.board().situation.units[UnitId("E1")]
    assert (unit.post, unit.since) == (None, desk.now)
    assert unit.place == two_stations().stations[StationId("S2")].place


def test_in_a_replay_it_is_kept_and_the_unit_stays_where_the_records_have_it() -> None:
    replay = FakeDesk(two_stations(), mode=Mode.REPLAY)
    propose(replay)
    with open_client(replay) as client:
        assert post(client, "a", order="accept").json()["state"] == "accepted"
    assert replay.board().situation.units[UnitId("E1")].post is None


def test_another_unit_and_another_station_may_be_ordered(client: TestClient, desk: FakeDesk) -> None:
    propose(desk)
    shown = post(client, "a", order="change", unit="E2", reason="E1 has a flat tyre.").json()
    assert (shown["unit"], shown["best"]["unit"], shown["state"]) == ("E2", "E1", "accepted")
    assert desk.board().situation.units[UnitId("E1")].post is None
    assert desk.board().situation.units[UnitId("E2")].post == StationId("S2")


@pytest.mark.parametrize(
    ("order", "status", "code", "where"),
    [
        ({"order": "refuse"}, 422, "reason_missing", "body.reason"),
        ({"order": "change", "reason": "r"}, 422, "nothing_to_change", "body"),
        ({"order": "change", "reason": "r", "unit": "E9"}, 422, "unknown_unit", "body.unit"),
        ({"order": "change", "reason": "r", "to_station": "S9"}, 422, "unknown_station", "body.to_station"),
        ({"order": "accept", "role": "desk"}, 422, "role_may_not", "body.role"),
        ({"order": "accept", "until": "2030-05-06T11:00:00Z"}, 422, "until_past", "body.until"),
        ({"order": "accept", "until": "2031-05-06T11:00:00Z"}, 422, "until_far", "body.until"),
    ],
)
def test_what_cannot_be_says_where_and_why(
    client: TestClient, desk: FakeDesk, order: dict[str, Any], status: int, code: str, where: str
) -> None:
    propose(desk)
    answered = post(client, "a", **order)
    problem = answered.json()
    assert (answered.status_code, code_of(answered), problem["where"]) == (status, code, where)
    assert client.get("/api/moves/a").json()["state"] == "proposed"


def test_what_nobody_proposed_is_not_found(client: TestClient) -> None:
    assert post(client, "b", order="accept").status_code == 404


def test_what_was_overtaken_says_why(client: TestClient, desk: FakeDesk) -> None:
    move = propose(desk)
    desk.submit([WithdrawMoveUp(CommandId("w"), DESK, move.move, "unit_sent")])
    shown = client.get("/api/moves/a").json()
    assert (shown["state"], shown["why_over"]["text"], shown["can"]) == (
        "withdrawn",
        "The unit was sent to a call.",
        [],
    )


# Whom a role chose ----------------------------------------------------------------------------------------------


def choice(unit: str) -> Choice:
    return Choice(UnitId(unit), ENGINE, ENGINE, 200.0, 150.0, 260.0, 0.9, True, Reason("only_free", {"kind": "engine"}))


def call_with_plan(desk: FakeDesk) -> None:
    origin = Origin("feed:test", "feed", "emergency_response", desk.mode)
    desk.submit([ReportCall(CommandId("r"), origin, CallId("c"), desk.now, "smoke", place=Point(10.05, 50.05))])
    why = Reason("request_why_all_busy", {"kind": "engine"})
    plan = Plan(
        CallId("c"), desk.now, desk.board().situation.seq, "look_ahead", 1, (choice("E1"),), choice("E2"), (), (), (),
        price=Price(75.0, 0.08, 0.12),
        rule=Reason("rule_near_equals", {"near_s": 15}),
        requests=(ResourceRequest(ENGINE, 2, why, desk.now, 3600.0, area=AreaId("north")),),
    )  # fmt: skip
    desk.submit([ProposePlan(CommandId("plan"), replace(DESK, mode=desk.mode), plan)])


def decide(client: TestClient, **order: Any) -> Any:
    return client.post("/api/calls/c/plan", json={"role": "watch_officer", **order}, headers=AUTH)


def test_a_plan_says_its_price_its_rule_and_the_request(client: TestClient, desk: FakeDesk) -> None:
    call_with_plan(desk)
    plan = client.get("/api/calls/c").json()["plan"]
    assert [line["text"] for line in plan["price"]["lines"]] == [
        "1:15 later.",
        "Chance to be in time lower by 8 %.",
        "Saves 0.12 late calls in the next hour.",
    ]
    assert plan["rule"]["code"] == "rule_near_equals"
    assert [line["text"] for line in plan["requests"][0]["lines"]] == [
        "To: a neighbour to be named; the pack names none that could help.",
        "Needed: 2 engine",
        "Report to: North, at the block shown",
        "By 12:00, for about 60 min",
        "For call c",
        "Why: every engine is busy.",
    ]


@pytest.mark.parametrize(
    ("order", "units"),
    [
        ({"taken": "proposed"}, ["E1"]),
        ({"taken": "runner_up", "reason": "E1 is being refuelled."}, ["E2"]),
        ({"taken": "other", "units": ["A1"], "reason": "Nearer, as I see."}, ["A1"]),
    ],
)
def test_a_role_chooses_and_that_is_kept(
    client: TestClient, desk: FakeDesk, order: dict[str, Any], units: list[str]
) -> None:
    call_with_plan(desk)
    assert client.get("/api/calls/c").json()["can_confirm"]
    shown = decide(client, **order).json()["decision"]
    assert (shown["units"], shown["role"], shown["taken"]) == (units, "watch_officer", order["taken"])
    assert desk.board().situation.units[UnitId(units[0])].call is None, "Tocsin sends nobody"


@pytest.mark.parametrize(
    ("order", "code", "where"),
    [
        ({"taken": "runner_up"}, "reason_missing", "body.reason"),
        ({"taken": "other", "reason": "r"}, "no_units", "body.units"),
        ({"taken": "other", "reason": "r", "units": ["E9"]}, "unknown_unit", "body.units"),
        ({"taken": "proposed", "role": "desk"}, "role_may_not", "body.role"),
    ],
)
def test_a_choice_that_cannot_be(
    client: TestClient, desk: FakeDesk, order: dict[str, Any], code: str, where: str
) -> None:
    call_with_plan(desk)
    answered = decide(client, **order)
    assert (answered.status_code, code_of(answered), answered.json()["where"]) == (422, code, where)
    assert client.get("/api/calls/c").json()["decision"] is None


def test_in_a_replay_nobody_is_sent() -> None:
    replay = FakeDesk(two_stations(), mode=Mode.REPLAY)
    call_with_plan(replay)
    with open_client(replay) as client:
        shown = client.get("/api/calls/c").json()
        assert (shown["can_confirm"], shown["why_not_confirm"]["code"]) == (False, "replay_cannot_send")
        answered = decide(client, taken="proposed")
        assert (answered.status_code, code_of(answered)) == (409, "replay_cannot_send")


# Cover and what-if ----------------------------------------------------------------------------------------------


def late(**more: Any) -> ExpectedLate:
    return ExpectedLate(ENGINE, (ENGINE,), 480.0, 60.0, 2, 1, 0, **more)


def test_cover_says_late_calls_by_area_and_the_picture_too(client: TestClient, desk: FakeDesk) -> None:
    desk.late = {
        ENGINE: late(
            busy_share=0.2, calls=np.array([2.0, 0.0]), late=np.array([0.5, 0.0]), total=0.5, low=0.2, high=0.9
        )
    }
    desk.publish()
    (kind,) = client.get("/api/cover").json()["kinds"]
    assert (kind["late"], kind["calls"], kind["idle"], kind["placeless"], kind["why_unknown"]) == (0.5, 2.0, 2, 1, None)
    assert kind["areas"] == [
        {"area": "north", "calls": 2.0, "late": 0.5, "share": 0.25},
        {"area": "south", "calls": 0.0, "late": 0.0, "share": None},
    ]
    areas = {a["area"]: a["late"] for a in client.get("/api/picture").json()["areas"]}
    assert areas["north"] == [{"kind": "engine", "calls": 2.0, "late": 0.5, "share": 0.25}]


def test_cover_that_cannot_be_said_says_why(client: TestClient, desk: FakeDesk) -> None:
    desk.late = {ENGINE: late(why=Reason("late_no_forecast"))}
    desk.publish()
    (kind,) = client.get("/api/cover").json()["kinds"]
    assert (kind["late"], kind["areas"], kind["why_unknown"]["code"]) == (None, [], "late_no_forecast")


def test_what_if_answers_and_keeps_nothing(client: TestClient, desk: FakeDesk) -> None:
    call_with_plan(desk)
    head = desk.board().situation.seq
    asked = {"call": "c", "at": [{"unit": "E1", "station": "S2"}], "taken": ["E2", "E9"]}
    shown = client.post("/api/what-if", json=asked, headers=AUTH).json()
    assert [c["unit"] for c in shown["plan_then"]["choices"]] == ["E1"]
    assert [line["text"] for line in shown["ignored"]] == ["The pack has no E9: it was left out."]
    assert shown["text"]["code"] == "what_if_unknown_late"
    assert desk.board().situation.seq == head
    assert client.post("/api/what-if", json={"call": "x"}, headers=AUTH).status_code == 404
    assert client.post("/api/what-if", json={"closed": [[1.0]]}, headers=AUTH).status_code == 422
