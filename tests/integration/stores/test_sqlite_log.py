"""What only a file can do: be opened by two, be changed behind our back, be something else."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from tests.fakes.log_city import draft
from tests.seals import opened
from tocsin.adapters.stores.sqlite import SqliteLog
from tocsin.errors import BadSettings, LogDamaged, LogError
from tocsin.ports import Snapshot

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "log.sqlite"


@pytest.fixture
def filled(path: Path) -> Path:
    log = SqliteLog(path)
    log.append([draft(n, name=f"caller {n}") for n in range(3)], 0)
    log.close()
    return path


def _change(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute(statement, values).rowcount != 0
    connection.commit()
    connection.close()


def test_everything_is_there_after_reopening(path: Path) -> None:
    log = SqliteLog(path)
    appended = log.append([draft(n, name=f"caller {n}") for n in range(3)], 0)
    snapshot = Snapshot(2, appended[1].at, "v", b"picture")
    log.save_snapshot(snapshot)
    log.close()
    log = SqliteLog(path)
    assert tuple(log.read()) == appended
    assert log.find_snapshot("v") == snapshot
    assert opened(log.open_payload("k1#0")).fields == {"caller": "caller 1"}
    assert log.known(["k0", "k9"]) == {"k0"}
    log.close()


def test_origin_lies_in_columns_of_its_own(filled: Path) -> None:
    connection = sqlite3.connect(filled)
    rows = connection.execute("SELECT DISTINCT actor, role, purpose, mode FROM events").fetchall()
    connection.close()
    assert rows == [("feed:replay", "feed", "emergency_response", "replay")]


def test_second_writer_is_refused(path: Path) -> None:
    log = SqliteLog(path)
    with pytest.raises(BadSettings, match="another Tocsin writes"):
        SqliteLog(path)
    log.append([draft(0)], 0)
    log.close()
    SqliteLog(path).close()


def test_second_writing_process_is_refused(path: Path) -> None:
    log = SqliteLog(path)
    code = (
        "import sys; from pathlib import Path; from tocsin.adapters.stores.sqlite import SqliteLog;"
        "SqliteLog(Path(sys.argv[1]))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=False)
    log.close()
    assert run.returncode != 0
    assert "BadSettings: another Tocsin writes to" in run.stderr


def test_reading_beside_the_writer(path: Path) -> None:
    writer = SqliteLog(path)
    writer.append([draft(0)], 0)
    reader = SqliteLog(path, writes=False)
    writer.append([draft(1)], 1)
    assert [r.seq for r in reader.read()] == [1, 2]
    with pytest.raises(LogError, match="reading only"):
        reader.append([draft(2)], 2)
    reader.close()
    writer.close()


def test_nothing_to_read(path: Path) -> None:
    with pytest.raises(BadSettings, match="no log at"):
        SqliteLog(path, writes=False)


def test_closed_log_says_so(path: Path) -> None:
    log = SqliteLog(path)
    log.close()
    with pytest.raises(LogError, match="closed"):
        log.append([draft(0)], 0)
    with pytest.raises(LogError, match="closed"):
        log.head()


def test_connections_of_ended_threads_are_closed(path: Path) -> None:
    log = SqliteLog(path)
    for _ in range(20):
        thread = Thread(target=log.head)
        thread.start()
        thread.join()
    assert len(log._readers) <= 2
    log.close()


def test_destroyed_payload_is_in_no_file(path: Path) -> None:
    log = SqliteLog(path)
    log.append([draft(0, name="a very particular caller"), draft(1, name="somebody else")], 0)
    assert _found(path.parent, b"very particular")
    assert log.destroy_payload("k0#0")
    assert not _found(path.parent, b"very particular")
    assert _found(path.parent, b"somebody else")
    log.close()


def _found(folder: Path, what: bytes) -> bool:
    return any(what in file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payloads SET body = replace(body, 'caller 1', 'caller X') WHERE event = 'k1#0'",
        "UPDATE payloads SET salt = zeroblob(32) WHERE event = 'k1#0'",
        "UPDATE events SET commitment = zeroblob(32) WHERE id = 'k1#0'",
        "UPDATE events SET commitment = NULL WHERE id = 'k1#0'",
        "UPDATE payloads SET body = CAST(body AS TEXT) WHERE event = 'k1#0'",
        "UPDATE payloads SET (salt, body) = (SELECT salt, body FROM payloads WHERE event = 'k0#0')",
    ],
)
def test_changed_payload_is_found(filled: Path, change: str) -> None:
    _change(filled, change)
    log = SqliteLog(filled)
    with pytest.raises(LogDamaged, match="k1#0"):
        log.open_payload("k1#0")
    assert log.open_payload("k0#0") is not None
    log.close()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("UPDATE events SET kind = 'UnitTeleported' WHERE seq = 2", "event 2: nothing is known of its kind"),
        ("UPDATE events SET body = x'c1' WHERE seq = 2", "event 2: its body cannot be read as UnitMarked"),
        ("UPDATE events SET kind = 'PlanProposed' WHERE seq = 2", "event 2: its body cannot be read as PlanProposed"),
        ("UPDATE events SET mode = 'dream' WHERE seq = 2", "event 2: .*'dream' is not a valid Mode"),
        ("UPDATE events SET at = 'noon' WHERE seq = 2", "event 2: its time or origin"),
        ("DELETE FROM events WHERE seq = 2", "event 2 is missing"),
    ],
)
def test_changed_event_is_named(filled: Path, change: str, what: str) -> None:
    _change(filled, change)
    log = SqliteLog(filled)
    with pytest.raises(LogDamaged, match=what):
        list(log.read())
    log.close()


def test_file_of_something_else_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but longer than the header of one" * 100)
    with pytest.raises(LogDamaged, match="not a database: choose another data folder"):
        SqliteLog(path)
    assert path.read_bytes().startswith(b"not a database")


def test_database_of_something_else_is_refused(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    for writes in (True, False):
        with pytest.raises(LogDamaged, match="something else"):
            SqliteLog(path, writes=writes)


def test_unknown_version_is_refused(filled: Path) -> None:
    _change(filled, "PRAGMA user_version = 99")
    with pytest.raises(LogDamaged, match="version 99, and this Tocsin reads version 1: open it with"):
        SqliteLog(filled)
    _change(filled, "PRAGMA user_version = 1")
    SqliteLog(filled).close()


def test_a_log_of_today_stays_readable(path: Path) -> None:
    """Bytes as version 1 writes them: a change that cannot read them needs a new version and a way over."""
    golden = bytes.fromhex(
        "87a463616c6ca26330a4756e6974a7656e67696e6531a46d61726ba86f6e5f7363656e65a26174d6ff60406950"
        "a8686f73706974616cc0a8696e666572726564c2a762656361757365c0"
    )
    log = SqliteLog(path)
    log.append([draft(0)], 0)
    connection = sqlite3.connect(path)
    (body,) = connection.execute("SELECT body FROM events").fetchone()
    connection.close()
    log.close()
    assert body == golden, body.hex()
