"""Compile every kernel once, into numba's cache beside the sources.

Compiling takes a core most of a minute. Test workers that start on a fresh clone would each do it, all at the same
time; a second run only reads the cache. Packages are compiled beside each other, their modules one after another.
"""

from __future__ import annotations

import importlib
import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

SRC = Path(__file__).resolve().parents[1] / "src"


def list_packages() -> list[list[str]]:
    """The modules with kernels, by package; the packages with the longest kernels first."""
    packages: dict[Path, list[Path]] = defaultdict(list)
    for path in sorted((SRC / "tocsin").rglob("*.py")):
        if "@njit" in path.read_text(encoding="utf-8"):
            packages[path.parent].append(path)
    sized = sorted(packages.values(), key=lambda paths: -sum(path.stat().st_size for path in paths))
    return [[".".join(path.relative_to(SRC).with_suffix("").parts) for path in paths] for paths in sized]


def compile_all(modules: Sequence[str]) -> None:
    """A module compiles what has a signature when it is imported."""
    for module in modules:
        importlib.import_module(module)


if __name__ == "__main__":
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1)) as workers:
        list(workers.map(compile_all, list_packages()))
