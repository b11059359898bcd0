"""Generated requests as everybody who may ask, seed after seed, until the time is up:
`python -m benchmarks.requests --minutes 30 --first-seed 1000`.

Every operation that somebody may ask for, in words that the API's document allows and in words that it does not, over
a house with secrets planted in it. A finding prints the request; the same seed makes the same requests.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tools.reference.authorisation import askers, matrix

from tests.fuzz import Fuzz
from tests.secret_house import SLOW, SecretHouse, open_secret_house

EXAMPLES = 5
"""Of each kind an operation, asker and seed; of operations that take their time on purpose, one."""
ENDS_SESSIONS = frozenset({"sign_out"})


def ask_as(house: SecretHouse, asker: str, seed: int, until_s: float) -> Fuzz:
    """One seed as one asker, cut short where the time is up."""
    fuzz = Fuzz(house.document, house.ask, house.canaries)
    for operation, row in matrix().items():
        if row[asker] == "refused" or operation in ENDS_SESSIONS or time.monotonic() > until_s:
            continue
        fuzz.run(asker, house.headers(asker), [operation], 1 if operation in SLOW else EXAMPLES, seed)
    return fuzz


def main() -> int:
    """Run; 1 where an answer was a mistake of ours, not what the document says, or a leak."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=30.0)
    asked.add_argument("--first-seed", type=int, default=0)
    args = asked.parse_args()
    until_s, seed, count = time.monotonic() + 60 * args.minutes, args.first_seed, 0
    with tempfile.TemporaryDirectory() as folder, open_secret_house(Path(folder)) as house:
        while time.monotonic() < until_s:
            for asker in askers():
                fuzz = ask_as(house, asker, seed, until_s)
                count += fuzz.asked
                print(
                    f"seed {seed} as {asker}: {fuzz.asked} requests, {dict(sorted(fuzz.statuses.items()))}", flush=True
                )
                if fuzz.findings:
                    print(*fuzz.findings, sep="\n")
                    return 1
            seed += 1
    print(f"{count} requests, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
