"""The web side with a ledger and a gate behind it, and people of any role to sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.testclient import TestClient

from tests.accounts import open_accounts, signed_in
from tests.city import write_tiny_pack
from tests.fakes.desk import FakeDesk
from tests.fakes.gate import NOW, make_log
from tests.integration.web.conftest import PORT, TOKEN, URL
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.export import ExportShelf, FactsRelease
from tocsin.adapters.packs import Pack, load_pack
from tocsin.bootstrap_account import open_account
from tocsin.bootstrap_settings import Settings
from tocsin.desk.account import Account
from tocsin.desk.exports import Exports
from tocsin.desk.standing import Standing
from tocsin.web.app import create_app


@cache
def tiny_pack() -> Pack:
    """The tiny city, read once."""
    with TemporaryDirectory() as folder:
        return load_pack(write_tiny_pack(Path(folder) / "pack"))


def make_account(clock: FakeClock, folder: Path, standing: Standing | None = None) -> Account:
    """Everything of accounting in memory, as a house has it; released files below `folder`."""
    log = make_log()
    account = open_account(tiny_pack(), log, None, settings=Settings(), clock=clock, standing=standing)
    shelf, releases = ExportShelf(folder), [FactsRelease(log, {}, b"k" * 32)]
    return replace(account, exports=Exports(account.policy, account.ledger, clock, shelf, releases))


class GatedHouse:
    """A client, and headers of people: `house.as_(role)`."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock(NOW)
        self.accounts = open_accounts(clock=self.clock)
        self.account = make_account(self.clock, folder / "exports", standing=self.accounts)
        self.desk = FakeDesk()
        app = create_app(
            self.desk,
            token=TOKEN,
            demo_session=False,
            missing={},
            port=PORT,
            wall=self.clock,
            accounts=self.accounts,
            account=self.account,
        )
        self.client = TestClient(app, base_url=URL, follow_redirects=False)

    def person(self, role: str, *more: str) -> dict[str, str]:
        """What the browser of somebody new sends."""
        return signed_in(self.accounts, PORT, role, *more)


@contextmanager
def open_gated_house(folder: Path) -> Iterator[GatedHouse]:
    house = GatedHouse(folder)
    with house.client:
        yield house
    house.account.close()
