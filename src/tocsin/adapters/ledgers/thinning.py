"""Which published checkpoints stay: a busy desk publishes one a second, and nobody needs them all for good.

Every checkpoint of the last day stays, and of each hour before it one. The tree itself holds what the others said:
whoever kept a copy of one that has gone can still hold the log to it (`tocsin verify --against`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

HOUR_S: Final = 3_600
KEPT_WHOLE_S: Final = 24 * HOUR_S
"""So far back every checkpoint stays."""


class Published(NamedTuple):
    """A checkpoint that was published."""

    size: int
    at_s: int
    """Time of its last entry, seconds since 1970."""
    cosigned: int
    """By how many witnesses."""


def thins_before(last_at_s: int) -> int:
    """The end of the last whole hour that lies a day before the newest entry, seconds since 1970."""
    return (last_at_s - KEPT_WHOLE_S) // HOUR_S * HOUR_S


def list_superfluous(published: Iterable[Published], last_at_s: int) -> list[int]:
    """Sizes of the checkpoints that need not stay: all of an hour but the one that most witnesses cosigned, the first
    of these. Hours of the last day are not touched.

    Args:
        published: in order of size.
        last_at_s: time of the ledger's newest entry, seconds since 1970.
    """
    before_s, kept, gone = thins_before(last_at_s), dict[int, Published](), list[int]()
    for one in published:
        hour = one.at_s // HOUR_S
        best = kept.get(hour)
        if one.at_s >= before_s:
            continue
        if best is None or one.cosigned > best.cosigned:
            kept[hour] = one
        if best is not None:
            gone.append(best.size if kept[hour] is one else one.size)
    return gone
