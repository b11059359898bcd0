"""Metered streams as CSV: `timestamp,value` in, `timestamp,value,score,alarm` out, line by line and in bounded memory.

A line that cannot be read is never lost: its bytes go to the rejected lines, with its number and the reason.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime, tzinfo
from importlib.metadata import entry_points
from typing import Any, Final, Protocol

from tocsin.errors import BadReport, BadSettings
from tocsin.forecasting.streams.protocol import Detector, Scored, Stream

NO_VALUE: Final = frozenset({"", "nan", "na", "n/a", "null", "none", "-"})
"""Cells that say that there is no value, whatever their case."""
ALARMS_KEPT: Final = 1000
"""Newest alarms that a summary lists."""
PICTURE_POINTS: Final = 2000
"""Stretches that a picture has at most; each shows its lowest and its highest value."""


class Sink(Protocol):
    """Where lines go."""

    def write(self, text: str, /) -> object:
        """Take a text."""
        ...


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold time and value, and in which zone clock times without an offset are."""

    time: str = "timestamp"
    value: str = "value"
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that was said."""

    at: datetime
    value: float
    score: float


@dataclass
class Summary:
    """What a stream was, so far. `alarms` are the newest ones; `count` is how many there were."""

    readings: int = 0
    rejected: int = 0
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    flags: dict[str, int] = field(default_factory=dict)
    alarms: deque[Alarm] = field(default_factory=lambda: deque(maxlen=ALARMS_KEPT))
    picture: Picture = field(default_factory=lambda: Picture())

    def add(self, at: datetime, value: float | None, scored: Scored) -> None:
        """One more reading."""
        self.readings += 1
        self.first = at if self.first is None or at < self.first else self.first
        self.last = at if self.last is None or at > self.last else self.last
        self.flags[scored.flag.value] = self.flags.get(scored.flag.value, 0) + 1
        if value is not None and scored.flag.usable:
            self.picture.add(at, value)
        if scored.alarm and value is not None:
            self.count += 1
            self.alarms.append(Alarm(at, value, scored.score))

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "readings": self.readings,
            "rejected": self.rejected,
            "from": None if self.first is None else self.first.isoformat(),
            "until": None if self.last is None else self.last.isoformat(),
            "flags": dict(sorted(self.flags.items())),
            "alarms": self.count,
            "newest_alarms": [
                {"at": alarm.at.isoformat(), "value": alarm.value, "score": round(alarm.score, 6)}
                for alarm in self.alarms
            ],
        }


class Picture:
    """The shape of a stream of any length in at most `PICTURE_POINTS` stretches of equally many readings."""

    def __init__(self) -> None:
        self._stride = 1
        self._stretches: list[tuple[datetime, float, datetime, float, int]] = []

    def add(self, at: datetime, value: float) -> None:
        """One more value."""
        if self._stretches and self._stretches[-1][4] < self._stride:
            self._stretches[-1] = _both(self._stretches[-1], (at, value, at, value, 1))
            return
        if len(self._stretches) == PICTURE_POINTS:
            pairs = zip(self._stretches[::2], self._stretches[1::2], strict=True)
            self._stretches = [_both(one, other) for one, other in pairs]
            self._stride *= 2
        self._stretches.append((at, value, at, value, 1))

    def points(self) -> tuple[list[datetime], list[float]]:
        """Times and values, the lowest and the highest of each stretch in their order."""
        ends = []
        for low_at, low, high_at, high, _ in self._stretches:
            ends += sorted({(low_at, low), (high_at, high)})
        return [at for at, _ in ends], [value for _, value in ends]


def _both(
    one: tuple[datetime, float, datetime, float, int], other: tuple[datetime, float, datetime, float, int]
) -> tuple[datetime, float, datetime, float, int]:
    low = one[:2] if one[1] <= other[1] else other[:2]
    high = one[2:4] if one[3] >= other[3] else other[2:4]
    return (*low, *high, one[4] + other[4])


def find_detector(name: str) -> Detector:
    """A detector by its entry point in `tocsin.detectors`. Raises: BadSettings with the names there are."""
    found = {point.name: point for point in entry_points(group="tocsin.detectors")}
    if name not in found:
        raise BadSettings(f"--detector: {name!r} is none of {', '.join(sorted(found))}")
    detector: Detector = found[name].load()()
    return detector


def watch(
    lines: Iterable[bytes],
    stream: Stream,
    out: Sink,
    reject: Callable[[int, bytes, str], None],
    *,
    columns: Columns,
    flags: bool = False,
    tell: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Score a CSV line by line. `reject` gets number (the header is 1), bytes and reason of what cannot be read.

    Every line out depends on this line and the ones before alone. `tell` hears how many readings there were.
    Raises: BadReport when there is no header or it lacks a column.
    """
    rows = enumerate(lines, start=1)
    places = _places(rows, columns)
    writer = csv.writer(_Plain(out), lineterminator="\n")
    writer.writerow(["timestamp", "value", "score", "alarm", *(["flag"] if flags else [])])
    summary = Summary()
    for number, line in rows:
        if not line.strip():
            continue
        try:
            told, at, text, value = _reading(line, places, columns.zone)
        except ValueError as error:
            summary.rejected += 1
            reject(number, line, str(error))
            continue
        scored = stream.take(at, value)
        summary.add(at, value, scored)
        row = [told, text, f"{scored.score:.6f}", int(scored.alarm)]
        writer.writerow([*row, scored.flag.value] if flags else row)
        tell(summary.readings)
    return summary


