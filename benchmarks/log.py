"""Measure the log and the writer: `python -m benchmarks.log [--events N] [--seed N] [--dir FOLDER]`.

    single      one durable append after another
    batch       durable appends of 1,000 events
    intake      commands through the writer, 1,000 a group: decide, encode, append durably, fold
    restart     open a log of N events: the newest snapshot and the fold of the tail; and without any snapshot

The events are made up: calls, and the marks of two units on each, over four areas. FOLDER should lie on the disk
that a desk would use; by default it is a temporary one.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from benchmarks.machine import about, keep
from tocsin.adapters.stores import LOG_FILE, SqliteLog
from tocsin.desk.writer import Writer, keep_snapshot, open_situation
from tocsin.geography.places import Places
from tocsin.model.city import Agency, Area, CallKind, City, Need, Service, Unit, UnitKind
from tocsin.model.commands import Command, ReportCall, ReportMark
from tocsin.model.events import CallReported, Draft, Event, Payload, UnitMarked
from tocsin.model.marks import Mark
from tocsin.model.origin import Mode, Origin
from tocsin.model.place import Bounds, Point
from tocsin.situation.fold import empty, fold

START = datetime(2020, 1, 1, tzinfo=UTC)
ORIGIN = Origin("feed:benchmark", "feed", "emergency_response", Mode.REPLAY)
GROUP = 1_000
TAIL = 4_000
"""Events after the newest snapshot at a restart: the writer leaves at most 5,000."""
CALL_EVERY_S = 60.0
UNITS = 60
MARKS = (Mark.DISPATCHED, Mark.EN_ROUTE, Mark.ON_SCENE, Mark.AVAILABLE)

T = TypeVar("T")


def make_city() -> City:
    """Four squares, sixty engines, one kind of call, no streets."""
    squares = []
    for n in range(4):
        west, east = n * 0.02, n * 0.02 + 0.02
        ring = [[west, 0.0], [east, 0.0], [east, 0.02], [west, 0.02], [west, 0.0]]
        squares.append(Area(f"a{n}", f"Area {n}", {"type": "Polygon", "coordinates": [ring]}, Point(west + 0.01, 0.01)))
    return City(
        name="town",
        title="Town",
        timezone="UTC",
        bounds=Bounds(-0.1, -0.1, 0.2, 0.2),
        areas={square.area: square for square in squares},
        stations={},
        hospitals={},
        units={f"u{n}": Unit(f"u{n}", "engine", "fd", None) for n in range(UNITS)},
        unit_kinds={"engine": UnitKind("engine", "Engine")},
        agencies={"fd": Agency("fd", "Fire department")},
        call_kinds=(CallKind("Fire", Service.FIRE, 1, 480.0, (Need("engine", 2),)),),
        streets=None,
    )


def commands(seed: int) -> Iterator[tuple[datetime, Command]]:
    """For ever: a call, and four marks of each of two units on it."""
    rng = np.random.default_rng(seed)
    for n in count():
        draws = rng.random(3)
        at = START + timedelta(seconds=n * CALL_EVERY_S)
        place = Point(0.08 * draws[0], 0.02 * draws[1])
        yield at, ReportCall(f"call:{n}", ORIGIN, f"c{n}", at, "Fire", place=place)
        for k, mark in enumerate(MARKS):
            for unit in (2 * n % UNITS, (2 * n + 1) % UNITS):
                later = at + timedelta(seconds=1 + 10 * k + float(draws[2]))
                yield later, ReportMark(f"mark:{n}:{unit}:{mark.value}", ORIGIN, f"c{n}", f"u{unit}", mark, later)


def drafts(seed: int) -> Iterator[Draft]:
    """The same as events, already decided: what a store alone is given."""
    for at, command in commands(seed):
        event: Event
        sealed = None
        if isinstance(command, ReportCall) and command.place is not None:
            block, area = Point(round(command.place.lon, 3), 0.01), f"a{int(command.place.lon // 0.02)}"
            event = CallReported(command.call, command.received, "Fire", 1, 480.0, block, area)
            sealed = Payload({"lon": repr(command.place.lon), "lat": repr(command.place.lat)})
        else:
            event = UnitMarked(command.call, command.unit, command.mark, command.at)
        yield Draft(f"{command.id}#0", command.id, at, command.origin, event, sealed)


def groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    items = iter(items)
    while group := list(islice(items, size)):
        yield group


def measure_single(folder: Path, seed: int, total: int) -> dict[str, Any]:
    """Durable appends one by one, milliseconds."""
    log = SqliteLog(folder / "single" / LOG_FILE)
    took_ms = []
    for seq, draft in enumerate(islice(drafts(seed), total)):
        began = perf_counter()
        log.append([draft], seq)
        took_ms.append(1000 * (perf_counter() - began))
    log.close()
    p50, p99 = np.percentile(took_ms, [50, 99]).tolist()
    return {"n": total, "p50_ms": round(p50, 2), "p99_ms": round(p99, 2), "max_ms": round(max(took_ms), 2)}


def measure_batch(folder: Path, seed: int, total: int) -> dict[str, Any]:
    """Durable appends of `GROUP` events."""
    log = SqliteLog(folder / "batch" / LOG_FILE)
    batches = list(groups(islice(drafts(seed), total), GROUP))
    began = perf_counter()
    for batch in batches:
        log.append(batch, log.head())
    took_s = perf_counter() - began
    log.close()
    return {"n": total, "events_per_s": round(total / took_s)}


def measure_intake(folder: Path, seed: int, total: int) -> dict[str, Any]:
    """Commands through the writer; most are marks, as in a day's work."""
    city = make_city()
    log = SqliteLog(folder / "intake" / LOG_FILE)
    writer = Writer(log, city, Places(city), open_situation(log, city))
    batches = list(groups(islice(commands(seed), total), GROUP))
    took_ms = []
    for batch in batches:
        began = perf_counter()
        writer.write(batch)
        took_ms.append(1000 * (perf_counter() - began))
    events = log.head()
    writer.close()
    return {
        "n": total,
        "events": events,
        "events_per_s": round(1000 * events / sum(took_ms)),
        "group_p99_ms": round(float(np.percentile(took_ms, 99)), 1),
    }


