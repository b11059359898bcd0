"""The shipped week's marks through the writer: what is corrected, what is set aside, and that nobody stays stuck."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from tocsin.adapters.feeds.replay import ReplayFeed
from tocsin.adapters.packs import find_pack, load_pack
from tocsin.adapters.stores import MemoryLog
from tocsin.desk.writer import Writer
from tocsin.geography.places import Places
from tocsin.model.events import UnitMarked
from tocsin.model.marks import Mark
from tocsin.situation.fold import empty


def test_missing_marks_lose_no_dispatch_and_leave_nobody_stuck() -> None:
    pack = load_pack(find_pack("san_francisco"))
    feed, log = ReplayFeed(pack.calls, pack.responses), MemoryLog()
    writer = Writer(log, pack.city, Places(pack.city), empty(pack.city))
    items = list(feed.between(feed.first_at() - timedelta(seconds=1), feed.last_at()))
    for start in range(0, len(items), 1000):
        writer.write(items[start : start + 1000])
    tally = writer.situation.tally
    assert (tally.calls, tally.responses) == (3560, 7704)
    assert (tally.corrections, tally.quarantined) == (38, 29)
    marks = [r.event for r in log.read() if isinstance(r.event, UnitMarked)]
    reported = {(m.call, m.unit) for m in marks if m.mark is Mark.DISPATCHED and not m.inferred}
    told = pack.responses.filter(pack.responses["dispatched"].is_not_null()).select("call", "unit").rows()
    assert Counter(reported) == Counter(told), "every dispatch of the record is applied"
    assert [u.unit for u in writer.situation.units.values() if u.call is not None] == []
