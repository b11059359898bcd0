"""Every error is a problem that says where and what to do, and no body is read beyond its limit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from starlette.testclient import TestClient

from tests.fakes.desk import FakeDesk
from tests.integration.web.conftest import AUTH, PORT, open_client
from tocsin.desk.board import Outcome
from tocsin.errors import (
    BadReport,
    BadSettings,
    LogBusy,
    LogDamaged,
    LogError,
    LogFull,
    NeverDone,
    NotFound,
    TocsinError,
)
from tocsin.web.bodies import INTAKE_LIMIT, LIMIT, BodyLimit
from tocsin.web.front import Lane
from tocsin.web.problems import ProblemError, from_house_error

CALL = {"call": "c1", "received": "2030-05-06T12:00:00Z", "kind": "medical"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "no_such_address"),
        ("POST", "/api/nothing", 404, "no_such_address"),
        ("GET", "/nothing.js", 404, "no_such_address"),
        ("POST", "/", 404, "no_such_address"),
        ("DELETE", "/api/calls", 405, "method_not_allowed"),
        ("GET", "/api/intake", 405, "method_not_allowed"),
        ("GET", "/api/calls/none", 404, "not_found"),
        ("GET", "/api/units/none", 404, "not_found"),
        ("GET", "/api/areas/none", 404, "not_found"),
        ("GET", "/api/changes?limit=x", 422, "invalid"),
    ],
)
def test_errors_are_problems(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    answer = client.request(method, path, headers=AUTH)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"urn:tocsin:problem:{code}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["do"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("x"), 404),
        (BadSettings("x"), 409),
        (NeverDone("x"), 409),
        (BadReport("line 7", "x"), 422),
        (LogFull("x"), 507),
        (LogDamaged("x"), 503),
        (LogBusy("x"), 503),
        (LogError("x"), 503),
        (TocsinError("x"), 500),
    ],
)
def test_every_exception_of_the_house_has_its_problem(error: TocsinError, status: int) -> None:
    problem = from_house_error(error)
    assert (problem.status, bool(problem.do)) == (status, True)


def test_a_mistake_of_ours_is_a_problem_too(desk: FakeDesk) -> None:
    def fail(commands: object) -> Future[tuple[Outcome, ...]]:
        raise ZeroDivisionError("inside")

    desk.submit = fail  # type: ignore[method-assign]
    client = open_client(desk)
    client = TestClient(client.app, base_url=f"http://127.0.0.1:{PORT}", raise_server_exceptions=False)
    answer = client.post("/api/calls", json=CALL, headers=AUTH)
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:tocsin:problem:unforeseen")
    assert "inside" not in answer.text


def test_an_announced_body_that_is_too_long_is_not_read(client: TestClient) -> None:
    headers = {**AUTH, "Content-Length": str(1 << 30)}
    answer = client.post("/api/intake", content=b"{}", headers=headers)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


@pytest.mark.parametrize(
    ("path", "limit"), [("/api/calls", LIMIT), ("/api/intake", INTAKE_LIMIT), ("/api/clock", LIMIT)]
)
def test_an_endless_body_is_cut_at_the_limit(path: str, limit: int) -> None:
    served = 0
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        nonlocal served
        served += 1 << 16
        return {"type": "http.request", "body": b"x" * (1 << 16), "more_body": True}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def never(*_: object) -> None:
        raise AssertionError("the route must not run")

    scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"transfer-encoding", b"chunked")]}
    asyncio.run(BodyLimit(never, linger_s=0.0)(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 413
    assert served <= limit + (1 << 17)


def test_a_body_that_never_comes_is_given_up() -> None:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/calls", "headers": [(b"content-length", b"5")]}
    asyncio.run(BodyLimit(receive, patience_s=0.01)(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408


def chunks(total: int) -> Iterator[bytes]:
    for _ in range(total // 4096):
        yield b"x" * 4096


def test_the_limits_hold_over_http(client: TestClient, desk: FakeDesk) -> None:
    assert client.post("/api/calls", content=chunks(LIMIT + 8192), headers=AUTH).status_code == 413
    assert client.post("/api/calls", content=b"x" * (LIMIT + 1), headers=AUTH).status_code == 413
    assert desk.log.head() == 0
    assert client.post("/api/calls", content=b"x" * LIMIT, headers=AUTH).status_code == 422
    assert desk.log.head() == 1


def test_a_full_lane_turns_away() -> None:
    lane = Lane(1, 429)
    with lane.enter(), pytest.raises(ProblemError) as turned, lane.enter():
        pass
    assert (turned.value.status, turned.value.headers) == (429, {"Retry-After": "1"})
    with lane.enter():
        pass
