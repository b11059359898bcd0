"""`tocsin verify`, `tocsin witness` and `tools/verify_log.py` as people and programs run them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.fakes.ledger import use as noted
from tests.fakes.log_city import draft as marked
from tests.plain_verifier import SCRIPT, verify_plainly
from tests.published import LOG, OTHER, WITNESSES, publish, use, uses, write
from tocsin.accounting.audit import Trust, audit
from tocsin.accounting.checkpoints import accept_cosignature
from tocsin.accounting.merkle import MerkleTree, leaf_hash
from tocsin.accounting.notes import VerifierKey, parse_note
from tocsin.accounting.receipts import write_receipt
from tocsin.adapters.clocks import WallClock
from tocsin.adapters.ledger_files import LogOnTheWeb
from tocsin.adapters.ledgers import open_ledger
from tocsin.adapters.stores import SqliteLog
from tocsin.adapters.stores.schema import LOG_FILE
from tocsin.cli import app, main
from tocsin.cli.verify import verify
from tocsin.cli.witness import witness
from tocsin.desk.follow import Follower
from tocsin.model.ids import Seq

KEY = LOG.verifier.text
COMMANDS = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
"""These two alone: putting all commands together takes longer than checking a small ledger."""
COMMANDS.command()(verify)
COMMANDS.command()(witness)
Run = Callable[..., tuple[int, str, str]]
Served = Callable[[Path], Any]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tocsin", *map(str, words)])
        monkeypatch.setattr("tocsin.cli.app", COMMANDS)
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


def told(run: Run, *words: object) -> tuple[int, dict[str, Any]]:
    status, out, err = run(*words, "--json")
    assert err == ""
    return status, json.loads(out)


def test_both_commands_are_among_tocsins():
    assert {verify, witness} <= {command.callback for command in app.registered_commands}


def test_a_data_folder_a_published_folder_and_an_address_are_one_ledger(run: Run, served: Served, tmp_path: Path):
    folder = write(publish(uses(300), [7]), tmp_path / "data" / "ledger")
    expected = (0, {"ok": True, "size": 300, "first_bad": None, "checkpoints": 2})
    for where in (tmp_path / "data", folder):
        status, report = told(run, "verify", where)
        assert len(report.pop("root")) == 44
        assert (status, report) == expected
    with served(folder) as (url, _):
        status, report = told(run, "verify", f"{url}/", "--key", KEY)
        assert (status, report["ok"], report["size"]) == (0, True, 300)
    status, out, _ = run("verify", folder, "--key", folder / "key")
    assert (status, out.split("holds: ")[1][:30]) == (0, "300 entries, 2 checkpoints, ro")


def test_the_plain_verifier_prints_the_same(run: Run, tmp_path: Path):
    folder = write(publish(uses(20), [7]), tmp_path / "ledger")
    for status in (0, 1):
        plain = subprocess.run([sys.executable, SCRIPT, tmp_path, KEY], capture_output=True, text=True, check=False)
        assert (plain.returncode, json.loads(plain.stdout)) == told(run, "verify", tmp_path, "--key", KEY)
        assert plain.returncode == status
        (folder / "tile/0/000.p/20").write_bytes(bytes(640))
    plain = subprocess.run([sys.executable, SCRIPT, tmp_path / "no"], capture_output=True, text=True, check=False)
    assert (plain.returncode, plain.stdout) == (2, "")


def test_the_plain_verifier_is_short_and_imports_nothing_of_ours():
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert "import tocsin" not in text
    assert "from tocsin" not in text


def test_what_is_wrong_is_named_in_words_and_in_json(run: Run, served: Served, tmp_path: Path):
    files = publish(uses(300))
    folder = write({**files, "tile/entries/000": b"\0" + files["tile/entries/000"][1:]}, tmp_path)
    damaged = bytearray(files["tile/entries/000"])
    damaged[3] ^= 1
    (folder / "tile/entries/000").write_bytes(damaged)
    status, report = told(run, "verify", folder)
    assert (status, report["ok"], report["first_bad"]) == (1, False, {"kind": "entry", "index": 0})
    status, out, _ = run("verify", folder)
    assert status == 1
    assert "does not hold. First at 0 (entry): the entry is not the one that the log signed" in out
    with served(folder) as (url, _):
        assert told(run, "verify", url)[1]["first_bad"] == {"kind": "entry", "index": 0}


def test_no_more_is_unpacked_than_was_asked_for(served: Served, tmp_path: Path):
    (tmp_path / "checkpoint").write_bytes(bytes(20_000_000))
    with served(tmp_path) as (url, _), LogOnTheWeb(url) as log:
        assert log.read("checkpoint", 1_000) == bytes(1_001)
        assert log.read("nothing", 1_000) is None
        assert audit(log, Trust(LOG.verifier)).as_json()["first_bad"] == {"kind": "checkpoint", "index": 0}


def test_a_kept_checkpoint_finds_a_ledger_that_was_cut_back(run: Run, tmp_path: Path):
    kept = tmp_path / "kept"
    kept.write_bytes(publish(uses(30))["checkpoint"])
    folder = write(publish(uses(20)), tmp_path / "log")
    assert told(run, "verify", folder)[0] == 0
    status, report = told(run, "verify", folder, "--against", kept)
    assert (status, report["first_bad"]) == (1, {"kind": "missing", "index": 20})


def test_witnesses_are_counted(run: Run, tmp_path: Path):
    files = publish(uses(20), [7])
    known = [key.verifier for key in WITNESSES]
    note = files["checkpoints/7"].decode()
    for each in WITNESSES[:2]:
        note = accept_cosignature(note, each.sign(parse_note(note).text, 1_000).line, known)
    folder = write({**files, "checkpoints/7": note.encode()}, tmp_path)
    asked = [word for key in known for word in ("--witness", key.text)]
    status, report = told(run, "verify", folder, *asked, "--quorum", 2)
    assert (status, report["witnessed"]) == (0, 7)
    status, report = told(run, "verify", folder, *asked)
    assert (status, report["first_bad"]) == (1, {"kind": "witness", "index": 20})
    status, _, err = run("verify", folder, "--quorum", 1)
    assert (status, "name their keys with --witness" in err) == (2, True)


def test_a_receipt_is_checked_offline(run: Run, tmp_path: Path):
    entries, files = uses(20), publish(uses(20))
    tree = MerkleTree(leaf_hash(entry) for entry in entries)
    file = tmp_path / "use.tlog-proof"
    file.write_text(write_receipt(7, tree.inclusion(7), files["checkpoint"].decode(), entries[7]))
    status, report = told(run, "verify", file, "--key", KEY)
    assert (status, report["ok"], report["size"], report["checkpoints"]) == (0, True, 20, 1)
    status, report = told(run, "verify", file, "--key", OTHER.verifier.text)
    assert (status, report["first_bad"], report["size"]) == (1, {"kind": "receipt", "index": 7}, None)
    file.write_bytes(b"\xff")
    assert told(run, "verify", file, "--key", KEY)[1]["first_bad"] == {"kind": "receipt", "index": 0}
    status, _, err = run("verify", file)
    assert (status, "give it with --key" in err) == (2, True)
    bare = tmp_path / "bare.tlog-proof"
    bare.write_text(write_receipt(7, tree.inclusion(7), files["checkpoint"].decode()))
    (tmp_path / "entry").write_bytes(entries[7])
    assert told(run, "verify", bare, "--key", KEY, "--entry", tmp_path / "entry")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verify", "nowhere"], "no published log"),
        (["verify", "ftp://example.org/"], "http:// or https://"),
        (["verify", "http://[::1"], "Invalid"),
        (["verify", "http://127.0.0.1:9/ledger"], "cannot be fetched"),
        (["verify", ".", "--key", "x"], "--key"),
        (["verify", ".", "--key", "a+b+c"], "no verifier key"),
        (["verify", ".", "--against", "nowhere"], "--against: nowhere"),
        (["witness", "--log", "nowhere", "--data", "w", "--key", KEY, "--once"], "no published log"),
    ],
)
def test_what_cannot_be_checked_ends_with_2(words: list[str], said: str, run: Run, tmp_path: Path, monkeypatch: Any):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert said in err


def look(run: Run, tmp_path: Path, log: object, *more: str) -> tuple[int, dict[str, Any]]:
    return told(run, "witness", "--log", log, "--data", tmp_path / "witness", "--key", KEY, "--once", *more)


def test_a_witness_cosigns_what_grows_and_its_cosignature_counts(run: Run, tmp_path: Path):
    entries = uses(300)
    for size, verdict in ((0, "first"), (20, "grown"), (20, "same"), (300, "grown")):
        folder = write(publish(entries[:size]), tmp_path / "log")
        status, seen = look(run, tmp_path, folder, "--name", "witness.example")
        assert (status, seen["ok"], seen["verdict"], seen["size"]) == (0, True, verdict, size)
    note = (folder / "checkpoint").read_text()
    own = VerifierKey.parse(seen["witness"])
    (folder / "checkpoint").write_text(accept_cosignature(note, seen["cosignature"], [own]))
    status, report = told(run, "verify", folder, "--witness", seen["witness"])
    assert (status, report["witnessed"]) == (0, 300)
    key = tmp_path / "witness" / "witness.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text().split("+")[2] == "witness.example"


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        (uses(250), "rolled_back"),
        ([*uses(40), use(999), *uses(259, 41)], "forked"),
        ([*uses(40), use(999), *uses(400, 41)], "forked"),
    ],
)
def test_a_witness_refuses_another_history_and_keeps_both_heads(
    changed: list[bytes], verdict: str, run: Run, tmp_path: Path
):
    before = publish(uses(300))["checkpoint"]
    look(run, tmp_path, write(publish(uses(300)), tmp_path / "log"))
    other = write(publish(changed), tmp_path / "other")
    for _ in range(2):
        status, seen = look(run, tmp_path, other)
        assert (status, seen["ok"], seen["cosignature"], seen["verdict"]) == (1, False, None, verdict)
    evidence = Path(seen["evidence"])
    assert (evidence / "refused").read_bytes() == (other / "checkpoint").read_bytes()
    assert parse_note((evidence / "seen").read_bytes()).text == parse_note(before).text
    assert look(run, tmp_path, tmp_path / "log")[1]["verdict"] == "same"


def test_a_witness_accuses_nobody_of_broken_tiles_or_another_key(run: Run, tmp_path: Path):
    look(run, tmp_path, write(publish(uses(300)), tmp_path / "log"))
    files = publish(uses(600))
    broken = write({path: data for path, data in files.items() if path != "tile/0/001"}, tmp_path / "broken")
    status, seen = look(run, tmp_path, broken)
    assert (status, seen["verdict"], seen["evidence"]) == (1, "unproven", None)
    status, seen = look(run, tmp_path, write(publish(uses(600), (), OTHER), tmp_path / "other"))
    assert (status, seen["verdict"], seen["size"]) == (1, "unsigned", None)
    status, _, err = run(
        "witness", "--log", broken, "--data", tmp_path / "witness", "--key", KEY, "--once", "--name", "another"
    )
    assert (status, "is called tocsin.local/witness, not another" in err) == (2, True)


def test_a_witness_hands_its_cosignature_to_the_address(run: Run, served: Served, tmp_path: Path):
    with served(write(publish(uses(9)), tmp_path / "log")) as (url, taken):
        status, seen = look(run, tmp_path, url, "--post")
        assert status == 0
        assert taken == [("/add-cosignature?size=9", f"{seen['cosignature']}\n".encode())]


def test_a_witness_whose_memory_was_changed_signs_nothing(run: Run, tmp_path: Path):
    log = write(publish(uses(9)), tmp_path / "log")
    look(run, tmp_path, log)
    (memory,) = (tmp_path / "witness" / "logs").glob("*/checkpoint")
    memory.write_bytes(publish(uses(3), (), OTHER)["checkpoint"])
    words = ("witness", "--log", log, "--data", tmp_path / "witness", "--key", KEY, "--once")
    status, out, err = run(*words)
    assert (status, out, "put its folder back from a copy" in err) == (2, "", True)


def test_a_changed_row_beside_a_sound_publication_is_found(run: Run, tmp_path: Path):
    data = tmp_path / "data"
    ledger = open_ledger(data, "ledger.example/city")
    ledger.append([noted(number) for number in range(300)]).result()
    ledger.close()
    assert told(run, "verify", data)[0] == 0
    with closing(sqlite3.connect(data / "ledger.sqlite")) as connection, connection:
        connection.execute("DELETE FROM entries WHERE i = 50")
    status, report = told(run, "verify", data)
    assert (status, report["first_bad"]) == (1, {"kind": "entry", "index": 50})
    assert "the entry in ledger.sqlite is not the one that is published" in run("verify", data)[1]
    assert told(run, "verify", data / "ledger")[0] == 0


def test_a_changed_event_beside_a_sound_ledger_is_found(run: Run, tmp_path: Path):
    data = tmp_path / "data"
    log, ledger = SqliteLog(data / LOG_FILE), open_ledger(data, "ledger.example/city")
    log.append([marked(number) for number in range(30)], Seq(0))
    Follower(log, ledger, WallClock(), anchor_rows=10).close()
    ledger.close()
    log.close()
    assert told(run, "verify", data)[0] == 0
    with closing(sqlite3.connect(data / LOG_FILE)) as connection, connection:
        connection.execute("UPDATE events SET role = 'nobody' WHERE seq = 17")
    status, report = told(run, "verify", data)
    assert (status, report["first_bad"]["kind"]) == (1, "anchor")
    assert "event 17 of the event log is not as it was anchored (changed)" in run("verify", data)[1]
    assert verify_plainly(data / "ledger")["ok"]
    (data / LOG_FILE).write_bytes(b"no log")
    assert told(run, "verify", data)[1]["first_bad"] == {"kind": "anchor", "index": 0}
