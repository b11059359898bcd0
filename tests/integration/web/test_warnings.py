"""A warning's life over HTTP: a named role decides and says why; what cannot be says where and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.fakes.desk import NORTH, FakeDesk
from tests.integration.web.conftest import AUTH
from tests.scene import AMBULANCE, NOON
from tocsin.model.alarms import Alarm, AlarmKind
from tocsin.model.commands import ExpireWarning, ProposeWarning, RaiseAlarm
from tocsin.model.ids import AlarmId, CommandId, WarningId
from tocsin.model.origin import Mode, Origin
from tocsin.model.warnings import Action, Evidence, Impact, Threshold, Warned, WarningKind
from tocsin.web.schema import Warning as Shown

DESK = Origin("desk:test", "desk", "emergency_response", Mode.LIVE)
HOUR = timedelta(hours=1)
STORM = Warned(
    WarningId("demand:storm:north:20300506T1200Z"),
    WarningKind.DEMAND,
    NOON,
    NOON,
    NOON + 6 * HOUR,
    0.41,
    Threshold(0.25, "storm", 1000.0, 4000.0),
    area=NORTH,
    impact=Impact(71.6, 55, 90, 40.2, {AMBULANCE: 35.0}),
    evidence=(Evidence("evidence_came", {"came": 1, "start": NOON.isoformat(), "now": NOON.isoformat()}),),
    actions=(Action("call_in", "Call in the second crew.", "duty_officer", 45.0),),
    calls_over=60,
)


def propose(desk: FakeDesk, warned: Warned = STORM) -> None:
    desk.submit([ProposeWarning(CommandId(f"p:{warned.warning}"), DESK, warned)])


def post(client: TestClient, warning: str, **order: Any) -> Any:
    return client.post(f"/api/warnings/{warning}", json={"role": "watch_officer", "reason": "r", **order}, headers=AUTH)


def test_a_warning_that_stands_says_whom_to_order_and_until_when(client: TestClient, desk: FakeDesk) -> None:
    propose(desk)
    (shown,) = client.get("/api/warnings").json()
    mobilisation = shown["mobilisation"]
    (need,) = mobilisation["needs"]
    assert (need["kind"], need["busy_from"], need["busy_min"]) == (AMBULANCE, "assumed", 60.0)
    assert need["load"] == pytest.approx(35 / 6)
    assert need["needed"] > need["on_duty"]
    assert need["text"]["text"].startswith(f"Ambulance: {need['needed']} needed")
    (short,) = mobilisation["short"]
    asked = sum(order["expected"] for order in mobilisation["orders"])
    assert need["needed"] - need["on_duty"] == asked + short["expected"]
    assert shown == client.get(f"/api/warnings/{STORM.warning}").json()
    post(client, STORM.warning, order="decline")
    assert client.get(f"/api/warnings/{STORM.warning}").json()["mobilisation"] is None


def test_a_warning_says_what_where_when_why(client: TestClient, desk: FakeDesk) -> None:
    propose(desk)
    (shown,) = client.get("/api/warnings").json()
    assert shown == client.get(f"/api/warnings/{STORM.warning}").json()
    assert shown["title"]["text"] == "More calls are coming"
    assert shown["text"]["text"] == (
        "North, 12:00 to 18:00: 72 calls expected, 55 to 90 in 80 of 100 cases; 40 are usual."
    )
    assert [line["text"] for line in shown["evidence"]] == ["1 call came from 12:00 to 12:00."]
    assert (shown["chance"], shown["threshold"], shown["protocol"], shown["calls_over"]) == (0.41, 0.25, "storm", 60)
    assert shown["impact"] == {
        "calls": 71.6,
        "band": {"low": 55, "high": 90},
        "usual": 40.2,
        "units": {"ambulance": 35},
    }
    assert shown["can"] == ["issue", "decline"]
    assert shown["actions"][0]["started"] is None
    Shown.model_validate(shown)


def test_where_the_threshold_comes_from(client: TestClient, desk: FakeDesk) -> None:
    propose(desk)
    (shown,) = client.get("/api/warnings").json()
    assert shown["why_threshold"]["text"] == "Protocol storm of the pack: cost over loss is 25 %."
    propose(desk, replace(STORM, warning=WarningId("w2"), threshold=Threshold(0.8)))
    house = client.get("/api/warnings/w2").json()
    assert house["why_threshold"]["text"].startswith("No protocol of the pack speaks of this: proposed from 80 % on")
    assert house["protocol"] is None


def test_a_role_issues_updates_and_lifts(client: TestClient, desk: FakeDesk) -> None:
    propose(desk)
    until = (NOON + 3 * HOUR).isoformat()
    issued = post(client, STORM.warning, order="issue", reason="Gale warning.", actions=["call_in"], until=until).json()
    assert (issued["state"], issued["issued_by"], issued["reason"]) == ("issued", "watch_officer", "Gale warning.")
    assert (issued["ends"], issued["actions"][0]["started"]) == ("2030-05-06T15:00:00Z", "2030-05-06T12:00:00Z")
    assert issued["can"] == ["update", "lift"]
    longer = post(client, STORM.warning, order="update", until=(NOON + 4 * HOUR).isoformat()).json()
    assert (longer["version"], longer["ends"]) == (2, "2030-05-06T16:00:00Z")
    lifted = post(client, STORM.warning, order="lift", reason="It blew over.").json()
    assert (lifted["state"], lifted["reason"], lifted["can"]) == ("lifted", "It blew over.", [])
    assert [w["state"] for w in client.get("/api/warnings").json()] == ["lifted"]


@pytest.mark.parametrize(
    ("order", "status", "code", "where"),
    [
        ({"order": "lift"}, 409, "not_issued", None),
        ({"order": "update", "until": "2030-05-06T14:00:00Z"}, 409, "not_issued", None),
        ({"order": "issue", "role": "  "}, 422, "role_missing", "body.role"),
        ({"order": "issue", "role": "desk"}, 422, "role_may_not", "body.role"),
        ({"order": "issue", "reason": " "}, 422, "reason_missing", "body.reason"),
        ({"order": "issue", "actions": ["ring"]}, 422, "unknown_action", "body.actions"),
        ({"order": "issue", "until": "2030-05-06T11:00:00Z"}, 422, "until_past", "body.until"),
        ({"order": "issue", "until": "2030-06-06T11:00:00Z"}, 422, "until_far", "body.until"),
        ({"order": "issue", "until": "2030-05-06T14:00:00"}, 422, "invalid", "body.until"),
        ({"order": "shout"}, 422, "invalid", "body.order"),
    ],
)
def test_what_cannot_be_says_why(
    client: TestClient, desk: FakeDesk, order: dict[str, Any], status: int, code: str, where: str | None
) -> None:
    propose(desk)
    answer = post(client, STORM.warning, **order)
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem.get("where")) == (status, f"urn:tocsin:problem:{code}", where)
    assert problem["do"]
    assert client.get(f"/api/warnings/{STORM.warning}").json()["state"] == "proposed"


def test_no_such_warning(client: TestClient) -> None:
    assert client.get("/api/warnings/none").status_code == 404
    assert post(client, "none", order="issue").status_code == 404


def test_those_that_stand_come_first(client: TestClient, desk: FakeDesk) -> None:
    propose(desk)
    propose(desk, replace(STORM, warning=WarningId("w2"), proposed=NOON - HOUR, ends=NOON))
    desk.submit([ExpireWarning(CommandId("x"), DESK, WarningId("w2"))])
    propose(desk, replace(STORM, warning=WarningId("w3"), proposed=NOON - 2 * HOUR))
    states = [(w["warning"], w["state"]) for w in client.get("/api/picture").json()["warnings"]]
    assert states == [(STORM.warning, "proposed"), ("w3", "proposed"), ("w2", "expired")]


def test_an_alarm_carries_its_warning_and_says_the_chance_that_it_has_now(client: TestClient, desk: FakeDesk) -> None:
    """The alarm was raised at 30 %; the warning has 41 % now."""
    propose(desk, replace(STORM, kind=WarningKind.SURGE))
    said = {"warning": STORM.warning, "chance": 0.3, "since": NOON.isoformat()}
    alarm = Alarm(AlarmId("surge:north"), AlarmKind.SURGE, 2, NOON, None, area=NORTH, values=said)
    desk.submit([RaiseAlarm(CommandId("r"), DESK, alarm)])
    (shown,) = client.get("/api/picture").json()["alarms"]
    assert (shown["warning"], shown["figure"]) == (STORM.warning, "41 %")
    assert "probability 41 %" in shown["text"]["text"]
