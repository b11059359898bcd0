"""Sealed fields over HTTP: purposes, tasks, disclosures, break-glass and its review, exports."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.gate import LAT, LON, NOW
from tests.integration.web.gated import GatedHouse, open_gated_house

PLACE = {"dataset": "calls", "fields": ["place"], "scope": {"calls": ["c1"]}}
STATED = {"purpose": "emergency_response", "basis": "eu-gdpr:A6-1-d"}
GLASS = PLACE | {"reason": "a child in the water", "second": "watch_officer"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatedHouse]:
    """For tests that leave the clock alone."""
    with open_gated_house(tmp_path_factory.mktemp("shared")) as house:
        yield house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[GatedHouse]:
    with open_gated_house(tmp_path) as house:
        yield house


def test_a_purpose_is_stated_once_and_then_opens_many(shared: GatedHouse) -> None:
    officer = shared.person("dispatcher")
    offers = shared.client.get("/api/purposes", headers=officer).json()
    assert {offer["purpose"] for offer in offers["offers"]} == {"emergency_response"}
    assert {f["field"] for o in offers["offers"] for f in o["fields"]} == {"place", "kind_reported"}
    assert offers["break_glass"]
    task = shared.client.post("/api/tasks", json=STATED, headers=officer)
    assert task.status_code == 201
    for _ in range(2):
        got = shared.client.post("/api/disclosures", json=PLACE | {"task": task.json()["task"]}, headers=officer)
        assert got.status_code == 200, got.text
    said = got.json()
    assert said["rows"] == [{"subject": "c1", "values": {"place": {"lon": LON, "lat": LAT}}, "missing": {}}]
    assert json.loads(said["receipt"]["entry"])["kind"] == "use"
    assert said["receipt"]["proof"].startswith("c2sp.org/tlog-proof@v1\n")
    assert said["decision"]["policies"] == ["desk-opens-places"]
    assert shared.client.delete(f"/api/tasks/{task.json()['task']}", headers=officer).status_code == 200
    over = shared.client.post("/api/disclosures", json=PLACE | {"task": task.json()["task"]}, headers=officer)
    assert (over.status_code, over.json()["type"]) == (409, "urn:tocsin:problem:task_over")


def test_the_session_says_its_task_so_that_nobody_asks_again(shared: GatedHouse) -> None:
    officer = shared.person("dispatcher")
    shared.client.post("/api/tasks", json=STATED, headers=officer)
    got = shared.client.post("/api/disclosures", json=PLACE, headers=officer)
    assert got.status_code == 200
    assert json.loads(got.json()["receipt"]["entry"])["stated"] == "task"


@pytest.mark.parametrize(
    ("role", "body", "status", "code"),
    [
        ("analyst", PLACE | STATED, 403, "not_allowed"),
        ("dispatcher", PLACE, 422, "purpose_missing"),
        ("dispatcher", PLACE | STATED | {"scope": {"calls": ["nobody"]}}, 404, "unknown_scope"),
        ("dispatcher", PLACE | STATED | {"fields": ["block"]}, 422, "not_sealed"),
        ("dispatcher", PLACE | STATED | {"fields": ["raw"]}, 403, "not_allowed"),
        ("dispatcher", PLACE | STATED | {"scope": {"calls": [f"n{n}" for n in range(10_001)]}}, 422, "scope_too_large"),
    ],
)
def test_what_is_refused_says_why_and_where_it_is_written_down(shared, role, body, status, code) -> None:
    got = shared.client.post("/api/disclosures", json=body, headers=shared.person(role))
    problem = got.json()
    assert (got.status_code, problem["type"]) == (status, f"urn:tocsin:problem:{code}")
    assert problem["detail"]
    assert problem["do"]
    (entry,) = shared.account.ledger.entries(problem["entry"], problem["entry"] + 1)
    assert entry.body["code"] == code
    if code == "not_allowed":
        assert problem["decision"]["allowed"] is False


def test_nobody_opens_anything_without_signing_in(house: GatedHouse) -> None:
    assert house.client.post("/api/disclosures", json=PLACE | STATED).status_code in (401, 403)
    assert not [e for e in house.account.ledger.entries() if e.kind.value in ("use", "refusal")]


def test_a_role_that_was_taken_back_opens_nothing_at_the_next_request(house: GatedHouse) -> None:
    officer = house.person("dispatcher")
    assert house.client.post("/api/disclosures", json=PLACE | STATED, headers=officer).status_code == 200
    (account,) = house.accounts.store.list_accounts()
    house.accounts.store.change_account(account.with_roles(frozenset()))
    assert house.client.post("/api/disclosures", json=PLACE | STATED, headers=officer).status_code == 401


def test_break_glass_opens_at_once_and_waits_for_another_pair_of_eyes(house: GatedHouse) -> None:
    one, other = house.person("dispatcher", "watch_officer"), house.person("watch_officer")
    got = house.client.post("/api/break-glass", json=GLASS, headers=one)
    assert got.status_code == 200, got.text
    assert got.json()["rows"][0]["values"]["place"]["lon"] == LON
    assert got.json()["review_due"] == (NOW + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    index = got.json()["receipt"]["index"]
    (alarm,) = house.client.get("/api/alarms", headers=one).json()
    assert (alarm["kind"], alarm["text"]["values"]) == ("review", {"entry": index})
    (mine,) = house.client.get("/api/reviews", headers=one).json()["reviews"]
    assert (mine["state"], mine["can_review"], mine["second"]) == ("open", False, "watch_officer")
    said = {"verdict": "justified", "reason": "the boat was called back"}
    assert house.client.post(f"/api/reviews/{index}", json=said, headers=one).status_code == 403
    house.clock.move_to(NOW + timedelta(hours=25))
    other = house.person("watch_officer")
    late = house.client.get("/api/reviews", headers=other).json()
    assert (late["overdue"], late["reviews"][0]["can_review"]) == (1, True)
    reason = {"dataset": "ledger", "fields": ["payload"], "scope": {"entries": [index]}}
    reason |= {"purpose": "oversight", "basis": "eu-gdpr:A6-1-c"}
    opened = house.client.post("/api/disclosures", json=reason, headers=other)
    assert opened.json()["rows"][0]["values"]["payload"]["reason"] == "a child in the water"
    done = house.client.post(f"/api/reviews/{index}", json=said, headers=other)
    assert (done.status_code, done.json()["state"], done.json()["verdict"]) == (200, "done", "justified")
    assert house.client.get("/api/alarms", headers=other).json() == []
    again = house.client.post(f"/api/reviews/{index}", json=said, headers=other)
    assert (again.status_code, again.json()["type"]) == (409, "urn:tocsin:problem:reviewed")
    assert house.client.post("/api/reviews/99", json=said, headers=other).status_code == 404


ASKED = {
    "what": "facts",
    "recipient": "City archive",
    "purpose": "statistics",
    "basis": "eu-gdpr:A6-1-e-public-interest",
}


def ask_export(house: GatedHouse, who: dict[str, str], days: float = 7) -> str:
    until = (house.clock.now() + timedelta(days=days)).isoformat()
    got = house.client.post("/api/exports", json=ASKED | {"expires": until}, headers=who)
    assert got.status_code == 201, got.text
    return got.json()["export"]


def decide(house: GatedHouse, export: str, who: dict[str, str], role: str, decision: str = "approve"):
    order = {"decision": decision, "role": role, "reason": "for the annual report"}
    return house.client.post(f"/api/exports/{export}/decision", json=order, headers=who)


def test_what_leaves_needs_two_others_and_goes_when_it_expires(house: GatedHouse, tmp_path: Path) -> None:
    analyst, watch = house.person("analyst"), house.person("watch_officer")
    officer = house.person("data_protection_officer")
    export = ask_export(house, analyst)
    assert house.client.get(f"/api/exports/{export}/file", headers=analyst).status_code == 409
    assert decide(house, export, analyst, "analyst", "release").status_code == 409
    assert decide(house, export, analyst, "analyst").json()["type"].endswith("own_request")
    assert decide(house, export, watch, "watch_officer").json()["wanted"] == 1
    assert decide(house, export, watch, "watch_officer").json()["type"].endswith("voted")
    assert decide(house, export, house.person("watch_officer"), "watch_officer").json()["type"].endswith("voted")
    assert decide(house, export, officer, "data_protection_officer").json()["state"] == "approved"
    released = decide(house, export, analyst, "analyst", "release").json()
    assert released["state"] == "released"
    got = house.client.get(f"/api/exports/{export}/file", headers=analyst)
    assert got.status_code == 200
    names = zipfile.ZipFile(io.BytesIO(got.content)).namelist()
    assert {"calls.parquet", "APPROVAL.md"} <= set(names)
    kinds = [entry.kind.value for entry in house.account.ledger.entries()]
    assert kinds.count("export") == 1
    (left,) = [e.body for e in house.account.ledger.entries() if e.kind.value == "export"]
    assert (left["recipient"], left["sha256"], len(left["approved"])) == ("City archive", released["sha256"], 2)
    house.clock.move_to(NOW + timedelta(days=7))
    analyst = house.person("analyst")
    assert house.client.get(f"/api/exports/{export}/file", headers=analyst).status_code == 409
    assert not list((tmp_path / "exports").rglob("*.zip"))
    (gone,) = [e.body for e in house.account.ledger.entries() if e.kind.value == "expiry"]
    assert gone["digest"] == left["sha256"]
    assert house.client.get("/api/exports", headers=analyst).json()["exports"][0]["state"] == "expired"


def test_an_export_that_cannot_be_is_refused_with_its_place(shared: GatedHouse) -> None:
    analyst, until = shared.person("analyst"), (NOW + timedelta(days=1)).isoformat()
    for changed, code, where in (
        ({"what": "everything"}, "unknown_export", "body.what"),
        ({"purpose": "curiosity"}, "unknown_purpose", "body.purpose"),
        ({"expires": (NOW + timedelta(days=91)).isoformat()}, "bad_expiry", "body.expires"),
        ({"expires": NOW.isoformat()}, "bad_expiry", "body.expires"),
        ({"options": {"k": 1}}, "bad_options", "body.options"),
        ({"recipient": "  "}, "invalid", "body.recipient"),
        ({"recipient": "City\u001b[2Jarchive"}, "invalid", "body.recipient"),
    ):
        got = shared.client.post("/api/exports", json=ASKED | {"expires": until} | changed, headers=analyst).json()
        assert (got["type"], got["where"]) == (f"urn:tocsin:problem:{code}", where)
    feed = shared.client.post("/api/exports", json=ASKED | {"expires": until}, headers=shared.person("dispatcher"))
    assert feed.status_code == 403


def test_a_refused_or_withdrawn_export_never_leaves(shared: GatedHouse) -> None:
    analyst, watch = shared.person("analyst"), shared.person("watch_officer")
    refused, withdrawn = ask_export(shared, analyst), ask_export(shared, analyst)
    assert decide(shared, refused, watch, "watch_officer", "refuse").json()["state"] == "refused"
    assert decide(shared, withdrawn, watch, "watch_officer", "withdraw").status_code == 403
    assert decide(shared, withdrawn, analyst, "analyst", "withdraw").json()["state"] == "withdrawn"
    for export in (refused, withdrawn):
        assert decide(shared, export, watch, "watch_officer").status_code == 409
    other_role = decide(shared, refused, watch, "analyst")
    assert (other_role.status_code, other_role.json()["type"]) == (403, "urn:tocsin:problem:role_not_held")
    assert decide(shared, "nothing", watch, "watch_officer").status_code == 404


def test_text_that_is_no_unicode_is_refused_and_breaks_nothing(shared: GatedHouse) -> None:
    analyst, until = shared.person("analyst"), (NOW + timedelta(days=1)).isoformat()
    body = json.dumps(ASKED | {"expires": until, "recipient": "x\ud800y"})
    sent = {**analyst, "content-type": "application/json"}
    assert shared.client.post("/api/exports", content=body, headers=sent).status_code == 422
    body = json.dumps(PLACE | STATED | {"reason": "x\ud800y"})
    officer = {**shared.person("dispatcher"), "content-type": "application/json"}
    assert shared.client.post("/api/disclosures", content=body, headers=officer).status_code == 422
