"""The constants that `StreamDetector` ships with: chosen on every series of a labelled corpus.

    python -m benchmarks.anomaly_constants SERIES WINDOWS [SEED]

prints them as they stand in `tocsin.forecasting.streams.detector`. What `tocsin bench anomaly` reports as `tocsin` does
not use them where it can choose constants on other folders; it shows them as `tocsin-shipped`.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

from tocsin.bench.anomaly.constants import choose, draw, record, try_all
from tocsin.bench.anomaly.series import read_corpus


def main(series: str, windows: str, seed: str = "1") -> None:
    """Choose and print."""
    corpus = read_corpus(Path(series), Path(windows))
    recordings = [record(one) for one in corpus]
    tried = try_all(corpus, recordings, draw(int(seed)), lambda done: print(f"\r{done:.0%}", end="", file=sys.stderr))
    chosen = choose(corpus, recordings, tried)
    print()
    print("Constants(")
    for field in fields(chosen):
        print(f"    {field.name}={getattr(chosen, field.name):.4g},")
    print(")")


if __name__ == "__main__":
    main(*sys.argv[1:])
