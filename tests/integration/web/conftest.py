"""The web side over the fake desk, on the address that a browser would use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.fakes.desk import FakeDesk
from tests.scene import NOON
from tocsin.adapters.clocks import FakeClock
from tocsin.model.origin import Mode
from tocsin.web.app import create_app

TOKEN = "printed-at-start"  # noqa: S105 - opens nothing but the fakes here
PORT = 8765
URL = f"http://127.0.0.1:{PORT}"
AUTH = {"Authorization": f"Bearer {TOKEN}"}


def open_client(desk: FakeDesk, *, demo: bool = False) -> TestClient:
    app = create_app(
        desk,
        token=TOKEN,
        demo_session=demo,
        missing={"duty.parquet": "duty is inferred"},
        port=PORT,
        wall=FakeClock(NOON),
    )
    return TestClient(app, base_url=URL, follow_redirects=False)


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def replay() -> FakeDesk:
    return FakeDesk(mode=Mode.REPLAY)


@pytest.fixture
def client(desk: FakeDesk) -> Iterator[TestClient]:
    with open_client(desk) as client:
        yield client
