"""What only the log of an exercise takes."""

from __future__ import annotations

from datetime import datetime

from tocsin.model import commands as cmd
from tocsin.model.city import City
from tocsin.model.events import Decided, InjectNoted
from tocsin.model.origin import Mode
from tocsin.response.known import Known, Places, refused


def note_inject(_: Known, __: City, ___: Places, command: cmd.NoteInject, ____: datetime) -> tuple[Decided, ...]:
    """Refused outside an exercise. Whether the script has such an inject is the exercise's to know."""
    if command.origin.mode is not Mode.EXERCISE:
        return refused("only_in_exercise", "An inject can be noted in an exercise only.")
    return (Decided(InjectNoted(command.inject, command.met, command.note)),)
