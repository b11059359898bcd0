"""A house with accounts and the browser before it: for tests that sign in over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from http.cookies import SimpleCookie
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.accounts import open_identity
from tests.fakes.desk import FakeDesk
from tests.scene import NOON
from tocsin.accounting.access import RoleId
from tocsin.adapters.accounts import MemoryAccounts
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.ledgers.memory import MemoryLedger
from tocsin.desk.identity.giving import Given
from tocsin.desk.identity.identity import Identity
from tocsin.ports import Passkeys, SingleSignOn
from tocsin.web.app import create_app

PORT = 8765
URL = f"http://127.0.0.1:{PORT}"
PASSWORD = "seven quiet herons wade"  # noqa: S105
OTHER = "nine loud geese depart"
WRONG, WEAK = "six wrong owls stay", "password1234"
COOKIE = f"tocsin_session_{PORT}"
DEVICE = f"tocsin_device_{PORT}"


@dataclass
class House:
    identity: Identity
    clock: FakeClock
    client: TestClient
    ledger: MemoryLedger
    own: dict[str, str]

    def post(self, path: str, **body: Any) -> httpx2.Response:
        return self.client.post(f"/api{path}", json=body, headers=self.own)

    def session(self) -> dict[str, Any]:
        return dict(self.client.get("/api/session").json())

    def first(self) -> httpx2.Response:
        link = self.identity.giving.first_link()
        return self.post("/first-account", link=link, login="ada", password=PASSWORD, office="Fire")

    def member(self, login: str, *roles: str) -> None:
        """Somebody with a password, made beside the browser."""
        giving = self.identity.giving
        given = giving.invite(login, "Fire", [RoleId(role) for role in roles], None)
        assert isinstance(given, Given)
        giving.set_password(given.secret or "", PASSWORD)

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx2.Response:
        return self.post("/session", login=login, password=password)

    def later(self, **span: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(**span))

    def events(self) -> list[str]:
        return [str(entry.body["event"]) for entry in self.ledger.entries()]


class Switch:
    """Passes everything on to `now`, so that one application serves many tests: making its routes takes long."""

    def __init__(self) -> None:
        self.now: Any = MemoryAccounts()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.now, name)


@cache
def _application(demo: bool, public: str | None) -> tuple[FastAPI, Switch, FakeClock]:
    store, clock = Switch(), FakeClock(NOON)
    app = create_app(
        FakeDesk(),
        token="printed-at-start",  # noqa: S106 - opens nothing
        demo_session=demo,
        missing={},
        port=PORT,
        wall=clock,
        identity=open_identity(clock, store=store),
        public=public,
    )
    return app, store, clock


@contextmanager
def open_house(
    *,
    passkeys: Passkeys | None = None,
    sso: Callable[[FakeClock], SingleSignOn] | None = None,
    demo_roles: tuple[str, ...] = (),
    public: str | None = None,
    url: str = URL,
) -> Iterator[House]:
    """A house without accounts, and a browser at `url`."""
    app, store, clock = _application(bool(demo_roles), public)
    store.now, ledger = MemoryAccounts(), MemoryLedger()
    clock.__init__(NOON)  # type: ignore[misc]  # as on the first day
    identity = open_identity(
        clock, store=store, ledger=ledger, passkeys=passkeys, sso=sso and sso(clock), demo_roles=demo_roles
    )
    app.state.counter.identity = identity
    # Without the application's start and end: nobody here asks for streams.
    client = TestClient(app, base_url=url, follow_redirects=False)
    yield House(identity, clock, client, ledger, {"Origin": url, "X-Tocsin": "1"})
    client.close()


def cookie(answer: httpx2.Response, name: str) -> str:
    return SimpleCookie("; ".join(answer.headers.get_list("set-cookie")))[name].value
