"""Who goes where: strategies side by side. Result: strategy.json.

    python -m benchmarks.strategy DATA [--workers N]

DATA holds jemss/auckland/models/1 and jemss/edmonton/models/1, which are not in the repository; the third city is the
pack that ships. It is one run of `tocsin bench strategy`, with nothing else said. Let the machine be idle: times of
decisions are CPU times, but a busy machine makes them worse. Ends with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.machine import RESULTS

MODELS = ("jemss/auckland/models/1", "jemss/edmonton/models/1")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def main() -> int:
    """Run, keep the result, and name the goals."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", type=Path)
    asked.add_argument("--workers", help="processes; otherwise one a core")
    chosen = asked.parse_args()
    out = RESULTS / "strategy.json"
    words = ["bench", "strategy", "san_francisco", "--out", str(out)]
    for model in MODELS:
        words += ["--jemss", str(chosen.data / model)]
    words += ["--workers", chosen.workers] if chosen.workers else []
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    status = subprocess.run([sys.executable, "-m", "tocsin.cli", *words], check=False, env=environment).returncode
    if status:
        return status
    goals = json.loads(out.read_text(encoding="utf-8"))["goals"]
    return int(any(goal["reached"] is False for goal in goals))


if __name__ == "__main__":
    sys.exit(main())
