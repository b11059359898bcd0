"""What every result states: machine, versions, commit, seed, how busy the machine was; and how CPU time is taken."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGES = ("tocsin", "numpy", "numba", "polars", "scipy", "holidays", "statsforecast", "mlforecast", "lightgbm")


def about(now: datetime, seed: int | None = None, packages: tuple[str, ...] = PACKAGES) -> dict[str, Any]:
    """The facts that make a figure worth reading. `commit` and `clean` are None outside a checkout."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    return {
        "when": now.date().isoformat(),
        "commit": commit or None,
        "clean": not _git("status", "--porcelain", "--", "src") if commit else None,
        "seed": seed,
        "machine": {
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.release()}",
            "python": platform.python_version(),
            "load_before": [round(load, 2) for load in os.getloadavg()],
        },
        "versions": {name: found for name in packages if (found := _version(name)) is not None},
    }


def cpu_s() -> float:
    """CPU seconds of this process and of its children that have ended, all threads."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@contextmanager
def one_thread() -> Iterator[bool]:
    """Linear algebra on one thread, as far as `threadpoolctl` is installed (it comes with the rivals): says whether."""
    if find_spec("threadpoolctl") is None:
        yield False
        return
    with import_module("threadpoolctl").threadpool_limits(1):
        yield True


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _git(*words: str) -> str:
    here = Path(__file__).resolve().parent
    try:
        asked = subprocess.run(["git", *words], cwd=here, capture_output=True, text=True, check=False)  # noqa: S603, S607
    except OSError:
        return ""
    return asked.stdout.strip()


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
