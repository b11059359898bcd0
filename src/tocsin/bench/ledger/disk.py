"""What a folder lies on: durable means a disk, and many systems keep their temporary files in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

_MOUNTS: Final = Path("/proc/self/mounts")
_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})


def filesystem_of(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """The kind of file system under a folder, such as `ext4`; None where the system does not say."""
    try:
        lines = mounts.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    place, found = folder.resolve(), (-1, "")
    for _, point, kind, *_ in (line.split(" ") for line in lines):
        above = Path(point.replace("\\040", " "))
        if place.is_relative_to(above) and len(above.parts) >= found[0]:
            found = (len(above.parts), kind)
    return found[1] or None


def is_in_memory(filesystem: str | None) -> bool:
    """Whether nothing that is written there survives the machine."""
    return filesystem in _IN_MEMORY


def place_on_disk(mounts: Path = _MOUNTS) -> Path:
    """The folder for temporary files, or one in its place that does not lie in memory."""
    usual = Path(tempfile.gettempdir())
    places = [place for place in (usual, Path("/var/tmp"), Path.cwd()) if place.is_dir()]  # noqa: S108 - made anew there
    return next((place for place in places if not is_in_memory(filesystem_of(place, mounts))), usual)
