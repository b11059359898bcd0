"""What leaves the house: messages of the real world, and messages of an exercise, which are another type.

Neither is a kind of the other, so that no door made for the one takes the other: mypy refuses it where the code is
written, and `adapters.outlets.file.FileOutlet` where it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

EXERCISE = "EXERCISE"
"""Stands before every text of an exercise."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the real world. `message`: its id, the same at every try, so that receivers ignore repeats.
    `to`: whom it is for; `at`: aware, UTC."""

    message: str
    at: datetime
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class ExerciseMessage:
    """A message of an exercise: it goes to the exercise's own outlet and to no other. `exercise`: its id.

    Raises: ValueError for a text that does not say that it is an exercise."""

    message: str
    exercise: str
    at: datetime
    to: str
    text: str

    def __post_init__(self) -> None:
        if not self.text.startswith(EXERCISE):
            raise ValueError(f"the text of an exercise's message begins with {EXERCISE}")


AnyMessage_contra = TypeVar("AnyMessage_contra", Message, ExerciseMessage, contravariant=True)
"""Either type and nothing else: a door is for one of them."""
