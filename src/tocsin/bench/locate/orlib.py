"""The OR-Library's p-median problems: networks whose nodes are both demand and candidate sites.

A file holds `nodes edges p`, then an edge a line: `from to length`. Where a pair stands twice, the last counts, in
either direction. Distances are those of shortest paths. Source: Beasley 1985 (EJOR 21); Beasley 1990 (JORS 41).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit

from tocsin.errors import BadSettings
from tocsin.planning.location.kernels import Floats

OPTIMA = "optima.json"


@dataclass(frozen=True, slots=True)
class Problem:
    """`length`: float64 (n, n), of the edges only: 0 on the diagonal, infinite where no edge is."""

    name: str
    open_: int
    edges: int
    length: Floats

    @property
    def nodes(self) -> int:
        return len(self.length)


def list_problems(folder: Path) -> list[Path]:
    """The folder's problem files, in the order of the numbers in their names. Raises: BadSettings where none is."""
    if not folder.is_dir():
        raise BadSettings(f"--orlib {folder}: no folder: name one that holds the library's pmed files")
    files = [path for path in folder.glob("*.txt") if re.fullmatch(r"pmed\d+", path.stem)]
    if not files:
        raise BadSettings(f"--orlib {folder} holds no pmed1.txt, pmed2.txt …: name the folder that does")
    return sorted(files, key=lambda path: int(path.stem.removeprefix("pmed")))


def read_problem(path: Path) -> Problem:
    """Raises: BadSettings with the line that cannot be."""
    lines = [line.split() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    rows = [(number, line) for number, line in enumerate(lines, start=1) if line]
    if not rows:
        raise BadSettings(f"{path.name} is empty: it begins with nodes, edges and p")
    nodes, edges, open_ = (int(value) for value in _numbers(path, *rows[0]))
    if nodes < 1 or not 1 <= open_ <= nodes or len(rows) - 1 != edges:
        raise BadSettings(
            f"{path.name}: line {rows[0][0]} says {nodes} nodes, {edges} edges, p {open_}; {len(rows) - 1} edges follow"
        )
    length = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(length, 0.0)
    for number, row in rows[1:]:
        a, b, value = _numbers(path, number, row)
        if not (1 <= a <= nodes and 1 <= b <= nodes) or value < 0:
            raise BadSettings(f"{path.name}: line {number}: nodes run from 1 to {nodes}, lengths from 0")
        if a != b:
            length[int(a) - 1, int(b) - 1] = length[int(b) - 1, int(a) - 1] = value
    return Problem(path.stem, open_, edges, length)


def _numbers(path: Path, line: int, row: list[str]) -> list[float]:
    try:
        values = [float(word) for word in row]
    except ValueError:
        values = []
    if len(values) != 3 or not np.isfinite(values).all():
        raise BadSettings(f"{path.name}: line {line} should hold three numbers")
    return values


def read_optima(folder: Path) -> dict[str, float]:
    """Published optima by name, for the report alone; empty without the file. Raises: BadSettings."""
    path = folder / OPTIMA
    if not path.is_file():
        return {}
    try:
        return {str(name): float(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise BadSettings(f"{path.name} should be one object of names and numbers: {error}") from error


@njit("void(f8[:, ::1])", cache=True, nogil=True)
def close_paths(length: Floats) -> None:
    """Lengths of edges become lengths of shortest paths, in place. Source: Floyd 1962, Warshall 1962."""
    n = len(length)
    for k in range(n):
        for i in range(n):
            to = length[i, k]
            if to < np.inf:
                for j in range(n):
                    by = to + length[k, j]
                    length[i, j] = by if by < length[i, j] else length[i, j]
