"""A seeded storm over one desk: full disks, restarts in the middle of work, bad reports, looks back. Everything that
happens is drawn from the seed, so that any failure replays from it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from tests.city import START
from tocsin.adapters.packs import Pack, load_pack
from tocsin.adapters.stores import MemoryLog
from tocsin.bootstrap import open_engine
from tocsin.desk.engine import Engine
from tocsin.desk.past import PastView
from tocsin.errors import LogFull
from tocsin.model.commands import Command, Quarantine, ReportCall, ReportMark
from tocsin.model.events import Draft, Recorded
from tocsin.model.ids import AreaId, CallId, CommandId, Seq, UnitId
from tocsin.model.marks import Mark
from tocsin.model.origin import Mode, Origin
from tocsin.model.place import Point
from tocsin.situation.fold import empty, fold

STRANGER = Origin(actor="stranger", role="feed", purpose="emergency_response", mode=Mode.REPLAY)


class UnreliableLog(MemoryLog):
    """A log whose disk is full now and then."""

    def __init__(self, dice: np.random.Generator, full_share: float) -> None:
        super().__init__()
        self._dice = dice
        self.full_share = full_share

    def append(self, drafts: Sequence[Draft], expected: Seq) -> tuple[Recorded, ...]:
        if self._dice.random() < self.full_share:
            raise LogFull("the disk is full, says the storm")
        return super().append(drafts, expected)


class Storm:
    """One run. `weather()` lets it happen; `check()` says whether the promises held."""

    def __init__(self, folder: Path, seed: int, hours: float = 8.0) -> None:
        self.dice = np.random.default_rng(seed)
        self.pack: Pack = load_pack(folder)
        self.log = UnreliableLog(self.dice, full_share=0.1)
        self.acknowledged: set[CommandId] = set()
        self.sent = 0
        self.engine = self._open()
        self.end = self.engine.now + timedelta(hours=hours)

    def weather(self) -> None:
        """Draw and do until the end of the span."""
        while self.engine.now < self.end:
            deed = self.dice.choice(["advance", "advance", "advance", "report", "restart", "look_back"])
            try:
                getattr(self, f"_{deed}")()
            except LogFull:
                continue
        self.log.full_share = 0.0
        self.engine.flush()
        # A group that was lost at the very end is given again, as it would be in the next turn of the desk.
        self.engine.advance(self.end)
        self.engine.flush()

    def check(self) -> str:
        """Raise AssertionError where a promise was broken; otherwise the digest of what the feed's reports became."""
        events = list(self.log.read())
        assert [r.seq for r in events] == list(range(1, len(events) + 1)), "a hole in the log"
        assert len({r.id for r in events}) == len(events), "an event twice"
        assert all(a.at <= b.at for a, b in itertools.pairwise(events)), "the log's time ran backwards"
        kept = {r.command for r in events}
        assert self.acknowledged <= kept, "an acknowledged report was lost"
        folded = fold(empty(self.pack.city), self.pack.city, events)
        situation = self.engine.writer.situation
        assert (folded.calls, folded.units, folded.tally) == (situation.calls, situation.units, situation.tally)
        due = {c.id for _, c in self.engine.feed.between(self.end - timedelta(days=9), self.end)}
        assert due <= kept, "the feed's reports are not all in the log"
        return hashlib.sha256("\n".join(sorted(due & kept)).encode()).hexdigest()

    def _open(self) -> Engine:
        return open_engine(self.pack, self.log, Mode.REPLAY, START, seed=0)

    def _advance(self) -> None:
        step = timedelta(seconds=float(self.dice.exponential(900.0)))
        self.engine.advance(min(self.engine.now + step, self.end))
        if self.dice.random() < 0.7:
            self.engine.flush()

    def _restart(self) -> None:
        """As after kill -9: whatever was not durable is gone."""
        self.engine = self._open()

    def _look_back(self) -> None:
        head = self.log.head()
        at = self.engine.now - timedelta(seconds=float(self.dice.uniform(0, 7200)))
        past = PastView.at(self.log, self.pack.city, at)
        assert past.situation.now is None or past.situation.now <= at
        assert self.log.head() == head

    def _report(self) -> None:
        commands = [self._draw_report() for _ in range(int(self.dice.integers(1, 6)))]
        outcomes = self.engine.take_reports([(self.engine.now, c) for c in commands])
        assert len(outcomes) == len(commands)
        self.acknowledged.update(c.id for c in commands)
        self.engine.work(self.engine.now)

    def _draw_report(self) -> Command:
        self.sent += 1
        name = CommandId(f"storm/{self.sent}")
        at = self.engine.now + timedelta(seconds=float(self.dice.normal(0, 4000)))
        units = [*self.pack.city.units, UnitId("nobody")]
        calls = [*self.engine.writer.situation.calls, CallId("never-heard-of")]
        kind = self.dice.integers(0, 3)
        if kind == 0:
            place = Point(float(self.dice.normal(10.03, 0.5)), float(self.dice.normal(50.03, 0.5)))
            area = AreaId("nowhere") if self.dice.random() < 0.2 else None
            return ReportCall(name, STRANGER, CallId(f"x{self.sent}"), at, "No such kind", None, place, area)
        if kind == 1:
            unit, call = UnitId(str(self.dice.choice(units))), CallId(str(self.dice.choice(calls)))
            return ReportMark(name, STRANGER, call, unit, Mark(str(self.dice.choice(list(Mark)))), at)
        return Quarantine(name, STRANGER, "unreadable", "line 1", "not a report", self.dice.bytes(40))
