"""A published log in a folder."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType


class LogFolder:
    """Reads the files of a log. What is no plain file is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def __enter__(self) -> LogFolder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def read(self, path: str, most_bytes: int) -> bytes | None:
        """Raises: OSError where a file is there and cannot be read."""
        file = self._folder / path
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                return None
            with file.open("rb") as opened:
                return opened.read(most_bytes + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def list_paths(self) -> Iterator[str]:
        """Every file under `tile` and `checkpoints`."""
        for part in ("tile", "checkpoints"):
            for file in (self._folder / part).rglob("*"):
                yield file.relative_to(self._folder).as_posix()
