"""The real world's outlet that a house can have without any service: a file of messages, one a line, as JSON."""

from __future__ import annotations

from pathlib import Path

from tocsin.adapters.outlets.lines import append_line
from tocsin.errors import NeverDone
from tocsin.model.messages import Message


class FileOutlet:
    """An `Outlet[Message]`: another program follows the file and sends on what it finds."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: Message) -> None:
        """Raises: NeverDone for anything but a real message; BadSettings when the file cannot be written."""
        # The types refuse it too; whoever goes round them meets this.
        if type(message) is not Message:
            raise NeverDone(f"{type(message).__name__} cannot leave as real: exercises have an outlet of their own")
        append_line(self._path, message)
