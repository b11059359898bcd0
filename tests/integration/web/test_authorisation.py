"""Every operation has a cell, every cell holds over HTTP, and what was taken back a moment ago opens nothing."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from tools.reference.authorisation import askers, matrix

from tests.accounts import give_token, open_identity, sign_in
from tests.asking import Answer, Asker
from tests.fakes.desk import FakeDesk
from tests.integration.web.conftest import OWN, PORT, TOKEN
from tests.integration.web.gated import open_gated_house
from tests.rules import policy
from tests.scene import NOON
from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import EntryKind
from tocsin.accounting.identity.principal import Means
from tocsin.adapters.clocks import FakeClock
from tocsin.desk.identity.accounts import Accounts
from tocsin.web.app import api_document, create_app
from tocsin.web.authorise import (
    CONSOLE,
    Authoriser,
    Gated,
    Operations,
    Own,
    Public,
    operations_of,
    without_cell,
)
from tocsin.web.cells import CELLS, SCOPES

MATRIX = matrix()
ASKERS = list(askers())
DOC = api_document()
DOCUMENTED = {op["operationId"] for item in DOC["paths"].values() for op in item.values()}
REFUSALS = {"sign_in_wanted", "not_allowed", "outside_scope", "token_wrong", "session_without_proof", "other_site"}
PROBLEM = {"type", "title", "status", "detail", "instance", "where", "do", "entry", "decision"}


@dataclass
class House:
    app: FastAPI
    accounts: Accounts
    clock: FakeClock
    ask: Callable[..., Answer]

    def headers(self, name: str) -> dict[str, str]:
        """What a new session or token of this asker sends."""
        if name == "signed out":
            return dict(OWN)
        if name.startswith("token:"):
            scopes = [] if name == "token:none" else [name.removeprefix("token:")]
            secret = f"secret-{len(self.accounts.store.list_accounts())}"
            return {"Authorization": f"Bearer {give_token(self.accounts, *scopes, secret=secret)}", **OWN}
        return {"Cookie": f"tocsin_session_{PORT}={sign_in(self.accounts, name)}", **OWN}

    @property
    def operations(self) -> Operations:
        return operations_of(self.app)

    def addresses(self) -> dict[str, tuple[str, str]]:
        """A request for every operation; ids that nothing has."""
        found = {CONSOLE: ("GET", "/")}
        for route in iter_route_contexts(self.app.routes):
            path = re.sub(r"\{[^}]*\}", "none", str(route.path))
            (method,) = set(route.methods or ()) - {"HEAD"}
            found[self.operations.find({"method": method, "path": path})] = (method, path)
        return found


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    clock = FakeClock(NOON)
    identity = open_identity(clock)
    app = create_app(FakeDesk(), token=TOKEN, demo_session=False, missing={}, port=PORT, wall=clock, identity=identity)
    asker = Asker(app, PORT)
    with asyncio.Runner() as runner:
        context = app.router.lifespan_context(app)
        runner.run(context.__aenter__())

        def ask(method: str, path: str, headers: dict[str, str], body: Any = None) -> Answer:
            said = None if body is None else json.dumps(body).encode()
            return runner.run(asker.ask(method, path, headers, said))

        yield House(app, identity.accounts, clock, ask)
        runner.run(context.__aexit__(None, None, None))


def test_every_operation_has_a_cell_and_every_cell_an_operation(house: House) -> None:
    served = set(house.operations.list_all())
    assert without_cell([*served, *DOCUMENTED], CELLS) == (), "give it a cell in tocsin.web.cells"
    assert served >= DOCUMENTED
    assert set(house.addresses()) == served
    assert set(CELLS) == served, "a cell that no operation has"


def test_every_cell_is_said() -> None:
    assert {said for row in MATRIX.values() for said in row.values()} == {"public", "allowed", "refused", "gate"}
    assert all(list(row) == ASKERS for row in MATRIX.values())
    assert set(policy().access.roles) < set(ASKERS)


def test_only_what_is_meant_to_be_is_public() -> None:
    public = {name for name, cell in CELLS.items() if isinstance(cell, Public)}
    expected = {
        CONSOLE, "get_document", "get_health",
        "get_session", "sign_in", "show_code", "ask_passkey", "show_passkey", "make_first_account", "set_password",
        "begin_sso", "finish_sso",
        "get_public_account", "get_register", "list_uses", "get_processing", "get_impact", "find_usage",
        "get_usage_period", "get_heartbeat",
        "get_ledger_file", "list_ledger_checkpoints", "add_cosignature",
    }  # fmt: skip
    assert public == expected


@pytest.mark.parametrize("asker", ASKERS)
def test_every_cell_holds_over_http(house: House, asker: str) -> None:
    """Refused is 401 signed out, else 403, and says nothing but why; allowed gets to the route."""
    for operation, (method, path) in house.addresses().items():
        row = MATRIX[operation]
        headers = house.headers(asker)
        answer = house.ask(method, path, headers, {} if method == "POST" else None)
        place = f"{operation} as {asker}: {answer.status} {answer.text[:300]}"
        assert answer.status != 500, place
        if row[asker] == "refused":
            assert answer.status == (401 if asker == "signed out" else 403), place
            assert answer.headers["content-type"] == "application/problem+json", place
            assert set(answer.json()) <= PROBLEM, place
        elif answer.headers["content-type"] == "application/problem+json":
            assert answer.json()["type"].rpartition(":")[2] not in REFUSALS, place


def test_an_operation_without_a_cell_is_refused_to_everybody() -> None:
    authoriser = Authoriser(policy(), {}, {})
    for name, who in askers().items():
        refusal = authoriser.find_refusal("get_picture", who, NOON)
        assert refusal is not None
        assert refusal.status == (401 if who is None else 403), name


def test_a_policy_that_closed_refuses_everything_but_what_is_public(house: House) -> None:
    from tocsin.accounting.policy import Closed

    authoriser, who = Authoriser(Closed(policy().access), CELLS, SCOPES), askers()["administrator"]
    for operation in MATRIX:
        refusal = authoriser.find_refusal(operation, who, NOON)
        assert (refusal is None) is isinstance(CELLS[operation], Public | Own | Gated), operation


def test_a_role_taken_back_a_second_ago_opens_nothing(house: House) -> None:
    secret = sign_in(house.accounts, "dispatcher")
    headers = {"Cookie": f"tocsin_session_{PORT}={secret}", **OWN}
    assert house.ask("GET", "/api/calls", headers).status == 200
    found = house.accounts.find_principal(session=secret)
    assert found is not None
    account = house.accounts.store.find_account(found.account)
    assert account is not None
    house.accounts.store.change_account(account.with_roles([RoleId("resident")]))
    assert house.ask("GET", "/api/calls", headers).status == 401
    again = house.accounts.open_session(
        replace(account.with_roles([RoleId("resident")]), version=1), RoleId("resident"), Means.SINGLE_SIGN_ON
    )
    assert house.ask("GET", "/api/calls", {"Cookie": f"tocsin_session_{PORT}={again}"}).status == 403


@pytest.mark.parametrize("hours", [1.1, 13.0])
def test_a_session_that_is_over_opens_nothing(house: House, hours: float) -> None:
    headers = {"Cookie": f"tocsin_session_{PORT}={sign_in(house.accounts, 'watch_officer')}"}
    assert house.ask("GET", "/api/clock", headers).status == 200
    house.clock.move_to(house.clock.now() + timedelta(hours=hours))
    assert house.ask("GET", "/api/clock", headers).status == 401


def test_a_token_outside_its_scope_is_refused(house: House) -> None:
    headers = house.headers("token:intake")
    call = {"call": "c1", "received": NOON.isoformat(), "kind": "medical"}
    assert house.ask("POST", "/api/calls", headers, call).status in (200, 201)
    for operation, (method, path) in house.addresses().items():
        if isinstance(CELLS[operation], Public) or operation in SCOPES["intake"]:
            continue
        answer = house.ask(method, path, headers, {} if method == "POST" else None)
        assert (answer.status, answer.json()["type"]) == (403, "urn:tocsin:problem:outside_scope"), operation


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/api/calls", "list_calls"),
        ("GET", "/api/calls/", "get_call"),
        ("GET", "/api/calls/c1/plan", "get_call"),
        ("POST", "/api/calls/c1/plan", "decide_plan"),
        ("GET", "/api//calls", CONSOLE),
        ("GET", "/api/exercises/x/calls", "exercise.list_calls"),
        ("GET", "/api/exercises/x/injects", "list_injects"),
        ("POST", "/api/exercises/x/injects/1", "note_inject"),
        ("GET", "/api/exercises/x/exercises/y", CONSOLE),
        ("PUT", "/api/calls", CONSOLE),
        ("HEAD", "/api/picture", CONSOLE),
        ("GET", "/API/picture", CONSOLE),
        ("GET", "/api/picture/", CONSOLE),
        ("GET", "/api/picture\n", "get_picture"),
        ("GET", "/api/openapi.json", "get_document"),
    ],
)
def test_requests_are_taken_for_what_the_router_takes_them_for(
    house: House, method: str, path: str, operation: str
) -> None:
    assert house.operations.find({"method": method, "path": path}) == operation
    answer = house.ask(
        method, path.replace("\n", "%0A"), house.headers("watch_officer"), {} if method == "POST" else None
    )
    assert answer.status not in (401, 403, 500)
    if operation == CONSOLE:
        assert answer.status in (404, 405)


def test_a_route_that_was_not_decided_about_does_not_run(house: House) -> None:
    """Should gate and router ever disagree, nothing runs."""
    wrong = Operations(((re.compile("^/api/picture$"), frozenset({"GET"}), "get_health"),))
    app = create_app(FakeDesk(), token=TOKEN, demo_session=False, missing={}, port=PORT)
    door = app.user_middleware[0].kwargs["door"]
    app.user_middleware[0].kwargs["door"] = replace(door, operations=lambda: wrong)
    answer = asyncio.run(Asker(app, PORT).ask("GET", "/api/picture"))
    assert (answer.status, answer.json()["type"]) == (403, "urn:tocsin:problem:not_allowed")


def test_what_somebody_sees_is_kept_by_nobody(house: House) -> None:
    """But what stands still: the pack's map, which holds nothing of anybody."""
    still = {"get_city", "get_basemap_areas", "get_basemap_streets"}
    for operation, (method, path) in house.addresses().items():
        if MATRIX[operation]["watch_officer"] == "public":
            continue
        answer = house.ask(method, path, house.headers("watch_officer"), {} if method == "POST" else None)
        kept = answer.headers["cache-control"]
        assert kept == ("private, no-cache" if operation in still else "no-store"), operation


