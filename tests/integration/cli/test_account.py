"""`tocsin account`: from a data folder, a published folder, an address, and from nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.city import write_tiny_pack
from tests.integration.cli.conftest import Tocsin
from tests.rules import base
from tocsin.accounting.account import account_of
from tocsin.accounting.entries import EntryDraft, EntryKind, Json
from tocsin.accounting.tally import Tally
from tocsin.adapters.ledger_files import LogFolder
from tocsin.adapters.ledger_files.reading import read_published
from tocsin.adapters.ledgers import SqliteLedger, open_ledger
from tocsin.errors import BadProof
from tocsin.model.city import Controller

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
USE: dict[str, Json] = {
    "role": "dispatcher",
    "office": "Fire department",
    "action": "consult",
    "dataset": "calls",
    "fields": ["place"],
    "purpose": "tocsin:EmergencyResponse",
    "basis": "eu-gdpr:A6-1-d",
    "decision": "allow",
    "rows": 2,
}


def drafts(count: int, at: datetime = NOW) -> list[EntryDraft]:
    return [EntryDraft(EntryKind.USE, at + timedelta(minutes=n), USE) for n in range(count)]


def filled(data: Path, count: int = 300) -> SqliteLedger:
    ledger = open_ledger(data, "tocsin.example/tiny")
    ledger.append(drafts(count)).result()
    return ledger


@pytest.fixture
def data(tmp_path: Path) -> Path:
    filled(tmp_path / "data").close()
    return tmp_path / "data"


def public(tocsin: Tocsin, *words: object) -> dict[str, object]:
    said = tocsin("account", "--public", "--json", *words)
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert isinstance(found, dict)
    return found


def test_a_data_folder_is_counted_by_what_it_publishes(tocsin: Tocsin, data: Path):
    found = public(tocsin, "--data", data)
    (use,) = found["uses"]
    assert (use["uses"], use["rows"], use["purpose_title"]) == (300, 600, "Emergency response")
    assert found["log"]["size"] == 300
    assert found["log"]["origin"] == "tocsin.example/tiny"
    assert public(tocsin, "--data", data / "ledger")["uses"] == found["uses"]


def test_an_address_gives_the_same(tocsin: Tocsin, data: Path):
    handler = partial(_Quiet, directory=str(data))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            there, here = public(tocsin, "--url", address), public(tocsin, "--data", data)
        finally:
            server.shutdown()
    assert {**there, "at": ""} == {**here, "at": ""}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_the_published_ledger_gives_what_the_ledger_gives(tmp_path: Path):
    ledger = filled(tmp_path / "data", 600)
    ledger.prune(512, "P730D", NOW + timedelta(days=1))
    ledger.append(drafts(3, NOW + timedelta(days=2))).result()
    ledger.close()
    ledger = open_ledger(tmp_path / "data", "tocsin.example/tiny")
    own, published = Tally(), Tally()
    for entry in ledger.entries():
        own.add(entry)
    ledger.close()
    read = read_published(LogFolder(tmp_path / "data" / "ledger"))
    for entry in read.entries():
        published.add(entry)
    assert (own.kinds, own.uses, own.days, own.size, own.seen) == (
        published.kinds,
        published.uses,
        published.days,
        published.size,
        published.seen,
    )
    assert account_of(published, base(), Controller(), read.head, NOW).pruned == 512


def test_a_bundle_that_is_not_there_is_told(data: Path):
    (data / "ledger" / "tile" / "entries" / "001.p" / "44").unlink()
    with pytest.raises(BadProof, match=r"entries/001\.p/44"):
        list(read_published(LogFolder(data / "ledger")).entries())


def test_a_folder_without_a_ledger_is_told(tocsin: Tocsin, tmp_path: Path):
    said = tocsin("account", "--data", tmp_path)
    assert said.status == 2
    assert "no published log" in said.err


def test_the_pack_gives_words_rules_and_the_controller(tocsin: Tocsin, data: Path, tmp_path: Path):
    pack = write_tiny_pack(tmp_path / "pack")
    manifest = pack / "pack.toml"
    said = '\n[controller]\nname = "Town of Tiny"\ncontact = "Town hall"\ndata_protection_officer = "dpo@example.org"\n'
    manifest.write_text(manifest.read_text() + said)
    found = public(tocsin, "--data", data, "--pack", pack)
    assert found["controller"] == {
        "name": "Town of Tiny",
        "contact": "Town hall",
        "data_protection_officer": "dpo@example.org",
        "missing": [],
    }
    cards = json.loads(tocsin("account", "--register", "--json", "--data", data, "--pack", pack).out)["cards"]
    assert {"demand_forecast", "run_cards"} <= {card["id"] for card in cards}
    assert all(card["index"] is None for card in cards)


@pytest.mark.parametrize("what", ["--public", "--processing", "--impact"])
def test_where_no_desk_has_run_the_account_is_that_of_an_empty_ledger(tocsin: Tocsin, what: str):
    said = tocsin("account", what, "--json")
    assert (said.status, json.loads(said.out)["policy"]["faults"]) == (0, [])
    assert "empty ledger" in said.err
    assert tocsin("account", what).status == 0


def test_people_read_tables(tocsin: Tocsin, data: Path):
    said = tocsin("account", "--data", data).out
    for words in (
        "Public account",
        "300 entries",
        "Emergency response",
        "Fire department, Dispatcher",
        "not of people",
    ):
        assert words in said
    assert "Opened to: watch_officer; dispatcher" in tocsin("account", "--processing", "--data", data).out
    assert "co-sign" in tocsin("account", "--impact", "--data", data).out


def test_the_record_is_given_for_exchange(tocsin: Tocsin, data: Path):
    document = json.loads(tocsin("account", "--processing", "--json-ld", "--data", data).out)
    assert document["@graph"][1]["tocsin:uses"] == 300


def test_rules_that_are_not_the_ledgers_are_told(tocsin: Tocsin, tmp_path: Path):
    ledger = filled(tmp_path / "data", 1)
    ledger.append([EntryDraft(EntryKind.POLICY, NOW + timedelta(days=1), {"policy_set": "ab"})]).result()
    ledger.close()
    assert "--pack" in tocsin("account", "--data", tmp_path / "data").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--public", "--impact"), "one of --public"),
        (("--json-ld",), "form of --processing"),
        (("--data", "x", "--url", "http://localhost"), "one of the two"),
        (("--register",), "--pack"),
        (("--url", "gopher://x"), "http"),
    ],
)
def test_what_cannot_be_asked_is_told(tocsin: Tocsin, words: tuple[str, ...], said: str):
    done = tocsin("account", *words)
    assert done.status == 2
    assert said in done.err
