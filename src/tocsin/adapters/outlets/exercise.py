"""The outlet of an exercise: a file in the exercise's own folder, which nothing follows."""

from __future__ import annotations

from pathlib import Path

from tocsin.adapters.outlets.lines import append_line
from tocsin.errors import NeverDone
from tocsin.model.messages import ExerciseMessage


class ExerciseFileOutlet:
    """An `Outlet[ExerciseMessage]` of one exercise."""

    def __init__(self, path: Path, exercise: str) -> None:
        self._path = path
        self._exercise = exercise

    def send(self, message: ExerciseMessage) -> None:
        """Raises: NeverDone for a real message, or one of another exercise; BadSettings when the file cannot be
        written."""
        if type(message) is not ExerciseMessage:
            raise NeverDone(f"{type(message).__name__} is no message of an exercise")
        if message.exercise != self._exercise:
            raise NeverDone(f"the message belongs to exercise {message.exercise}, not to {self._exercise}")
        append_line(self._path, message)
