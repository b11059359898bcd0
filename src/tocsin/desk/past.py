"""Looking back: the fold of the log up to a time. It reads and never appends."""

from __future__ import annotations

from datetime import datetime

from tocsin.desk.writer import situation_at
from tocsin.model.city import City
from tocsin.ports import EventLog
from tocsin.situation.fold import fold
from tocsin.situation.picture import Situation


class PastView:
    """The picture of the log at `now`, which may be moved forward."""

    def __init__(self, log: EventLog, city: City, now: datetime, situation: Situation) -> None:
        self._log = log
        self._city = city
        self.now = now
        self.situation = situation

    @classmethod
    def at(cls, log: EventLog, city: City, now: datetime) -> PastView:
        """The picture of the log at `now`."""
        return cls(log, city, now, situation_at(log, city, now))

    def advance(self, to: datetime) -> None:
        """Fold on to `to`; never backwards."""
        if to <= self.now:
            return
        self.situation = fold(self.situation, self._city, self._log.read(self.situation.seq, to))
        self.now = to

    def next_at(self) -> datetime | None:
        """When the next event after `now` happened; None at the head of the log."""
        following = next(iter(self._log.read(self.situation.seq)), None)
        return following.at if following else None
