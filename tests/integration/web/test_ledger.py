"""The published ledger through the door: anybody may read it, only witnesses that are known may cosign."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.fakes.desk import FakeDesk
from tests.fakes.ledger import KEY, fill, open_at
from tocsin.accounting.checkpoints import Checkpoint, open_checkpoint
from tocsin.accounting.notes import KeyType, SigningKey, parse_note
from tocsin.accounting.tiles import unpack_entries
from tocsin.adapters.ledgers import SqliteLedger
from tocsin.web.app import create_app

PORT = 8765
WITNESS = SigningKey("auditor.example/witness", bytes(range(1, 33)), KeyType.COSIGNATURE)
STRANGER = SigningKey("stranger.example/witness", bytes(32), KeyType.COSIGNATURE)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    opened = open_at(tmp_path, witnesses=[WITNESS.verifier], publish_every_s=3_600.0)
    fill(opened, 0, 300)
    opened.publisher.publish()
    yield opened
    opened.close()


@pytest.fixture
def client(ledger: SqliteLedger) -> TestClient:
    return _client(ledger)


def _client(ledger: SqliteLedger | None) -> TestClient:
    published = None if ledger is None else ledger.publisher
    app = create_app(FakeDesk(), token="x" * 32, demo_session=False, missing={}, port=PORT, ledger=published)
    return TestClient(app, base_url=f"http://127.0.0.1:{PORT}")


def _cosignature(ledger: SqliteLedger, size: int, key: SigningKey = WITNESS) -> str:
    note = ledger.publisher.note_of(size)
    return key.sign(parse_note(note).text, at_s=1_800_000_000).line


_ANYBODY_READS_THE_PUBLISHED_FILES = [
    ("checkpoint", "text/plain; charset=utf-8", "no-cache"),
    ("checkpoints", "text/plain; charset=utf-8", "no-cache"),
    ("checkpoints/300", "text/plain; charset=utf-8", "no-cache"),
    ("key", "text/plain; charset=utf-8", "public, max-age=60"),
    ("tile/0/000", "application/octet-stream", "public, max-age=31536000, immutable"),
    ("tile/0/001.p/44", "application/octet-stream", "public, max-age=31536000, immutable"),
    ("tile/1/000.p/1", "application/octet-stream", "public, max-age=31536000, immutable"),
    ("tile/entries/000", "application/octet-stream", "public, max-age=31536000, immutable"),
]


def test_anybody_reads_the_published_files(client: TestClient) -> None:
    for path, media_type, caching in _ANYBODY_READS_THE_PUBLISHED_FILES:
        answer = client.get(f"/ledger/{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == media_type
        assert answer.headers["cache-control"] == caching


def test_what_is_served_is_what_was_kept(client: TestClient, ledger: SqliteLedger) -> None:
    note = client.get("/ledger/checkpoint").text
    signed = open_checkpoint(note, KEY.verifier).checkpoint
    assert (signed.size, signed.root) == (300, ledger.root())
    entries = unpack_entries(client.get("/ledger/tile/entries/001.p/44").content)
    assert entries == [entry.data for entry in ledger.entries(256)]
    assert client.get("/ledger/checkpoints").text == "300\n"
    assert client.get("/ledger/key").text == f"{KEY.verifier.text}\n"


_NOTHING_ELSE_IS_THERE = [
    "",
    "tile/0/002",
    "tile/0/001",
    "tile/0/0",
    "tile/0/x000/000",
    "tile/0/001.p/044",
    "tile/0/001.p/45",
    "checkpoints/299",
    "checkpoints/0300",
    ".new/file",
    "../ledger.sqlite",
    "%2e%2e/ledger.sqlite",
    "..%2fledger.key",
    "checkpoint/",
    "witnesses",
]


def test_nothing_else_is_there(client: TestClient) -> None:
    for path in _NOTHING_ELSE_IS_THERE:
        assert client.get(f"/ledger/{path}").status_code in (404, 307), path


def test_house_without_a_ledger_says_so() -> None:
    answer = _client(None).get("/ledger/checkpoint")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:tocsin:problem:no_ledger"


def test_known_witness_cosigns(client: TestClient, ledger: SqliteLedger) -> None:
    answer = client.post("/ledger/add-cosignature?size=300", content=_cosignature(ledger, 300) + "\n")
    assert answer.status_code == 200
    shown = client.get("/ledger/checkpoint").text
    assert shown == answer.text == client.get("/ledger/checkpoints/300").text
    assert open_checkpoint(shown, KEY.verifier, [WITNESS.verifier]).witnesses == (WITNESS.verifier,)
    assert ledger.checkpoint() == shown
    fill(ledger, 300, 310)
    ledger.publisher.publish()
    assert Checkpoint.parse(parse_note(client.get("/ledger/checkpoint").text).text).size == 310
    assert client.get("/ledger/checkpoints/300").text == shown, "an earlier one stays as it was cosigned"


_WHAT_IS_NO_COSIGNATURE_IS_REFUSED = [
    ("size=300", "nonsense", 422, "bad_cosignature"),
    ("size=300", "", 422, "bad_cosignature"),
    ("size=0300", "x", 422, "bad_cosignature"),
    ("", "x", 422, "bad_cosignature"),
    ("size=300", "— " + "x" * 5_000, 422, "bad_cosignature"),
    ("size=299", "x", 404, "not_found"),
]


def test_what_is_no_cosignature_is_refused(client: TestClient) -> None:
    for query, body, status, kind in _WHAT_IS_NO_COSIGNATURE_IS_REFUSED:
        answer = client.post(f"/ledger/add-cosignature?{query}", content=body.encode())
        assert answer.status_code == status
        assert answer.json()["type"] == f"urn:tocsin:problem:{kind}"


def test_strangers_and_other_checkpoints_are_refused(client: TestClient, ledger: SqliteLedger) -> None:
    fill(ledger, 300, 310)
    ledger.publisher.publish()
    before = client.get("/ledger/checkpoint").text
    for line in (_cosignature(ledger, 310, STRANGER), _cosignature(ledger, 300)):
        answer = client.post("/ledger/add-cosignature?size=310", content=line)
        assert answer.status_code == 422
    answer = client.post("/ledger/add-cosignature?size=310", content=b"\xff\xfe")
    assert answer.status_code == 422
    assert client.get("/ledger/checkpoint").text == before


def test_whoever_checks_a_long_ledger_is_not_held_up(client: TestClient) -> None:
    answers = {client.get("/ledger/tile/0/000").status_code for _ in range(1_100)}
    assert answers == {200}
