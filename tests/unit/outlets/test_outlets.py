"""No outlet of the real world takes a message of an exercise: mypy refuses it, and so does the outlet when it runs."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import get_type_hints

import pytest

import tocsin.adapters.outlets as outlets
from tocsin.adapters.outlets import ExerciseFileOutlet, FileOutlet
from tocsin.errors import NeverDone
from tocsin.model.messages import ExerciseMessage, Message

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2030, 1, 1, tzinfo=UTC)
REAL = Message("m1", AT, "E1", "Go to call 7")
PRETEND = ExerciseMessage("m1", "X-2030-01", AT, "E1", "EXERCISE. E1: go to call X 7.")
SNIPPET = """
from datetime import UTC, datetime
from pathlib import Path
from tocsin.adapters.outlets import ExerciseFileOutlet, FileOutlet
from tocsin.model.messages import ExerciseMessage, Message
from tocsin.ports import Outlet

at = datetime(2030, 1, 1, tzinfo=UTC)
message = Message("m1", at, "E1", "Go to call 7")
exercise = ExerciseMessage("m1", "X-2030-01", at, "E1", "EXERCISE. Go to call X 7.")
real: Outlet[Message] = FileOutlet(Path("out"))
pretend: Outlet[ExerciseMessage] = ExerciseFileOutlet(Path("out"), "X-2030-01")
real.send(message)
pretend.send(exercise)
real.send(exercise)  # wrong
pretend.send(message)  # wrong
one: Outlet[Message] = ExerciseFileOutlet(Path("out"), "X-2030-01")  # wrong
other: Outlet[ExerciseMessage] = FileOutlet(Path("out"))  # wrong
"""


def test_neither_type_is_a_kind_of_the_other() -> None:
    assert not issubclass(ExerciseMessage, Message)
    assert not issubclass(Message, ExerciseMessage)


def test_mypy_refuses_the_wrong_message_at_every_door(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--follow-imports=silent",
            "--cache-dir",
            str(ROOT / ".mypy_cache"),
            "--config-file",
            "",
            "--hide-error-context",
            str(snippet),
        ],
        env={**os.environ, "MYPYPATH": str(ROOT / "src")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    wrong = {n for n, line in enumerate(SNIPPET.splitlines(), 1) if line.endswith("# wrong")}
    found = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    assert found == wrong, done.stdout + done.stderr


def test_the_real_outlet_refuses_at_run_time_too(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    with pytest.raises(NeverDone):
        FileOutlet(file).send(PRETEND)  # type: ignore[arg-type]
    assert not file.exists()
    FileOutlet(file).send(REAL)
    assert json.loads(file.read_text())["text"] == "Go to call 7"
    assert file.stat().st_mode & 0o77 == 0


def test_an_exercises_outlet_takes_its_own_messages_alone(tmp_path: Path) -> None:
    outlet = ExerciseFileOutlet(tmp_path / "out.jsonl", "X-2030-01")
    outlet.send(PRETEND)
    for wrong in (REAL, ExerciseMessage("m2", "X-2030-02", AT, "E1", "EXERCISE.")):
        with pytest.raises(NeverDone):
            outlet.send(wrong)  # type: ignore[arg-type]
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 1


def test_a_message_of_an_exercise_says_so() -> None:
    with pytest.raises(ValueError, match="EXERCISE"):
        ExerciseMessage("m1", "X-2030-01", AT, "E1", "Go to call 7")


def test_every_outlet_is_for_one_type_and_none_for_both() -> None:
    kinds = [kind for kind in vars(outlets).values() if inspect.isclass(kind)]
    taken = {kind.__name__: get_type_hints(kind.send)["message"] for kind in kinds}
    assert taken == {"FileOutlet": Message, "ExerciseFileOutlet": ExerciseMessage}
