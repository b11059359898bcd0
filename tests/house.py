"""A whole house over the tiny city: desk, log on disk, web application. For tests that go through the public doors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from tests.accounts import signed_in
from tests.city import write_tiny_pack
from tocsin.bootstrap import House, open_house
from tocsin.bootstrap_settings import Settings
from tocsin.desk.board import Board
from tocsin.web.app import create_app

PORT = 8765


class OpenHouse:
    """A running house and the client of a watch officer who is signed in."""

    def __init__(self, house: House, client: TestClient, data: Path) -> None:
        self.house = house
        self.client = client
        self.data = data

    def wait(self, holds: Callable[[Board], bool]) -> Board:
        """The first board for which `holds`; fails after half a minute."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            board = self.house.desk.board()
            if holds(board):
                return board
            time.sleep(0.01)
        raise AssertionError(f"never came: {self.house.desk.board().clock}")


@contextmanager
def open_tiny_house(folder: Path, *, live: bool = False) -> Iterator[OpenHouse]:
    """`live`: the same city with a feed on the wall clock."""
    pack = write_tiny_pack(folder / "pack")
    if live:
        manifest = pack / "pack.toml"
        manifest.write_text(manifest.read_text().replace('kind = "replay"', 'kind = "intake"'))
    house = open_house(str(pack), folder / "data", demo=False, settings=Settings(seed=1))
    accounts = house.identity.accounts
    app = create_app(
        house.desk,
        token=house.token,
        demo_session=False,
        missing=house.pack.report.missing,
        port=PORT,
        accounts=accounts,
        residents=house.account.residents,
        account=house.account,
    )
    house.start()
    try:
        headers = signed_in(accounts, PORT, "watch_officer")
        with TestClient(app, base_url=f"http://127.0.0.1:{PORT}", headers=headers) as client:
            yield OpenHouse(house, client, folder / "data")
    finally:
        house.close()
