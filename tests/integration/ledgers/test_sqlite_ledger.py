"""What only a file can do: be opened by two, be changed behind our back, be restored from an older copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fakes.ledger import KEY, START, change, fill, found, open_at, use
from tocsin.accounting.audit import Trust, audit
from tocsin.accounting.entries import SubjectId
from tocsin.accounting.notes import SigningKey
from tocsin.accounting.receipts import verify_receipt
from tocsin.accounting.records import Record
from tocsin.adapters.ledger_files import LedgerBeside, find_log
from tocsin.adapters.ledgers import open_ledger
from tocsin.errors import BadSettings, LedgerDamaged, LedgerError


def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    ledger = open_at(tmp_path)
    receipts = fill(ledger, 0, 700)
    ledger.append([], [Record("a", "1", {"x": 1})]).result()
    before = ledger.checkpoint()
    ledger.close()
    ledger = open_at(tmp_path)
    assert ledger.checkpoint() == before
    assert [e.data for e in ledger.entries()] == [r.entry for r in receipts]
    assert ledger.find_record("a", "1") == Record("a", "1", {"x": 1})
    assert ledger.uses_of(SubjectId("call:5")) == (5,)
    assert ledger.actor_of(5) == "officer-17"
    for n in (0, 255, 256, 511, 512, 699):
        verify_receipt(ledger.receipt(n).proof, KEY.verifier)
    later = fill(ledger, 700, 1400)
    assert later[-1].index == 1399
    verify_receipt(ledger.receipt(3).proof, KEY.verifier)
    ledger.close()


def test_second_writer_is_refused(tmp_path: Path) -> None:
    ledger = open_at(tmp_path)
    with pytest.raises(BadSettings, match="another Tocsin writes"):
        open_at(tmp_path)
    fill(ledger, 0, 1)
    ledger.close()
    open_at(tmp_path).close()


def test_files_are_the_owners_alone(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "data", "tocsin/town")
    ledger.append([use(1)]).result()
    for name in ("ledger.key", "claims.key", "ledger.sqlite"):
        assert (tmp_path / "data" / name).stat().st_mode & 0o077 == 0
    assert not found(tmp_path / "data" / "ledger", b"officer")
    ledger.close()


@pytest.mark.parametrize("name", ["ledger.key", "claims.key"])
def test_lost_key_is_not_made_anew(tmp_path: Path, name: str) -> None:
    open_ledger(tmp_path, "tocsin/town").close()
    (tmp_path / name).unlink()
    with pytest.raises(LedgerDamaged, match="restore it from a copy"):
        open_ledger(tmp_path, "tocsin/town")


@pytest.mark.parametrize("left", ["", "00" * 31])
def test_a_key_of_claims_that_was_cut_off_is_refused(tmp_path: Path, left: str) -> None:
    open_ledger(tmp_path, "x").close()
    (tmp_path / "claims.key").write_text(left)
    with pytest.raises(LedgerDamaged, match=r"claims\.key: .* bytes, and a key has 32"):
        open_ledger(tmp_path, "x")


def test_ledger_of_another_city_is_refused(tmp_path: Path) -> None:
    open_ledger(tmp_path, "tocsin/town").close()
    with pytest.raises(BadSettings, match="name another folder"):
        open_ledger(tmp_path, "tocsin/village")


def test_another_key_is_refused(tmp_path: Path) -> None:
    ledger = open_at(tmp_path)
    fill(ledger, 0, 3)
    ledger.close()
    with pytest.raises(LedgerDamaged, match="put the key file back"):
        open_at(tmp_path, key=SigningKey(KEY.name, bytes(32)))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET data = replace(data, '\"rows\":599', '\"rows\":598') WHERE i = 599",
        "DELETE FROM entries WHERE i = 599",
        "DELETE FROM entries WHERE i = 0",
        "INSERT INTO entries (i, kind, at, data) VALUES (600, 'use', 0, x'7b7d')",
        "UPDATE tiles SET root = zeroblob(32) WHERE n = 0",
        "DELETE FROM tiles WHERE n = 1",
        "UPDATE head SET root = zeroblob(32)",
        "UPDATE head SET note = replace(note, '600', '599'), size = 599",
        "DELETE FROM head",
    ],
)
def test_changed_file_is_refused_at_the_start(tmp_path: Path, statement: str) -> None:
    ledger = open_at(tmp_path, folder=None)
    fill(ledger, 0, 600)
    ledger.close()
    change(tmp_path, statement)
    with pytest.raises(LedgerDamaged):
        open_at(tmp_path, folder=None)


CHANGED = "UPDATE entries SET data = CAST(replace(data, '\"rows\":60,', '\"rows\":61,') AS BLOB) WHERE i = 60"
COPIED = "UPDATE entries SET data = (SELECT data FROM entries WHERE i = 7) WHERE i = 255"
SWAPPED = [
    "UPDATE entries SET i = -1 WHERE i = 40",
    "UPDATE entries SET i = 40 WHERE i = 41",
    "UPDATE entries SET i = 41 WHERE i = -1",
]


@pytest.mark.parametrize(("statements", "first"), [([CHANGED], 60), (SWAPPED, 40), ([COPIED], 255)])
def test_entry_that_was_changed_or_moved_is_not_shown(tmp_path: Path, statements: list[str], first: int) -> None:
    ledger = open_at(tmp_path)
    fill(ledger, 0, 600)
    ledger.close()
    for statement in statements:
        change(tmp_path, statement)
    ledger = open_at(tmp_path)
    assert len([entry.index for entry in ledger.entries(0, first)]) == first
    with pytest.raises(LedgerDamaged, match=f"entry {first} is not the one that was signed"):
        list(ledger.entries())
    with pytest.raises(LedgerDamaged, match=f"entry {first} is not the one that was signed"):
        ledger.receipt(first)
    verify_receipt(ledger.receipt(599).proof, KEY.verifier)
    ledger.close()
    size = audit(find_log(str(tmp_path / "ledger")), Trust()).size
    assert LedgerBeside(tmp_path, size or 0).find_changed() == first


@pytest.mark.parametrize(("statement", "first"), [("DELETE FROM entries WHERE i = 300", 300), ("SELECT 1", None)])
def test_entry_that_is_gone_is_found_beside_what_is_published(
    tmp_path: Path, statement: str, first: int | None
) -> None:
    ledger = open_at(tmp_path)
    fill(ledger, 0, 600)
    ledger.close()
    change(tmp_path, statement)
    assert LedgerBeside(tmp_path, 600).find_changed() == first


def test_changed_tile_gives_no_proof(tmp_path: Path) -> None:
    ledger = open_at(tmp_path, folder=None)
    fill(ledger, 0, 600)
    ledger.close()
    change(tmp_path, "UPDATE tiles SET hashes = zeroblob(8192) WHERE n = 0")
    ledger = open_at(tmp_path, folder=None)
    verify_receipt(ledger.receipt(300).proof, KEY.verifier)
    with pytest.raises(LedgerDamaged, match="tile 0"):
        ledger.receipt(5)
    ledger.close()


def test_older_copy_is_refused(tmp_path: Path) -> None:
    ledger = open_at(tmp_path)
    fill(ledger, 0, 10)
    ledger.close()
    shutil.copy(tmp_path / "ledger.sqlite", tmp_path / "copy")
    ledger = open_at(tmp_path)
    fill(ledger, 10, 20)
    ledger.close()
    shutil.copy(tmp_path / "copy", tmp_path / "ledger.sqlite")
    with pytest.raises(LedgerDamaged, match=r"says 20 entries, and .* holds 10"):
        open_at(tmp_path)


def test_another_history_is_refused(tmp_path: Path) -> None:
    for name, text in (("one", "a"), ("two", "b")):
        ledger = open_at(tmp_path / name)
        ledger.append([use(n, text) for n in range(10)]).result()
        ledger.close()
    shutil.copy(tmp_path / "one" / "ledger" / "checkpoint", tmp_path / "two" / "ledger" / "checkpoint")
    with pytest.raises(LedgerDamaged, match="another root for 10 entries"):
        open_at(tmp_path / "two")


def test_changed_payload_is_found(tmp_path: Path) -> None:
    ledger = open_at(tmp_path)
    fill(ledger, 0, 3)
    ledger.close()
    change(tmp_path, "UPDATE payloads SET body = replace(body, 'because', 'for fun') WHERE i = 1")
    ledger = open_at(tmp_path)
    with pytest.raises(LedgerDamaged, match="payload of entry 1"):
        ledger.open_payload(1)
    assert ledger.open_payload(0) is not None
    ledger.close()


def test_erased_subject_is_in_no_file(tmp_path: Path) -> None:
    ledger = open_at(tmp_path)
    ledger.append([use(77, "a very particular reason"), use(78)]).result()
    (key,) = ledger._connections.one("SELECT key FROM subjects WHERE subject = 'call:77'")
    assert found(tmp_path, b"very particular")
    assert found(tmp_path, key)
    assert ledger.erase(SubjectId("call:77")) == 1
    for gone in (b"very particular", b"call:77", key):
        assert not found(tmp_path, gone)
    assert found(tmp_path, b"call:78")
    ledger.close()


def test_pruned_entries_are_in_no_file_and_the_ledger_verifies(tmp_path: Path) -> None:
    ledger = open_at(tmp_path)
    receipts = fill(ledger, 0, 600)
    assert ledger.prune(600, "P1Y", START.replace(hour=7)) == 512
    assert not found(tmp_path, receipts[5].entry)
    assert found(tmp_path, receipts[550].entry)
    ledger.close()
    report = audit(find_log(str(tmp_path)), Trust(KEY.verifier), lambda _done, _of: None)
    assert report.ok
    assert report.pruned == 512
    ledger = open_at(tmp_path)
    assert next(ledger.entries()).index == 512
    verify_receipt(ledger.receipt(555).proof, KEY.verifier)
    ledger.close()


def test_pruning_that_was_cut_short_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_at(tmp_path)
    fill(ledger, 0, 600)
    with monkeypatch.context() as patched:
        patched.setattr(ledger, "_delete_before", lambda _first: 0)
        ledger.prune(600, "P1Y", START.replace(hour=7))
    assert next(ledger.entries()).index == 0
    ledger.close()
    ledger = open_at(tmp_path)
    assert next(ledger.entries()).index == 512
    assert not (tmp_path / "ledger" / "tile" / "entries" / "000").exists()
    ledger.close()


def test_closed_ledger_says_so(tmp_path: Path) -> None:
    ledger = open_at(tmp_path)
    ledger.close()
    with pytest.raises(LedgerError, match="stopped"):
        ledger.append([use(1)]).result()
    with pytest.raises(LedgerError, match="closed"):
        ledger.uses_of(SubjectId("call:1"))
