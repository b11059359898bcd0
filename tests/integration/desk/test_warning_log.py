"""A burst of calls in a recorded town: the warnings in the log are the same at every speed, and after a restart."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from tocsin.adapters.packs import Pack, load_pack
from tocsin.adapters.packs.example import START, write_example
from tocsin.adapters.stores import MemoryLog
from tocsin.bootstrap import open_engine
from tocsin.model.events import AlarmRaised, Recorded, WarningExpired, WarningProposed
from tocsin.model.origin import Mode

PROTOCOL = """
name = "Hold crews"
cost = 1
loss = 4
[trigger]
kind = "surge"
[[actions]]
action = "hold"
text = "Hold the crews."
"""
BURST = START + timedelta(days=1, hours=8)
END = BURST + timedelta(hours=5)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The example town with forty calls in twenty minutes on its second morning."""
    folder = tmp_path_factory.mktemp("town")
    write_example(folder)
    (folder / "protocols" / "hold.toml").write_text(PROTOCOL, encoding="utf-8")
    calls = pl.read_parquet(folder / "calls.parquet")
    rows = [
        {**calls.row(n, named=True), "call": f"b{n}", "received": BURST + timedelta(seconds=30 * n)} for n in range(40)
    ]
    pl.concat([calls, pl.DataFrame(rows, schema=calls.schema)]).write_parquet(folder / "calls.parquet")
    return load_pack(folder)


def warned_in(pack: Pack, step: timedelta, *, restart_at: timedelta | None = None) -> list[Recorded]:
    """Every event of the watch and of warnings, running in steps of `step`."""
    log = MemoryLog()
    engine = open_engine(pack, log, Mode.REPLAY, START, seed=0)
    restarted = restart_at is None
    while engine.now < END:
        engine.advance(min(engine.now + step, END))
        if not restarted and restart_at is not None and engine.now >= BURST + restart_at:
            engine.flush()
            engine = open_engine(pack, log, Mode.REPLAY, START, seed=0)
            restarted = True
    engine.flush()
    return [r for r in log.read() if r.origin.actor in ("desk:warnings", "desk:watch")]


@pytest.fixture(scope="module")
def by_the_hour(pack: Pack) -> list[Recorded]:
    return warned_in(pack, timedelta(hours=1))


def test_the_burst_is_warned_of_within_minutes_and_expires(by_the_hour: list[Recorded]) -> None:
    proposed = [r for r in by_the_hour if isinstance(r.event, WarningProposed)]
    surges = [r for r in proposed if isinstance(r.event, WarningProposed) and r.event.warning.kind == "surge"]
    assert len(surges) == 1
    first = surges[0]
    assert isinstance(first.event, WarningProposed)
    assert timedelta(0) < first.at - BURST <= timedelta(minutes=20)
    assert first.event.warning.threshold.protocol == "hold"
    expired = [r for r in by_the_hour if isinstance(r.event, WarningExpired)]
    assert first.event.warning.warning in {r.event.warning for r in expired if isinstance(r.event, WarningExpired)}


def test_an_alarm_names_the_warning(by_the_hour: list[Recorded]) -> None:
    alarms = [r.event.alarm for r in by_the_hour if isinstance(r.event, AlarmRaised) and r.event.alarm.kind == "surge"]
    assert [(a.level, str(a.values["warning"])[:18]) for a in alarms] == [(2, "surge:hold:city:20")]


@pytest.mark.parametrize("step_s", [61, 1800])
def test_the_log_is_the_same_at_every_speed(pack: Pack, by_the_hour: list[Recorded], step_s: int) -> None:
    told = [(r.command, r.at, r.event) for r in warned_in(pack, timedelta(seconds=step_s))]
    assert told == [(r.command, r.at, r.event) for r in by_the_hour]


def test_and_after_a_restart_in_the_middle_of_it(pack: Pack, by_the_hour: list[Recorded]) -> None:
    again = warned_in(pack, timedelta(minutes=10), restart_at=timedelta(minutes=30))
    assert [(r.command, r.event) for r in again] == [(r.command, r.event) for r in by_the_hour]
