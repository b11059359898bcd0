"""Messages as lines of JSON in a file, durable when written."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import msgspec

from tocsin.errors import BadSettings
from tocsin.model.messages import ExerciseMessage, Message


def append_line(path: Path, message: Message | ExerciseMessage) -> None:
    """Append one message and bring it to the disk. The file is the owner's alone.

    Raises: BadSettings when the file cannot be written."""
    line = msgspec.json.encode({"type": type(message).__name__, **asdict(message)}) + b"\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise BadSettings(f"{path} cannot be written ({error.strerror}): name a file in a folder of yours") from error
