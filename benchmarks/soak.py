"""Storms over a desk, seed after seed, until the time is up: `make soak ARGS="--minutes 60 --first-seed 1000"`.

A failure prints its seed; the same seed gives the same storm.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.city import write_tiny_pack
from tests.storm import Storm


def main() -> int:
    """Run; 1 where a promise was broken."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=30.0)
    asked.add_argument("--first-seed", type=int, default=0)
    args = asked.parse_args()
    until = time.monotonic() + 60 * args.minutes
    seed = args.first_seed
    with tempfile.TemporaryDirectory() as folder:
        pack = write_tiny_pack(Path(folder) / "pack")
        while time.monotonic() < until:
            storm = Storm(pack, seed, hours=24.0)
            storm.weather()
            try:
                storm.check()
            except AssertionError as broken:
                print(f"seed {seed}: {broken}")
                return 1
            print(f"seed {seed}: {storm.log.head()} events, {storm.sent} strange reports", flush=True)
            seed += 1
    print(f"{seed - args.first_seed} storms, every promise kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
