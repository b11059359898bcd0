"""Files that a command will write: tried before the work, so that no wrong name costs the minutes that it takes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from tocsin.errors import BadSettings

PIPE = Path("-")


def check_written(read: Iterable[Path | None], written: Mapping[str, Path | None]) -> None:
    """Nothing that is written may be what is read, what another option writes, or what cannot be a file.

    Args:
        read: files that are read; None and `-` are nobody's.
        written: option to the file that it names.
    Raises: BadSettings with the option and what to name in its place.
    """
    sources = [path for path in read if path is not None and path != PIPE]
    before: list[tuple[str, Path]] = []
    for option, path in written.items():
        if path is None or path == PIPE:
            continue
        for source in sources:
            if _same(path, source):
                raise BadSettings(f"{option} would overwrite what is read: {source}")
        _check_place(option, path)
        for other, taken in before:
            if _same(path, taken):
                raise BadSettings(f"{option} and {other} would both write to {path}")
        before.append((option, path))


def _check_place(option: str, path: Path) -> None:
    folder = path.absolute().parent
    if path.is_dir() or not folder.is_dir():
        raise BadSettings(f"{option}: {path} cannot be a file: name one in a folder that is there")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise BadSettings(f"{option}: {path} cannot be written: name a file in a folder of yours")


def _same(one: Path, other: Path) -> bool:
    """One file by two names, links of both sorts among them. What is no file, such as /dev/null, is nobody's."""
    if one.exists() and other.exists():
        return one.is_file() and one.samefile(other)
    return one.resolve() == other.resolve()
