"""The four forecast comparisons that the docs quote: `python -m benchmarks.forecast_protocols FOLDER [NAME …]`.

FOLDER holds the files of `FILES` below; they are not in the repository. Each comparison is one run of `tocsin bench
forecast` with the words below and nothing else, in a process of its own on one thread, and is kept under
benchmarks/results/forecast_NAME.json with machine, seed, commit and load. Let the machine be idle: figures of cost are
CPU seconds, but a busy machine makes them worse. `--models` and `--origins` make a quick look; it is printed, not kept.

What is tuned is tuned on days before the spans that are judged here.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.machine import RESULTS

PROTOCOLS: dict[str, tuple[str, ...]] = {
    "montgomery": (
        *("--calls", "montgomery_county_911_calls.parquet", "--time", "timeStamp", "--area", "twp"),
        *("--horizon", "168", "--origins", "8", "--every", "7d", "--country", "US", "--subdivision", "PA"),
    ),
    "dublin": (
        *("--calls", "dublin_fire_incidents_2020_2021.parquet", "--time", "TOC", "--date", "Date"),
        *("--area", "Station Name", "--horizon", "168", "--origins", "12", "--every", "14d", "--window", "546"),
        *("--country", "IE"),
    ),
    "melbourne": (
        *("--counts", "melbourne_pedestrian_counts_2021.parquet", "--time", "hour", "--wide", "--missing", "-1"),
        *("--horizon", "168", "--origins", "8", "--every", "7d", "--window", "182"),
        *("--country", "AU", "--subdivision", "VIC"),
    ),
    "ambulance": (
        *("--counts", "ambulance_daily_south_west_england_2014_2018.csv", "--time", "Actual_dt", "--area", "ORA"),
        *("--value", "Actual_Value", "--leave-out", "Trust", "--freq", "1d", "--horizon", "84", "--origins", "41"),
        *("--every", "7d", "--country", "GB", "--subdivision", "ENG"),
    ),
}
"""Clock times are taken as they are (no --tz): every day has 24 hours."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def run(name: str, folder: Path, more: list[str]) -> int:
    """One comparison; its status."""
    words = [str(folder / word) if word.endswith((".parquet", ".csv")) else word for word in PROTOCOLS[name]]
    kept = [] if more else ["--out", str(RESULTS / f"forecast_{name}.json")]
    command = [sys.executable, "-m", "tocsin.cli", "bench", "forecast", *words, *kept, *more]
    return subprocess.run(command, check=False, env={**os.environ, **dict.fromkeys(THREADS, "1")}).returncode


def main() -> int:
    """Run all or those named; the number that failed."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("names", nargs="*", help=f"of {', '.join(PROTOCOLS)}; all where none is named")
    asked.add_argument("--models", help="only these, for a quick look")
    asked.add_argument("--origins", help="other than the protocol says, for a quick look")
    chosen = asked.parse_args()
    more = [w for o in ("models", "origins") if getattr(chosen, o) for w in (f"--{o}", getattr(chosen, o))]
    failed = 0
    for name in chosen.names or PROTOCOLS:
        print(f"# {name}", flush=True)
        failed += run(name, chosen.folder, more) != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
