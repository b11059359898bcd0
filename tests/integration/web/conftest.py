"""The web side over the fake desk, on the address that a browser would use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from starlette.testclient import TestClient

from tests.accounts import give_token, open_accounts, signed_in
from tests.fakes.desk import FakeDesk
from tests.scene import NOON
from tocsin.adapters.clocks import FakeClock
from tocsin.desk.identity.accounts import Accounts
from tocsin.model.origin import Mode
from tocsin.web.app import create_app

TOKEN = "printed-at-start"  # noqa: S105 - opens nothing but the fakes here
PORT = 8765
URL = f"http://127.0.0.1:{PORT}"
FEED = {"Authorization": f"Bearer {TOKEN}"}
"""What a feed sends: the token whose scope is `intake`."""
OWN = {"Origin": URL, "X-Tocsin": "1"}
"""What the console's own page can send, and no other site's."""


def open_house(clock: FakeClock | None = None) -> tuple[Accounts, dict[str, str]]:
    """Accounts with one feed and one watch officer, and what the officer's browser sends."""
    accounts = open_accounts(clock=clock)
    headers = signed_in(accounts, PORT, "watch_officer")
    give_token(accounts, "intake", secret=TOKEN)
    return accounts, headers


AUTH = open_house()[1]
"""What a signed-in watch officer's browser sends, in every test's house."""
COOKIE = {"Cookie": AUTH["Cookie"]}


def open_client(
    desk: FakeDesk, *, headers: Mapping[str, str] = AUTH, accounts: Accounts | None = None, demo: bool = False
) -> TestClient:
    """A client that sends `headers` with everything: a watch officer's. A demo has no accounts."""
    app = create_app(
        desk,
        token=TOKEN,
        demo_session=demo,
        missing={"duty.parquet": "duty is inferred"},
        port=PORT,
        wall=FakeClock(NOON),
        accounts=None if demo else accounts or open_house()[0],
    )
    return TestClient(app, base_url=URL, headers=headers, follow_redirects=False)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def replay() -> FakeDesk:
    return FakeDesk(mode=Mode.REPLAY)


@pytest.fixture
def stranger(desk: FakeDesk) -> Iterator[TestClient]:
    """Nobody who is signed in."""
    with open_client(desk, headers={}) as client:
        yield client


@pytest.fixture
def client(desk: FakeDesk) -> Iterator[TestClient]:
    """A signed-in watch officer."""
    with open_client(desk) as client:
        yield client
