"""What everybody may read over HTTP, and the two routes about one case for those who are signed in."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.accounts import open_accounts, signed_in
from tests.fakes.desk import FakeDesk, square_town
from tests.fakes.gate import NOW, POLICY, Gate, somebody
from tests.integration.web.conftest import PORT, TOKEN, URL
from tests.rules import base
from tocsin.adapters.clocks import FakeClock
from tocsin.bootstrap_settings import Settings
from tocsin.desk.cards import cards_of
from tocsin.desk.identity.accounts import Accounts
from tocsin.desk.residents import Residents
from tocsin.model.city import Controller
from tocsin.web.app import create_app
from tocsin.web.owed import ANSWER_S, BURST, Owed, Pace

PUBLIC = ("account", "register", "uses", "processing", "impact", "findUsage", "usagePeriod", "heartbeat")


@dataclass(frozen=True)
class Web:
    """One application for all tests here: what it answers of is changed from test to test."""

    app: FastAPI
    client: TestClient
    accounts: Accounts
    wall: FakeClock


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    wall = FakeClock(NOW)
    accounts = open_accounts(clock=wall)
    app = create_app(
        FakeDesk(now=NOW), token=TOKEN, demo_session=False, missing={}, port=PORT, wall=wall, accounts=accounts
    )
    with TestClient(app, base_url=URL, headers={}, follow_redirects=False) as client:
        yield Web(app, client, accounts, wall)


class House(Gate):
    """A gate behind a web application: nobody is signed in unless `post` says so."""

    def __init__(self, web: Web, controller: Controller | None = None) -> None:
        super().__init__()
        self.client, self.accounts = web.client, web.accounts
        self.residents = Residents(
            POLICY,
            self.ledger,
            self.log,
            self.clock,
            title="Example town",
            controller=controller or Controller(),
            cards=cards_of(square_town(), Settings()),
            random=secrets.token_bytes,
        )
        self.ledger.append(self.residents.list_new_cards(NOW)).result()
        self.paused_s: list[float] = []
        web.app.state.owed = Owed(self.residents, Pace(web.wall.monotonic_s, self._pause))

    async def _pause(self, seconds: float) -> None:
        self.paused_s.append(seconds)
        await asyncio.sleep(0)

    def get(self, what: str, **params: object) -> object:
        answer = self.client.get(f"/api/public/{what}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, role: str, body: object = None):
        headers = signed_in(self.accounts, PORT, role)
        return self.client.post(path, json=body, headers=headers)

    def code(self, call: str = "c1") -> str:
        answer = self.post(f"/api/calls/{call}/claim-code", "watch_officer")
        assert answer.status_code == 201, answer.text
        return answer.json()["code"]


@pytest.fixture
def house(web: Web) -> House:
    return House(web)


@pytest.mark.parametrize("what", PUBLIC)
def test_nobody_has_to_sign_in(house: House, what: str):
    assert house.get(what)


def test_the_account_says_what_was_used_by_whom_for_what(house: House):
    house.ask("c1")
    house.ask("bare", "gone")
    house.ask("c1", who=somebody("analyst"))
    found = house.get("account")
    (use,) = [one for one in found["uses"] if one["kind"] == "use"]
    assert (use["uses"], use["rows"], use["office"], use["role_title"]) == (2, 3, "Fire department", "Dispatcher")
    assert (use["dataset_title"], use["fields"]) == ("Calls", ["place"])
    assert use["purpose_title"] == "Emergency response"
    (day,) = found["days"]
    assert (day["uses"], day["refusals"]) == (2, 1)
    assert found["log"]["size"] == house.ledger.size()
    assert found["log"]["checkpoint"] == house.ledger.checkpoint()
    assert found["note"].startswith("Counts are of uses by offices, not of people.")
    assert found["controller"]["missing"] == ["name", "contact", "data_protection_officer"]


def test_nothing_public_names_a_call_a_person_or_a_reason(house: House):
    house.ask("c1", reason="because of Anna Example")
    house.code("bare")
    text = "".join(json.dumps(house.get(what)) for what in PUBLIC if what != "findUsage")
    for hidden in ("a-dispatcher", "Anna", "call:", '"bare"', "10.02", "50.01"):
        assert hidden not in text, hidden


def test_break_glass_stands_out_until_it_was_reviewed(house: House):
    house.ask("c1", break_glass=True, reason="life and limb", second="watch_officer")
    assert [one["overdue"] for one in house.get("account")["break_glass"]] == [False]
    house.later(hours=25)
    found = house.get("account")
    assert [one["overdue"] for one in found["break_glass"]] == [True]
    assert found["break_glass_overdue"] == 1
    (line,) = [one for one in house.get("impact")["risks"] if one["id"] == "break_glass"]
    assert (line["state"], line["figure"]) == ("open", 1)


def test_the_register_has_a_card_of_everything_with_its_entry(house: House):
    found = house.get("register")
    assert found["ratings"] == 0
    for card in found["cards"]:
        (entry,) = house.ledger.entries(card["index"], card["index"] + 1)
        assert (entry.body["card"], entry.body["digest"]) == (card["id"], card["digest"])
        assert card["decides"]
        assert card["does_not"]
    assert house.residents.list_new_cards(NOW) == ()


def test_uses_can_be_filtered_paged_and_read_as_a_table(house: House):
    for _ in range(5):
        house.later(hours=1)
        house.ask("c1")
    house.ask("c1", who=somebody("analyst"))
    page = house.get("uses", kind="use", limit=2, offset=1)
    assert page["total"] == 5
    assert [one["at"] for one in page["uses"]] == ["2025-06-01T16:00:00Z", "2025-06-01T15:00:00Z"]
    part = house.get("uses", **{"from": "2025-06-01T14:00:00Z", "until": "2025-06-01T16:00:00Z"})
    assert part["total"] == 2
    assert house.get("uses", role="analyst")["total"] == house.get("uses", kind="refusal")["total"] == 1
    assert house.get("uses", office="nobody")["total"] == 0
    answer = house.client.get("/api/public/uses?form=csv&limit=1")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["x-total-count"] == "6"
    head, line = csv.reader(io.StringIO(answer.text))
    assert dict(zip(head, line, strict=True))["kind"] == "refusal"


@pytest.mark.parametrize("params", ["limit=0", "limit=1001", "offset=-1", "kind=call", "from=yesterday"])
def test_a_listing_that_cannot_be_is_refused(house: House, params: str):
    assert house.client.get(f"/api/public/uses?{params}").status_code == 422


def test_the_record_of_processing_has_an_entry_for_each_purpose(web: Web):
    house = House(web, Controller("City of Example", "Town hall", "dpo@example.org"))
    house.ask("c1")
    found = house.get("processing")
    assert [one["purpose"] for one in found["entries"]] == list(base().purposes)
    emergency = found["entries"][0]
    assert {one["field"] for one in emergency["data"]} == {"place", "kind_reported", "raw"}
    assert {one["retention"] for one in emergency["data"]} == {"P180D"}
    assert emergency["subjects"] == list(base().datasets["calls"].concerns)
    assert [(one["name"], one["internal"], one["uses"]) for one in emergency["received"]] == [
        ("Fire department", True, 1)
    ]
    assert "dispatcher" in emergency["roles"]
    assert "analyst" not in emergency["roles"]
    assert found["controller"]["name"] == "City of Example"
    assert found["missing"] == []


def test_what_the_pack_does_not_say_is_said_to_be_missing(house: House):
    missing = house.get("processing")["missing"]
    assert [text[:3] for text in missing] == ["(a)", "(a)", "(a)"]


def test_the_record_is_exchanged_as_json_ld(house: House):
    answer = house.client.get("/api/public/processing?form=json-ld")
    assert answer.headers["content-type"].startswith("application/ld+json")
    document = answer.json()
    catalogue, *processes = document["@graph"]
    assert catalogue["@type"] == ["dcat:Catalog", "dpv:RecordsOfActivities"]
    assert [one["@id"] for one in processes] == [one["@id"] for one in catalogue["dcat:resource"]]
    prefixes = set(document["@context"])
    for text in _terms(document["@graph"]):
        assert text.partition(":")[0] in prefixes, text


def _terms(value: object) -> Iterator[str]:
    """Every key, type and identifier of a document."""
    if isinstance(value, list):
        for one in value:
            yield from _terms(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if not key.startswith("@"):
                yield key
            elif key in ("@id", "@type"):
                yield from (one if isinstance(one, list) else [one])
            yield from _terms(one)


# findUsage


def test_a_code_that_was_handed_out_finds_the_uses_of_its_call(house: House):
    code = house.code()
    house.later(minutes=1)
    house.ask("c1")
    found = house.get("findUsage", userCode=code)
    assert found["totalUsages"] == 2
    first = found["usages"][0]
    assert first["logtime"] == "2025-06-01T12:01:00Z"
    assert first["receiverCode"] == "Fire department"
    assert first["receiverName"] == "Fire department, Dispatcher"
    assert first["receiverSystem"] == "Tocsin"
    assert first["proof"].startswith("c2sp.org/tlog-proof@v1\n")
    assert json.loads(first["entry"])["kind"] == "use"


def test_unknown_codes_are_answered_in_the_same_form_as_a_case_without_uses(house: House):
    code = house.code()
    until = {"periodEnd": (NOW - timedelta(days=1)).isoformat()}
    quiet = house.client.get("/api/public/findUsage", params={"userCode": code, **until})
    for written in ("7KQ2M-00000-00000-00000", "c1", "Anna Example", "+49 30 123456", "", "=1+1"):
        answer = house.client.get("/api/public/findUsage", params={"userCode": written, **until})
        assert (answer.status_code, answer.content) == (quiet.status_code, quiet.content)
        differing = {"date"}
        assert [h for h in answer.headers.items() if h[0] not in differing] == [
            h for h in quiet.headers.items() if h[0] not in differing
        ]
    assert len(set(house.paused_s)) == 1


def test_answers_leave_on_a_grid_of_time(house: House):
    house.get("findUsage", userCode="x")
    assert house.paused_s == [ANSWER_S]


def test_one_address_may_not_ask_for_ever(house: House):
    answers = [house.client.get("/api/public/findUsage?userCode=x").status_code for _ in range(int(BURST) + 2)]
    assert answers == [200] * int(BURST) + [429, 429]
    last = house.client.get("/api/public/findUsage?userCode=x")
    assert int(last.headers["retry-after"]) >= 1


def test_the_protocols_header_is_taken_and_kept_nowhere(house: House):
    answer = house.client.get("/api/public/findUsage?userCode=x", headers={"X-Road-UserId": "EE12345678901"})
    assert answer.status_code == 200
    assert "EE12345678901" not in repr(vars(house.ledger))


@pytest.mark.parametrize(
    "params", ["periodStart=yesterday", "periodEnd=2026-13-01", "offset=-1", "limit=0", "limit=x", "offset=1e3"]
)
def test_what_the_protocol_does_not_take_is_answered_with_400(house: House, params: str):
    answer = house.client.get(f"/api/public/findUsage?userCode=x&{params}")
    assert answer.status_code == 400
    assert answer.json()["where"].startswith("query.")


def test_more_than_the_most_is_answered_with_the_most(house: House):
    assert house.get("findUsage", userCode=house.code(), limit=5000)["totalUsages"] == 1


def test_the_period_begins_with_the_oldest_entry(house: House):
    assert house.get("usagePeriod") == {"periodStart": "2025-06-01T12:00:00Z"}
    assert house.get("heartbeat")["status"] == "OK"


# One case


def test_claim_codes_are_for_the_desk(house: House):
    assert house.client.post("/api/calls/c1/claim-code").status_code == 401
    assert house.post("/api/calls/c1/claim-code", "analyst").status_code == 403
    assert house.post("/api/calls/nobody/claim-code", "watch_officer").status_code == 404
    first, second = house.code(), house.code()
    assert first != second
    assert house.get("findUsage", userCode=first) == house.get("findUsage", userCode=second)


def test_erasures_are_for_the_data_protection_officer(house: House):
    order = {"call": "c1", "reason": "asked for it, Art. 17"}
    assert house.client.post("/api/erasures", json=order).status_code == 401
    assert house.post("/api/erasures", "watch_officer", order).status_code == 403
    code = house.code()
    answer = house.post("/api/erasures", "data_protection_officer", order)
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["payloads"], said["entries"], said["codes"]) == (1, 1, 1)
    assert house.get("findUsage", userCode=code) == {"totalUsages": 0, "usages": []}
    (gone,) = house.get("account")["destroyed"]
    assert (gone["kind"], gone["payloads"], gone["index"]) == ("erasure", 1, said["entry"])


def test_a_case_is_erased_by_its_code_too(house: House):
    code = house.code()
    by_code = {"claim_code": code, "reason": "asked for it"}
    assert house.post("/api/erasures", "data_protection_officer", by_code).status_code == 201
    assert house.post("/api/erasures", "data_protection_officer", by_code).status_code == 404


@pytest.mark.parametrize(
    "order",
    [
        {"reason": "asked for it"},
        {"call": "c1", "claim_code": "x", "reason": "asked for it"},
        {"call": "c1", "reason": "short"},
        {"call": "c1"},
    ],
)
def test_an_erasure_names_one_case_and_a_reason(house: House, order: dict[str, str]):
    assert house.post("/api/erasures", "data_protection_officer", order).status_code == 422


def test_a_desk_without_a_ledger_says_so(web: Web):
    web.app.state.owed = None
    for what in PUBLIC:
        answer = web.client.get(f"/api/public/{what}")
        if what == "heartbeat":
            assert answer.json()["status"] == "FAIL"
        else:
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:tocsin:problem:no_ledger")
