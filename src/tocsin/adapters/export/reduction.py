"""What is taken off before anything leaves the house.

Medical calls older than 24 hours carry their area only, and times to 15 minutes; so does every call of which
nobody can say that it is not medical. What would give place or time back goes too: estimated times of
arrival (stations are known, so three of them name the corner), the hospital, the incident's number, the ids
of alarms (they may hold a time), and every link to the order of the log, which would set an exact time on
either side of a coarse one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from tocsin.model.city import Service
from tocsin.model.events import CallReported
from tocsin.model.ids import CallId

REDUCED_AFTER: Final = timedelta(hours=24)
QUARTER: Final = timedelta(minutes=15)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_quarter(time: datetime) -> datetime:
    """The start of the quarter of an hour that holds `time`, UTC."""
    return time - (time - _EPOCH) % QUARTER


class Reduction:
    """Knows which calls may leave with their block and their exact times.

    Args:
        services: kind of call to service; a kind that is missing counts as medical.
        last_at: of the newest event in the log; ages are counted back from it.
    """

    def __init__(self, services: Mapping[str, Service | None], last_at: datetime) -> None:
        self._plain_kinds = {k for k, s in services.items() if s is not None and s is not Service.MEDICAL}
        self._old = last_at - REDUCED_AFTER
        self._exact: set[CallId] = set()

    def see(self, event: CallReported) -> None:
        """Learn of a call; comes before anything else that names it."""
        if event.kind in self._plain_kinds or event.received >= self._old:
            self._exact.add(event.call)

    def reduces(self, call: CallId | None) -> bool:
        """Whether what belongs to this call leaves without place and with coarse times."""
        return call is not None and call not in self._exact

    def time(self, time: datetime | None, call: CallId | None) -> datetime | None:
        """A time that belongs to a call, as it may leave."""
        return to_quarter(time) if time is not None and self.reduces(call) else time
