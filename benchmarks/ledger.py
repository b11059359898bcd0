"""What accounting costs: `python -m benchmarks.ledger [--seed N] [--dir FOLDER] [--pairs 3] [--pack NAME]`.

    the bench    `tocsin bench ledger`: durable appends, full disclosures, proofs, decisions, rivals
    the replay   the whole week of the shipped city without and with accounting, in pairs that alternate, each run a
                 process of its own over a data folder of its own: what the live loop pays for a ledger that follows

FOLDER should lie on the disk that a desk would use; by default it is a temporary one, not in memory. Without pairs
(`--pairs 0`) the replay is left out.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import about, keep
from tocsin.bench.ledger.bench import Effort, bench
from tocsin.bench.ledger.disk import place_on_disk
from tocsin.bench.progress import shown

COMMAND = [sys.executable, "-c", "from tocsin.cli import main; main()", "replay"]
TARGETS = {
    "appends_per_s": 6_000,
    "disclosures_per_s": 2_500,
    "disclosure_p99_ms": 100,
    "proofs_per_s": 20_000,
    "decisions_per_s": 6_000,
    "decision_p99_ms": 1,
    "replay_slower_percent": 10,
}


def measure_replay(folder: Path, pack: str, pairs: int, until: str | None) -> dict[str, Any]:
    """The replay without and with, alternating which comes first: seconds on the wall and of CPU, all threads."""
    wall: dict[str, list[float]] = {"--no-account": [], "--account": []}
    cpu: dict[str, list[float]] = {"--no-account": [], "--account": []}
    entries = 0
    for pair in range(pairs):
        for option in sorted(wall, reverse=bool(pair % 2)):
            began_s = _children_s()
            with tempfile.TemporaryDirectory(dir=folder) as data:
                command = [*COMMAND, pack, option, "--data", data, "--json", *(["--until", until] if until else [])]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
            report = json.loads(done.stdout)
            wall[option].append(report["wall_s"])
            cpu[option].append(round(_children_s() - began_s, 2))
            entries = report["ledger_entries"] or entries
    return {
        "pack": pack,
        "until": until,
        "entries": entries,
        **{f"wall_{name}": figure for name, figure in _slower(wall).items()},
        **{f"cpu_{name}": figure for name, figure in _slower(cpu).items()},
    }


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _slower(took: dict[str, list[float]]) -> dict[str, Any]:
    without, with_ = took["--no-account"], took["--account"]
    slower = [100 * (w / o - 1) for o, w in zip(without, with_, strict=True)]
    return {
        "without_s": without,
        "with_s": with_,
        "slower_percent_by_pair": [round(one, 1) for one in slower],
        "slower_percent": round(statistics.median(slower), 1),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all and keep the result."""
    asked = argparse.ArgumentParser(description="Measure what accounting costs.")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--dir", type=Path, default=None, help="where to measure; a temporary folder by default")
    asked.add_argument("--pairs", type=int, default=3, help="pairs of replays without and with accounting")
    asked.add_argument("--pack", default="san_francisco")
    asked.add_argument("--until", default=None, help="end the replay early; the whole record by default")
    chosen = asked.parse_args(arguments)
    facts = about(chosen.seed)
    with tempfile.TemporaryDirectory(dir=chosen.dir or place_on_disk()) as name, shown("Accounting") as tell:
        folder = Path(name)
        result = {**facts, "targets": TARGETS, **bench(folder, Effort(seed=chosen.seed), tell)}
        if chosen.pairs:
            result["replay"] = measure_replay(folder, chosen.pack, chosen.pairs, chosen.until)
    keep("ledger", result)


if __name__ == "__main__":
    main()