def test_a_refusal_is_written_down(tmp_path: Path) -> None:
    """Once a minute at most, however often the same is tried; without a name."""
    with open_gated_house(tmp_path) as gated:
        headers = gated.person("analyst")
        before = gated.account.ledger.size()
        for _ in range(3):
            refused = gated.client.post("/api/calls/c1/plan", json={}, headers=headers)
            assert refused.status_code == 403
        (entry,) = list(gated.account.ledger.entries(before))
        assert entry.kind is EntryKind.REFUSAL
        said = {key: entry.body[key] for key in ("role", "action", "dataset", "decision", "code", "policies")}
        assert said == {
            "role": "analyst",
            "action": "decide",
            "dataset": "plans",
            "decision": "deny",
            "code": "not_allowed",
            "policies": [],
        }
        assert b"id-user" not in entry.data
        gated.clock.move_to(gated.clock.now() + timedelta(minutes=2))
        assert gated.client.post("/api/calls/c1/plan", json={}, headers=headers).status_code == 403
        assert gated.account.ledger.size() == before + 2


def test_strangers_are_held_up(house: House) -> None:
    app = create_app(FakeDesk(), token=TOKEN, demo_session=False, missing={}, port=PORT, wall=FakeClock(NOON))
    asker = Asker(app, PORT)

    async def ask_often() -> list[int]:
        found = [(await asker.ask("GET", "/api/health")).status for _ in range(1001)]
        return [*found, (await asker.ask("GET", "/icon.svg")).status]

    *found, console = asyncio.run(ask_often())
    assert (set(found[:1000]), found[1000]) == ({200}, 429)
    assert console != 429
