"""Surges of a county's dispatch stream: found how early, and how often told for nothing. Result: warn_san_mateo.json.

    python -m benchmarks.warn DATA

DATA holds san_mateo_county/fire_dispatch_incidents.parquet and fire_dispatch_snapshots.parquet. The detector's
constants were chosen on Montgomery County, Dublin and simulated streams, and frozen before this file was read.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.machine import about, keep
from tocsin.bench.warn.bench import bench
from tocsin.bench.warn.calls import read_calls

EVENTS = (date(2022, 12, 31), date(2023, 3, 14), date(2024, 2, 4))
TARGET_DELAY_MIN = 45.0
TARGET_FALSE_PER_WEEK = 1.0


def main() -> int:
    """Run and keep the result; 1 when a target is missed."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", type=Path)
    folder = asked.parse_args().data / "san_mateo_county"
    facts = about()
    calls = read_calls(
        folder / "fire_dispatch_incidents.parquet",
        "received_local",
        seen="first_seen_utc",
        area="area_code",
        kind="category",
        timezone="America/Los_Angeles",
        snapshots=(folder / "fire_dispatch_snapshots.parquet", "snapshot_utc"),
    )
    result = bench(calls, EVENTS)
    targets = _targets(result)
    keep("warn_san_mateo", {"about": facts, "targets": targets, **result})
    return 0 if all(target["met"] for target in targets) else 1


def _targets(result: dict[str, Any]) -> list[dict[str, Any]]:
    found, delay, false = result["found"], result["median_delay_min"], result["false_per_week"]
    return [
        {"figure": "events found", "asked": len(EVENTS), "reached": found, "met": found == len(EVENTS)},
        {
            "figure": "median delay, min",
            "asked": TARGET_DELAY_MIN,
            "reached": delay,
            "met": delay is not None and delay <= TARGET_DELAY_MIN,
        },
        {
            "figure": "false alarms in an ordinary week",
            "asked": TARGET_FALSE_PER_WEEK,
            "reached": false,
            "met": false is not None and false <= TARGET_FALSE_PER_WEEK,
        },
        {
            "figure": "µs a call",
            "asked": 10.0,
            "reached": result["us_per_point"],
            "met": result["us_per_point"] <= 10.0,
        },
    ]


if __name__ == "__main__":
    raise SystemExit(main())