def measure_restart(folder: Path, seed: int, total: int) -> dict[str, Any]:
    """Open a long log again, seconds."""
    city, path = make_city(), folder / "restart" / LOG_FILE
    log = SqliteLog(path)
    for batch in groups(islice(drafts(seed), total), 10 * GROUP):
        log.append(batch, log.head())
    began = perf_counter()
    whole = fold(empty(city), city, log.read())
    without_s = perf_counter() - began
    before = fold(empty(city), city, islice(log.read(), max(total - TAIL, 0)))
    if before.now is not None:
        keep_snapshot(log, before, before.now)
    log.close()
    began = perf_counter()
    log = SqliteLog(path)
    opened = open_situation(log, city)
    took_s = perf_counter() - began
    assert opened.seq == whole.seq == total
    assert opened.tally == whole.tally
    log.close()
    return {
        "events": total,
        "tail": TAIL,
        "open_s": round(took_s, 3),
        "without_snapshot_s": round(without_s, 2),
        "file_mib": round(path.stat().st_size / 2**20),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all and keep the result."""
    parser = argparse.ArgumentParser(description="Measure the log and the writer.")
    parser.add_argument("--events", type=int, default=1_000_000, help="length of the log that is opened again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dir", type=Path, default=None, help="where to measure; a temporary folder by default")
    chosen = parser.parse_args(arguments)
    facts = about(chosen.seed)
    with tempfile.TemporaryDirectory(dir=chosen.dir) as name:
        folder = Path(name)
        keep(
            "log",
            {
                **facts,
                "single": measure_single(folder, chosen.seed, 1_000),
                "batch": measure_batch(folder, chosen.seed, 100_000),
                "intake": measure_intake(folder, chosen.seed, 100_000),
                "restart": measure_restart(folder, chosen.seed, chosen.events),
            },
        )


if __name__ == "__main__":
    main()
