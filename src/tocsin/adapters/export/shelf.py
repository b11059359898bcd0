"""Where files lie that were released, until they expire: a folder an export, the owner's alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20


class ExportShelf:
    """Implements `desk.exports.Shelf`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fresh(self, export: str) -> Path:
        self.delete(export)
        into = self._folder / export
        into.mkdir(mode=0o700, parents=True)
        return into

    def measure(self, file: Path) -> tuple[int, str]:
        file.chmod(0o600)
        found = hashlib.sha256()
        with file.open("rb") as data:
            while chunk := data.read(_CHUNK):
                found.update(chunk)
        return file.stat().st_size, found.hexdigest()

    def find(self, export: str, file: str) -> Path | None:
        path = self._folder / export / file
        return path if path.is_file() else None

    def delete(self, export: str) -> None:
        folder = self._folder / export
        if folder.is_dir():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()

    def list_ids(self) -> Sequence[str]:
        return sorted(f.name for f in self._folder.iterdir() if f.is_dir()) if self._folder.is_dir() else []