class _Plain:
    """A sink with nothing but `write`, as the csv module wants it."""

    def __init__(self, out: Sink) -> None:
        self.write = out.write


def _places(rows: Iterator[tuple[int, bytes]], columns: Columns) -> tuple[int, int, int]:
    """Where time and value stand, and how many cells a row has."""
    for number, line in rows:
        try:
            names = [name.strip() for name in _cells(line.removeprefix(b"\xef\xbb\xbf"))]
        except (UnicodeDecodeError, csv.Error) as error:
            raise BadReport(f"line {number}", f"the header is not readable as CSV in UTF-8: {error}") from error
        missing = [name for name in (columns.time, columns.value) if name not in names]
        if missing:
            raise BadReport(f"line {number}", f"there is no column {missing[0]!r}; the header has: {', '.join(names)}")
        return names.index(columns.time), names.index(columns.value), len(names)
    raise BadReport("line 1", "the file is empty: a header with the columns timestamp and value is needed")


def _cells(line: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(line.decode("utf-8"))), [])


def _reading(line: bytes, places: tuple[int, int, int], zone: tzinfo) -> tuple[str, datetime, str, float | None]:
    """Time and value as they stand and as they are. Raises: ValueError with the reason."""
    time_at, value_at, wanted = places
    try:
        cells = _cells(line)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"not readable as CSV in UTF-8: {error}") from error
    if len(cells) != wanted:
        raise ValueError(f"{len(cells)} cells where the header has {wanted}")
    told, text = cells[time_at].strip(), cells[value_at].strip()
    return told, _moment(told, zone), text, _value(text)


def _moment(told: str, zone: tzinfo) -> datetime:
    try:
        at = datetime.fromisoformat(told)
        moment = (at.replace(tzinfo=zone) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{told!r} is no time: ISO 8601 is expected, such as 2024-02-04 13:05:00") from error
    # The first and the last year of the calendar are no times of a meter, and no week before or after them exists.
    if not MINYEAR < moment.year < MAXYEAR:
        raise ValueError(f"{told!r} is no time of a meter: its clock has lost the year")
    return moment


def _value(text: str) -> float | None:
    if text.lower() in NO_VALUE:
        return None
    try:
        # An underscore between digits is Python's own way of writing numbers, nobody else's.
        return float(text.replace("_", "?"))
    except ValueError as error:
        raise ValueError(f"{text!r} is no number") from error
