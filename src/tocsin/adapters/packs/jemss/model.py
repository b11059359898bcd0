"""Finds and reads the files of a JEMSS model: tables one below the other in a CSV, zips, a raster."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tocsin.errors import BadReport, BadSettings

ABOVE = 3
"""How many folders above the model its raster may lie: a city's models share one."""
MOST_BYTES = 2_000_000_000
"""The largest file that is unpacked."""


@dataclass(frozen=True, slots=True)
class Model:
    """The folder of a model."""

    folder: Path

    def find(self, pattern: str) -> Path | None:
        """The first file of that pattern by name."""
        return min(self.folder.glob(pattern), default=None)

    def get_table(self, pattern: str, table: str) -> pl.DataFrame:
        """One table of the first file of that pattern, columns as text. Raises: BadReport when it is not there."""
        path = self.find(pattern)
        if path is None:
            raise BadReport(str(self.folder), f"has no {pattern}: name the folder of a JEMSS model, such as models/1")
        return table_of(_text(path), table, path.name)

    def find_table(self, pattern: str, table: str) -> pl.DataFrame | None:
        """The same; None where the file or the table is not there."""
        path = self.find(pattern)
        text = "" if path is None else _text(path)
        return table_of(text, table, pattern) if _start(text.splitlines(), table) is not None else None

    def get_roads(self) -> tuple[str, str]:
        """The text of nodes.csv and arcs.csv, from travel/roads or a zip in it."""
        found: dict[str, str] = {}
        for path in sorted(self.folder.glob("travel/roads/**/*")):
            if path.name in ("nodes.csv", "arcs.csv"):
                found[path.name] = _text(path)
            elif path.suffix == ".zip":
                found |= _members(path, ("nodes.csv", "arcs.csv"))
        if len(found) < 2:
            raise BadReport(str(self.folder / "travel/roads"), "holds no nodes.csv and arcs.csv, nor a zip with both")
        return found["nodes.csv"], found["arcs.csv"]

    def get_raster(self, name: str) -> bytes:
        """A raster by its file name: in the model's folder or up to `ABOVE` above, plain or in a zip."""
        roots = [self.folder.resolve(), *self.folder.resolve().parents[:ABOVE]]
        for root in roots:
            plain = [root / name, *root.glob(f"data/**/{name}")]
            for path in plain:
                if path.is_file():
                    return path.read_bytes()
            for path in sorted(root.glob("*.zip")):
                data = _member(path, name)
                if data is not None:
                    return data
        raise BadReport(
            name, f"the raster of population is in none of {', '.join(map(str, roots))}, nor in a zip there"
        )


def open_model(folder: Path) -> Model:
    """The model in a folder. Raises: BadSettings when there is no such folder."""
    if not folder.is_dir():
        raise BadSettings(f"there is no folder {folder}: name the folder of a JEMSS model, such as models/1")
    return Model(folder)


def table_of(text: str, table: str, file: str) -> pl.DataFrame:
    """A table of a file that holds several: the line of its name, a header, and rows up to an empty line.

    Raises: BadReport when it is not there or no CSV."""
    lines = text.splitlines()
    start = _start(lines, table)
    if start is None or start + 1 >= len(lines):
        raise BadReport(file, f"has no table {table!r}")
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].strip(", \t")), len(lines))
    body = "\n".join(lines[start + 1 : end])
    try:
        frame = pl.read_csv(io.StringIO(body), infer_schema=False, truncate_ragged_lines=True)
    except pl.exceptions.PolarsError as error:
        raise BadReport(f"{file}, table {table}", f"is no CSV ({str(error).splitlines()[0]})") from error
    return frame.select(name for name in frame.columns if name.strip())


def numbers(frame: pl.DataFrame, column: str, file: str) -> pl.Series:
    """A column as numbers. Raises: BadReport when it is not there or holds anything else."""
    if column not in frame.columns:
        raise BadReport(file, f"has no column {column!r}; found {', '.join(frame.columns)}")
    series = frame[column].str.strip_chars().cast(pl.Float64, strict=False)
    wrong = (~series.is_finite()).fill_null(value=True)
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise BadReport(f"{file}, row {row} of {column}", f"{frame[column][row]!r} is no number")
    return series


def _start(lines: list[str], table: str) -> int | None:
    return next((i for i, line in enumerate(lines) if line.split(",", 1)[0].strip() == table), None)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig", errors="replace")


def _members(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    found = {name: _member(path, name) for name in names}
    return {name: data.decode("utf-8-sig", errors="replace") for name, data in found.items() if data is not None}


def _member(path: Path, name: str) -> bytes | None:
    """A file of a zip by its last name, wherever it lies in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            member = next((m for m in archive.namelist() if m.rsplit("/", 1)[-1] == name), None)
            if member is not None and archive.getinfo(member).file_size > MOST_BYTES:
                raise BadReport(f"{path.name}, {member}", f"is over {MOST_BYTES:,} bytes unpacked: this is no model")
            return None if member is None else archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise BadReport(path.name, f"cannot be unpacked ({error})") from error
