"""The folder of an exercise: what it was made of, its own log and its messages. Nothing of the city's log is in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.errors import BadSettings, NotFound
from tocsin.rehearsal.exercise.scenario import ExerciseSpec

FOLDER = "exercises"
"""In the data folder of a desk."""
SPEC_FILE = "exercise.json"
MESSAGES_FILE = "messages.jsonl"
_ID = re.compile(r"X-\d{4}-\d{2,}")
VERSION = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """What `exercise.json` holds. `ended`: by the exercise's clock, None while it runs."""

    version: int
    exercise: str
    city: str
    spec: ExerciseSpec
    speed: float
    begun: datetime
    ended: datetime | None = None


class ExerciseFolders:
    """The exercises kept beside a desk's log, by id. Ids are `X-YEAR-NUMBER`, by the year of the exercise's clock."""

    def __init__(self, data: Path) -> None:
        self._root = data / FOLDER

    def list_ids(self) -> list[str]:
        """By year and number."""
        if not self._root.is_dir():
            return []
        found = [p.name for p in self._root.iterdir() if _ID.fullmatch(p.name) and (p / SPEC_FILE).is_file()]
        return sorted(found, key=lambda name: [int(part) for part in name.split("-")[1:]])

    def path_of(self, exercise: str) -> Path:
        """Raises: NotFound for what is no exercise here."""
        if not _ID.fullmatch(exercise) or not (self._root / exercise / SPEC_FILE).is_file():
            raise NotFound(f"no exercise has the id {exercise!r}")
        return self._root / exercise

    def read(self, exercise: str) -> Kept:
        """Raises: NotFound; BadSettings where the file cannot be read."""
        path = self.path_of(exercise) / SPEC_FILE
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=Kept)
        except (OSError, msgspec.DecodeError) as error:
            raise BadSettings(f"{path} cannot be read ({error}): restore it, or move the folder away") from error
        if kept.version != VERSION:
            raise BadSettings(f"{path} is of version {kept.version}: open it with the Tocsin that wrote it")
        return kept

    def make(self, spec: ExerciseSpec, *, city: str, speed: float, begun: datetime) -> tuple[Kept, Path]:
        """A folder of a new exercise. Raises: BadSettings when it cannot be made."""
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = 1
            while True:
                exercise = f"X-{spec.start.year}-{number:02}"
                path = self._root / exercise
                try:
                    path.mkdir(mode=0o700)
                except FileExistsError:
                    number += 1
                    continue
                break
        except OSError as error:
            raise BadSettings(f"{self._root} cannot be used ({error.strerror}): make it writable") from error
        kept = Kept(VERSION, exercise, city, spec, speed, begun)
        self.write(kept)
        return kept, path

    def write(self, kept: Kept) -> None:
        """Replace what is kept, whole or not at all."""
        path = self._root / kept.exercise / SPEC_FILE
        fresh = path.with_name(f"{SPEC_FILE}.new")
        fresh.write_bytes(msgspec.json.encode(kept))
        fresh.chmod(0o600)
        fresh.replace(path)

    def end(self, kept: Kept, at: datetime) -> Kept:
        """It has ended for good."""
        over = replace(kept, ended=at)
        self.write(over)
        return over
