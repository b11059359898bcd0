"""What an outbreak method says of one step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One step. All None where the method can say nothing (too little before it, too few cases, unknown counts).

    `expected`: calls or cases that season and trend, or the baseline, explain. `upper`: the largest number that is
    still ordinary. `score`: how far the count lies above what is expected, as a share of the way to `upper`; above 1
    exactly where the count is above `upper`. `p`: probability of at least this count in an ordinary step, None where
    the method has none. `alarm`: the count is above `upper` (and not zero).
    """

    expected: float | None = None
    upper: float | None = None
    score: float | None = None
    p: float | None = None
    alarm: bool = False


NOTHING = Row()


def exceedance(count: float, expected: float, upper: float) -> float:
    """(count − expected) / (upper − expected). Where `upper` is not above `expected` (rare events: the 95 % quantile
    of 0.01 cases is 0), 1 + count − upper, so that a score above 1 always means a count above `upper`."""
    return (count - expected) / (upper - expected) if upper > expected else 1.0 + count - upper
