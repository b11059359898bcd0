"""`/api/health`: what stands still is told to whoever is signed in, and to nobody else."""

from __future__ import annotations

from types import SimpleNamespace

from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.fakes.desk import FakeDesk
from tests.integration.web.conftest import open_client

BEHIND = "the ledger cannot follow."
UNPUBLISHED = "the folder cannot be written."


def _client(desk: FakeDesk, follower: str | None, publisher: str | None, *, known: bool = True) -> TestClient:
    client = open_client(desk) if known else open_client(desk, headers={})
    assert isinstance(client.app, FastAPI)
    client.app.state.account = SimpleNamespace(follower=SimpleNamespace(fault=follower))
    client.app.state.published = SimpleNamespace(fault=publisher)
    return client


def test_it_says_why_the_ledger_stands_still(desk: FakeDesk) -> None:
    assert _client(desk, None, None).get("/api/health").json()["ledger"] is None
    assert _client(desk, BEHIND, None).get("/api/health").json()["ledger"] == BEHIND
    assert _client(desk, None, UNPUBLISHED).get("/api/health").json()["ledger"] == UNPUBLISHED
    found = _client(desk, BEHIND, UNPUBLISHED).get("/api/health")
    assert (found.status_code, found.json()["ok"]) == (200, True)
    assert found.json()["ledger"] == f"{BEHIND} {UNPUBLISHED}"


def test_strangers_learn_nothing_of_it(desk: FakeDesk) -> None:
    assert _client(desk, BEHIND, None, known=False).get("/api/health").json()["ledger"] is None


def test_a_desk_without_a_ledger_has_no_fault_of_one(client: TestClient) -> None:
    assert client.get("/api/health").json()["ledger"] is None
