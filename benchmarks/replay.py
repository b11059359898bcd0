"""The whole week of the shipped city, headless: wall and CPU seconds, peak memory, and the report itself.

    python -m benchmarks.replay [--pack NAME] [--runs 3]

Each run is a process of its own. The target on 2 cores: 60 s and 1 GiB.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys

from benchmarks.machine import about, keep

COMMAND = [sys.executable, "-c", "from tocsin.cli import main; main()", "replay"]


def main() -> None:
    """Run and keep the result."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pack", default="san_francisco")
    asked.add_argument("--runs", type=int, default=3)
    args = asked.parse_args()
    reports = [_run(args.pack) for _ in range(args.runs)]
    result = {
        **about(seed=reports[0]["forecast"]["coverage_80_seed"]),
        "pack": args.pack,
        "wall_s": [r["wall_s"] for r in reports],
        "wall_s_median": statistics.median(r["wall_s"] for r in reports),
        "peak_mib": max(r["peak_mib"] for r in reports),
        "target": {"wall_s": 60, "peak_mib": 1024},
        "report": reports[-1],
    }
    keep("replay", result)


def _run(pack: str) -> dict[str, object]:
    done = subprocess.run([*COMMAND, pack, "--json"], capture_output=True, text=True, check=True)
    report: dict[str, object] = json.loads(done.stdout)
    return report


if __name__ == "__main__":
    main()
