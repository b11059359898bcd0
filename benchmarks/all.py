"""Everything that the docs claim, one after the other, each in a process of its own: `make bench`."""

from __future__ import annotations

import argparse
import subprocess
import sys

NAMES = ("replay", "decisions", "start", "log", "web", "routing")


def main() -> int:
    """Run all or those named; the number that failed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*", default=NAMES)
    failed = 0
    for name in asked.parse_args().names:
        print(f"# {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
