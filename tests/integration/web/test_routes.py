"""Every route over the fake desk: what it says of a call from the first report to the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.fakes.desk import NORTH, FakeDesk, covered
from tests.integration.web.conftest import AUTH, open_client
from tests.scene import NOON, demand
from tests.seals import opened
from tocsin.desk.board import Movement
from tocsin.errors import LogFull
from tocsin.forecasting import laws
from tocsin.model.alarms import Alarm, AlarmKind
from tocsin.model.commands import KeepForecast, ProposePlan, RaiseAlarm
from tocsin.model.forecast import Demand
from tocsin.model.ids import AlarmId, CallId, CommandId, UnitId, UnitKindId
from tocsin.model.origin import Mode, Origin
from tocsin.model.place import Point
from tocsin.model.plan import Choice, Missing, Plan, Reason, Shortfall, Uncovered

CALL = {
    "call": "c1",
    "received": "2030-05-06T13:00:00+01:00",
    "kind": "medical",
    "priority": 1,
    "lon": 10.0501,
    "lat": 50.0702,
}
MARK = {"call": "c1", "unit": "E1", "mark": "dispatched", "at": "2030-05-06T12:01:00Z"}
DESK = Origin("desk:test", "desk", "emergency_response", Mode.LIVE)


def post(client: TestClient, path: str, body: object) -> dict[str, object]:
    answer = client.post(f"/api/{path}", json=body, headers=AUTH)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def test_a_call_from_report_to_scene(client: TestClient, desk: FakeDesk) -> None:
    receipt = client.post("/api/calls", json=CALL, headers=AUTH)
    assert (receipt.status_code, receipt.json()["outcome"], receipt.json()["seq"]) == (201, "kept", 1)
    desk.now = NOON + timedelta(minutes=3)
    post(client, "marks", MARK)
    desk.now = NOON + timedelta(minutes=6)
    post(client, "marks", {**MARK, "mark": "on_scene", "at": "2030-05-06T12:05:00Z"})
    (feature,) = client.get("/api/calls").json()["features"]
    call = feature["properties"]
    assert feature["geometry"]["type"] == "Point"
    assert (call["phase"], call["area"], call["service"], call["target_s"]) == ("at_scene", "north", "medical", 480.0)
    assert call["received"] == "2030-05-06T12:00:00Z"
    assert call["units"][0]["marks"] == {"dispatched": "2030-05-06T12:01:00Z", "on_scene": "2030-05-06T12:05:00Z"}
    unit = client.get("/api/units/E1").json()
    assert (unit["status"], unit["call"], unit["duty"]) == ("on_scene", "c1", "certain")
    texts = [(c["code"], c["text"], c["unit"]) for c in client.get("/api/changes").json()["changes"]]
    assert texts == [
        ("unit_on_scene", "At scene", "E1"),
        ("unit_dispatched", "Sent", "E1"),
        ("call_reported", "New call", None),
    ]


def test_no_answer_carries_the_exact_place(client: TestClient) -> None:
    post(client, "calls", CALL)
    for path in ("picture", "calls", "calls/c1", "changes", "areas"):
        assert "50.0702" not in client.get(f"/api/{path}").text, path


@pytest.mark.parametrize("call", ["2030/17", "../c2", 'c "3" <b>', "\u00fc&;="])
def test_whatever_id_a_city_uses_has_an_address(client: TestClient, call: str) -> None:
    post(client, "calls", {**CALL, "call": call})
    answer = client.get(f"/api/calls/{quote(call, safe='')}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["call"]["call"] == call


def test_the_same_report_twice_is_a_repeat(client: TestClient) -> None:
    first = client.post("/api/calls", json=CALL, headers=AUTH).json()
    again = client.post("/api/calls", json=CALL, headers=AUTH)
    assert (again.status_code, again.json()["outcome"]) == (200, "repeat")
    assert again.json()["id"] == first["id"]
    keyed = client.post("/api/calls", json={**CALL, "id": "k-1"}, headers=AUTH)
    assert (keyed.status_code, keyed.json()["id"], keyed.json()["code"]) == (200, "k-1", "call_known")


def test_an_unknown_unit_is_kept_and_named(client: TestClient) -> None:
    post(client, "calls", CALL)
    answer = client.post("/api/marks", json={**MARK, "unit": "Z9"}, headers=AUTH)
    problem = answer.json()
    assert answer.status_code == 422
    assert problem["type"].endswith(":unknown_unit")
    assert "kept under quarantine" in problem["detail"]
    assert client.get("/api/picture").json()["quarantined"] == {"count": 1, "by_code": {"unknown_unit": 1}}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b'{"call":"c1"', "body"),
        (b"\xff\xfe", "body"),
        (b'{"call":"c1","received":"2030-05-06T12:00:00Z","kind":"medical","name":"x"}', "body"),
        (b'{"call":"c1","received":"2030-05-06T12:00:00Z","kind":"medical","lon":10.0}', "body, $.lat"),
        (b'{"call":"c1","received":"2030-05-06T12:00:00","kind":"medical"}', "body"),
        (b"[" * 60_000, "body"),
    ],
)
def test_what_cannot_be_read_is_kept_with_its_bytes(
    client: TestClient, desk: FakeDesk, body: bytes, where: str
) -> None:
    answer = client.post("/api/calls", content=body, headers=AUTH)
    assert (answer.status_code, answer.json()["where"]) == (422, where)
    (event,) = desk.log.read()
    sealed = opened(desk.log.open_payload(event.id))
    assert sealed is not None
    assert sealed.raw == body


def test_the_clock_obeys_only_where_it_is_virtual(client: TestClient) -> None:
    refused = client.post("/api/clock", json={"action": "play"}, headers=AUTH)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tocsin:problem:not_possible")
    desk = FakeDesk(mode=Mode.REPLAY)
    with open_client(desk) as replay:
        post(replay, "clock", {"action": "play"})
        post(replay, "clock", {"action": "speed", "speed": 60})
        post(replay, "clock", {"action": "step", "step_s": 30})
        clock = post(replay, "clock", {"action": "jump", "to": "2030-05-06T13:00:00Z"})
    assert [verb for verb, _ in desk.orders] == ["play", "speed", "step", "jump"]
    assert (clock["now"], clock["mode"]) == ("2030-05-06T13:00:00Z", "replay")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"action": "jump"}, "body.to"),
        ({"action": "jump", "to": "2030-05-06T13:00:00"}, "body.to"),
        ({"action": "speed"}, "body.speed"),
        ({"action": "speed", "speed": -1}, "body.speed"),
        ({"action": "fly"}, "body.action"),
        ({"action": "play", "loud": True}, "body.loud"),
    ],
)
def test_an_order_that_cannot_be_names_its_place(body: dict[str, object], where: str) -> None:
    with open_client(FakeDesk(mode=Mode.REPLAY)) as replay:
        answer = replay.post("/api/clock", json=body, headers=AUTH)
    assert (answer.status_code, answer.json()["where"]) == (422, where)


def raise_alarm(desk: FakeDesk, alarm: Alarm) -> None:
    desk.submit([RaiseAlarm(CommandId(f"raise:{alarm.alarm}:{alarm.level}"), DESK, alarm)])


def no_unit_alarm() -> Alarm:
    return Alarm(AlarmId("a1"), AlarmKind.NO_UNIT, 2, NOON + timedelta(minutes=3), None, CallId("c1"), NORTH)


def test_an_alarm_is_acknowledged_shelved_and_dismissed(client: TestClient, desk: FakeDesk) -> None:
    post(client, "calls", CALL)
    desk.now = NOON + timedelta(minutes=3)
    raise_alarm(desk, no_unit_alarm())
    (alarm,) = client.get("/api/alarms").json()
    assert (alarm["title"]["text"], alarm["text"]["text"]) == ("No unit yet", "medical · North. Nobody has been sent.")
    assert (alarm["figure"], alarm["since"], alarm["state"]) == ("3:00", "2030-05-06T12:00:00Z", "raised")
    assert post(client, "alarms/a1", {"action": "acknowledge"})["state"] == "acknowledged"
    shelved = post(client, "alarms/a1", {"action": "shelve", "minutes": 5})
    assert (shelved["state"], shelved["shelved_until"]) == ("shelved", "2030-05-06T12:08:00Z")
    wants = client.post("/api/alarms/a1", json={"action": "dismiss", "reason": "  "}, headers=AUTH)
    assert (wants.status_code, wants.json()["where"]) == (422, "body.reason")
    assert post(client, "alarms/a1", {"action": "dismiss", "reason": "a test call"})["state"] == "dismissed"
    refused = client.post("/api/alarms/a1", json={"action": "acknowledge"}, headers=AUTH)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tocsin:problem:unknown_alarm")
    assert client.post("/api/alarms/a9", json={"action": "acknowledge"}, headers=AUTH).status_code == 404


def test_the_figure_stands_still_when_the_cause_is_over(client: TestClient, desk: FakeDesk) -> None:
    post(client, "calls", CALL)
    desk.now = NOON + timedelta(minutes=4)
    raise_alarm(desk, no_unit_alarm())
    post(client, "marks", {**MARK, "at": "2030-05-06T12:03:30Z"})
    desk.move_to(NOON + timedelta(minutes=5))
    (alarm,) = client.get("/api/alarms").json()
    assert (alarm["figure"], alarm["since"], alarm["text"]["text"]) == (
        "3:30",
        None,
        "medical · North. E1 sent by now.",
    )


def test_colour_only_while_an_alarm_stands(client: TestClient, desk: FakeDesk) -> None:
    post(client, "calls", CALL)
    desk.move_to(NOON + timedelta(minutes=3))

    def seen() -> tuple[object, object]:
        picture = client.get("/api/picture").json()
        return picture["numbers"][0]["level"], picture["calls"][0]["needs_you"]

    assert seen() == (None, False)
    raise_alarm(desk, no_unit_alarm())
    assert seen() == ("amber", True)
    post(client, "alarms/a1", {"action": "shelve"})
    assert seen() == (None, False)


def test_the_six_numbers(client: TestClient, desk: FakeDesk) -> None:
    post(client, "calls", CALL)
    desk.move_to(NOON + timedelta(minutes=9))
    numbers = client.get("/api/picture").json()["numbers"]
    shown = [(n["code"], n["value"], n["of"], n["label"]["text"], n["sub"]["text"]) for n in numbers]
    assert shown == [
        ("no_unit", 1, None, "Calls without a unit", "9:00 waited · limit 2:00"),
        ("past_target", 1, None, "Past target", "9:00 so far · target 8:00"),
        ("free", 2, 2, "Engines free", "0 at scene, 0 under way"),
        ("free", 2, 2, "Ambulances free", "2 at unknown places"),
        ("in_time", 0, None, "In time, last hour", "0 of 1 at priority 1"),
        ("next_hour", None, None, "Calls next hour", "no forecast yet"),
    ]


def lawful(desk: FakeDesk) -> Demand:
    """A forecast whose quantiles are those of its laws."""
    said = demand(desk.city, NOON, NOON, 3.0)
    return replace(
        said,
        quantiles=laws.quantiles(said.mean, said.dispersion),
        city_quantiles=laws.quantiles(said.city_mean, said.city_dispersion),
    )


def test_forecast_of_city_and_area(client: TestClient, desk: FakeDesk) -> None:
    assert client.get("/api/forecast").json()["note"]["code"] == "no_forecast"
    desk.submit([KeepForecast(CommandId("f1"), DESK, desk.board().situation.seq, lawful(desk))])
    city = client.get("/api/forecast").json()
    area = client.get("/api/forecast/north").json()
    assert (city["area"], area["area"], area["name"]) == (None, "north", "North")
    hour = area["hours"][0]
    assert hour["start"] == "2030-05-06T12:00:00Z"
    assert len(hour["quantiles"]) == 9
    assert hour["b95"]["low"] <= hour["b80"]["low"] <= hour["b50"]["low"] <= hour["median"] <= hour["b50"]["high"]
    assert client.get("/api/forecast/nowhere").status_code == 404
    number = client.get("/api/picture").json()["numbers"][-1]
    assert number["label"]["text"] == "Calls, 12:00–13:00"
    assert number["band"] == city["hours"][0]["b80"]


def a_plan() -> Plan:
    reason = Reason("closest_by_road", {"unit": "E1", "kind": "engine", "next_unit": "E2", "later_s": 111})
    kind = UnitKindId("engine")
    path = (Point(10.01, 50.01), Point(10.05, 50.07))
    choice = Choice(UnitId("E1"), kind, kind, 256.0, 200.0, 330.0, 0.97, by_road=True, reason=reason, path=path)
    short = Missing(UnitKindId("ambulance"), 1, Shortfall.ALL_BUSY)
    lost = Uncovered(NORTH, kind, 0.95, 0.45, 0.2, 0, 1)
    return Plan(CallId("c1"), NOON, 1, "closest", 7, (choice,), None, (), (lost,), (short,))  # type: ignore[arg-type]


def test_a_plan_with_its_reason_and_why_it_cannot_be_sent() -> None:
    desk = FakeDesk(mode=Mode.REPLAY)
    with open_client(desk) as client:
        post(client, "calls", CALL)
        desk.submit([ProposePlan(CommandId("p1"), Origin("d", "desk", "x", Mode.REPLAY), a_plan())])
        detail = client.get("/api/calls/c1").json()
    assert (detail["can_send"], detail["why_not"]["code"]) == (False, "replay_cannot_send")
    assert [line["name"] for line in detail["card"]] == ["Engine", "Ambulance"]
    plan = detail["plan"]
    assert plan["choices"][0]["reason"]["text"] == "Nearest free engine by road; E2 would be 1:51 later."
    assert plan["missing"][0]["shortfall"]["text"] == "Every ambulance is busy."
    assert plan["uncovers"][0]["band"] == {"low": 0, "high": 1}
    assert plan["stale"] is False


def test_areas_with_cover_and_first_due(client: TestClient, desk: FakeDesk) -> None:
    desk.cover = covered(0.9, 0.3)
    desk.publish()
    detail = client.get("/api/areas/south").json()
    assert (detail["now"]["reachable"], detail["now"]["cover"][0]["share"]) == (False, 0.3)
    assert detail["first_due"] == ["S1"]
    assert 38 < detail["facts"]["km2"] < 41
    assert [a["area"] for a in client.get("/api/picture").json()["least_cover"]] == ["south", "north"]
    outlines = client.get("/api/areas").json()["features"]
    assert [f["geometry"]["type"] for f in outlines] == ["Polygon", "Polygon"]


def test_unknown_shares_are_null(client: TestClient, desk: FakeDesk) -> None:
    desk.cover = covered(float("nan"), 0.6)
    desk.publish()
    north, south = client.get("/api/picture").json()["areas"]
    assert (north["cover"][0]["share"], north["reachable"], south["reachable"]) == (None, None, True)


def test_a_unit_is_put_along_its_way(client: TestClient, desk: FakeDesk) -> None:
    way = Movement((Point(10.0, 50.0), Point(10.0, 50.02)), NOON, NOON + timedelta(seconds=100))
    desk.movements[UnitId("E1")] = way
    desk.move_to(NOON + timedelta(seconds=50))
    features = {f["id"]: f for f in client.get("/api/units").json()["features"]}
    assert features["E1"]["geometry"]["coordinates"] == [10.0, 50.01]
    assert features["E1"]["properties"]["estimated"] is True
    assert features["A1"]["geometry"] is None


def test_the_basemap_is_compressed_and_known_by_its_tag(client: TestClient) -> None:
    plain = client.get("/api/basemap/streets", headers={"Accept-Encoding": "identity"})
    small = client.get("/api/basemap/streets", headers={"Accept-Encoding": "gzip"})
    assert (small.headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)
    assert small.json() == plain.json()
    assert [f["properties"]["road_class"] for f in plain.json()["features"]] == ["arterial", "residential"]
    again = client.get("/api/basemap/streets", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_city_says_what_is_missing(client: TestClient) -> None:
    city = client.get("/api/city").json()
    assert city["missing"] == [{"file": "duty.parquet", "costs": "duty is inferred"}]
    assert [k["kind"] for k in city["unit_kinds"] if k["headline"]] == ["engine", "ambulance"]
    assert (city["can_send"], city["why_not"]["code"]) == (False, "live_cannot_send")


def test_changes_by_page(client: TestClient, desk: FakeDesk) -> None:
    for n in range(4):
        post(client, "calls", {**CALL, "call": f"c{n}"})
    page = client.get("/api/changes", params={"limit": 2}).json()
    assert ([c["seq"] for c in page["changes"]], page["more"]) == ([4, 3], True)
    page = client.get("/api/changes", params={"after": 3}).json()
    assert ([c["seq"] for c in page["changes"]], page["more"]) == ([4], False)
    assert client.get("/api/changes", params={"limit": 0}).status_code == 422


def test_health_when_the_log_is_full(client: TestClient, desk: FakeDesk) -> None:
    assert client.get("/api/health").json()["ok"] is True
    desk.broken = LogFull("no room")
    assert (client.get("/api/health").status_code, client.get("/api/health").json()["log"]) == (503, "full")
    refused = client.post("/api/calls", json=CALL, headers=AUTH)
    assert (refused.status_code, refused.json()["type"]) == (507, "urn:tocsin:problem:log_full")
    assert client.get("/api/picture").status_code == 200
