"""What every result states: machine, versions, commit, seed, and how busy the machine was."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def about(seed: int | None = None) -> dict[str, Any]:
    """The facts that make a figure worth reading."""
    return {
        "when": datetime.now(UTC).date().isoformat(),
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "clean": not _git("status", "--porcelain", "--", "src"),
        "seed": seed,
        "machine": {
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.release()}",
            "python": platform.python_version(),
            "load_before": [round(x, 2) for x in os.getloadavg()],
        },
        "versions": {name: version(name) for name in ("numpy", "numba", "polars", "scipy", "uvicorn")},
    }


def keep(name: str, result: dict[str, Any]) -> None:
    """Print a result and keep it under benchmarks/results."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(result, indent=1, sort_keys=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
