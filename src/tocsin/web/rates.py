"""How often a stranger may ask: a bucket an address, filled at a steady rate (token bucket, RFC 2697's idea)."""

from __future__ import annotations

from collections import OrderedDict

MOST_ADDRESSES = 10_000
"""Addresses that are remembered; the one that asked longest ago is forgotten first."""


class Rates:
    """Counts requests by address, on the event loop.

    Args:
        per_s: requests a second that an address may make for ever.
        burst: requests that it may make at once after a rest.
    """

    def __init__(self, per_s: float = 50.0, burst: float = 1000.0) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str, now_s: float) -> float | None:
        """Count one request. None: it may pass; else the seconds after which the next one may."""
        left, at_s = self._left.pop(address, (self._burst, now_s))
        left = min(self._burst, left + self._per_s * max(0.0, now_s - at_s))
        passes = left >= 1.0
        self._left[address] = (left - 1.0 if passes else left, now_s)
        if len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)
        return None if passes else (1.0 - left) / self._per_s
