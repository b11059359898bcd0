"""`tocsin detect`: what is unusual in a metered stream. Heavy imports stay inside the command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, BinaryIO, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tocsin.cli.counted import counted
from tocsin.cli.show import ERRORS
from tocsin.cli.watched import find_watched
from tocsin.cli.written import PIPE, check_written
from tocsin.errors import BadSettings

if TYPE_CHECKING:
    from tocsin.adapters.streams import Summary
    from tocsin.cli.watched import Watched

TOLD = 10
"""Rejected lines that are told one by one; all of them are kept and counted."""
DRAWN_BELOW = 1e100
LISTED = 5
"""Alarms that are told on the screen; all of them are in the file."""
EVERY = 5000
"""Readings between two moves of the progress."""


def detect(
    file: Annotated[Path, typer.Argument(help="CSV with the columns timestamp and value; - reads standard input.")],
    out: Annotated[Path, typer.Option(help="CSV with timestamp,value,score,alarm; - writes standard output.")],
    detector: Annotated[str, typer.Option(help="Detector by its entry point in tocsin.detectors.")] = "tocsin",
    time: Annotated[str, typer.Option(help="Column of times.")] = "timestamp",
    value: Annotated[str, typer.Option(help="Column of values.")] = "value",
    tz: Annotated[str, typer.Option(help="Time zone of times without an offset.")] = "UTC",
    flags: Annotated[bool, typer.Option("--flags", help="One more column: what each reading is.")] = False,
    method: Annotated[
        str | None, typer.Option(help="For counts: farrington, ears-c1, ears-c2 or ears-c3 in place of a detector.")
    ] = None,
    every: Annotated[str | None, typer.Option(help="With --method: what a count stands for, 1d or 7d.")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="For a gauge: the score is the probability of reaching this level.")
    ] = None,
    horizon: Annotated[str, typer.Option(help="With --threshold: within what time, such as 6h.")] = "6h",
    unit: Annotated[str, typer.Option(help="Of the values, for texts and the picture, such as m.")] = "",
    rejected: Annotated[Path | None, typer.Option(help="Lines that cannot be read; default OUT.rejected.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with a picture, .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Score every reading of a stream from 0 to 1 and say where something begins, from what came before alone."""
    from tocsin.adapters.streams import Columns, find_detector, watch

    rejected = rejected or _beside(out)
    _check(file, {"--out": out, "--rejected": rejected, "--report": report})
    if as_json and out == PIPE:
        raise BadSettings("--json and --out - would both write to standard output: give --out a file")
    watched = find_watched(method, every, threshold, horizon, unit)
    stream = find_detector(detector).begin() if watched is None else watched.stream
    detector = detector if watched is None else watched.name
    with ExitStack() as stack:
        source = stack.enter_context(_source(file))
        sink = stack.enter_context(_sink(out))
        reject = stack.enter_context(_rejecting(rejected))
        tell = stack.enter_context(_progress())
        summary = watch(source, stream, sink, reject, columns=Columns(time, value, _zone(tz)), flags=flags, tell=tell)
    if report is not None:
        report.write_text(_page(file, summary, detector, watched, unit), encoding="utf-8")
    if as_json:
        more = {} if watched is None else watched.as_json()
        typer.echo(json.dumps({"file": str(file), "detector": detector, **summary.as_json(), **more}, allow_nan=False))
        return
    _say(summary, rejected)
    if watched is not None:
        watched.say()


def _check(file: Path, written: dict[str, Path | None]) -> None:
    if file != PIPE and not file.is_file():
        raise BadSettings(f"there is no file {file}")
    check_written([file], written)


def _beside(out: Path) -> Path | None:
    return None if out == PIPE else out.with_name(f"{out.name}.rejected")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSettings(f"--tz: {name!r} is no time zone, such as Europe/Berlin") from error


@contextmanager
def _source(file: Path) -> Iterator[BinaryIO | IO[bytes]]:
    if file == PIPE:
        if sys.stdin is None:
            raise BadSettings("standard input is closed: name a file, or pipe the readings in")
        yield sys.stdin.buffer
        return
    with file.open("rb") as opened:
        yield opened


@contextmanager
def _sink(out: Path) -> Iterator[TextIO]:
    if out == PIPE:
        # Whoever reads the pipe gets each line as soon as its reading came.
        if sys.stdout is None:
            raise BadSettings("standard output is closed: give --out a file")
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        yield sys.stdout
        return
    # Line by line into a file too: an alarm is read when it is said, and a kill leaves whole lines.
    with out.open("w", buffering=1, encoding="utf-8", newline="") as opened:
        yield opened


@contextmanager
def _rejecting(path: Path | None) -> Iterator[Callable[[int, bytes, str], None]]:
    """Keeps rejected lines as they came, in a file that is there only when there are any, and tells the first ones."""
    count = 0
    if path is not None and path.is_file():  # a pipe or a device, such as /dev/null, is nobody's to remove
        path.unlink()

    def reject(number: int, line: bytes, reason: str) -> None:
        nonlocal count
        count += 1
        if path is not None:
            with path.open("ab") as kept:
                kept.write(line if line.endswith(b"\n") else line + b"\n")
        if count <= TOLD:
            ERRORS.print(f"line {number}: {reason}", markup=False, soft_wrap=True)

    yield reject
    if count > TOLD:
        ERRORS.print(f"and {count - TOLD} more lines that cannot be read", markup=False)


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.completed:,} readings"),
        TimeElapsedColumn(),
        console=ERRORS,
        transient=True,
        disable=not ERRORS.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=None)

        def move(readings: int) -> None:
            if readings % EVERY == 0:
                bar.update(task, completed=readings)

        yield move


def _say(summary: Summary, rejected: Path | None) -> None:
    counts = ", ".join(f"{count:,} {flag.replace('_', ' ')}" for flag, count in sorted(summary.flags.items()))
    told = f"{counted(summary.readings, 'reading')} ({counts or 'none'}), {counted(summary.count, 'alarm')}"
    ERRORS.print(told, markup=False)
    newest = list(summary.alarms)[-LISTED:]
    if newest:
        told = ", ".join(f"{alarm.at:%Y-%m-%d %H:%M} ({alarm.score:.2f})" for alarm in newest)
        ERRORS.print(f"newest alarms, UTC (score): {told}", markup=False)
    if summary.rejected:
        kept = f", kept in {rejected}" if rejected is not None else ""
        ERRORS.print(f"{counted(summary.rejected, 'line')} could not be read{kept}", markup=False, soft_wrap=True)


def _page(file: Path, summary: Summary, detector: str, watched: Watched | None, unit: str) -> str:
    from tocsin.adapters.report import Part, Table, Text, page, stream

    # Beyond any unit no axis can be drawn.
    drawn = [(at, value) for at, value in zip(*summary.picture.points(), strict=True) if abs(value) < DRAWN_BELOW]
    times, values = [at for at, _ in drawn], [value for _, value in drawn]
    name = "standard input" if file == PIPE else file.name
    told = f"{counted(summary.readings, 'reading')}, {counted(summary.count, 'alarm')}, "
    told += f"{counted(summary.rejected, 'line')} not readable."
    said = [HOW_TO_READ] if watched is None else [watched.how_to_read, *watched.lines()]
    parts: list[Part] = [Text([told, *said], "In short")]
    if times:
        alarms = [alarm.at for alarm in summary.alarms]
        line = None if watched is None else watched.threshold
        caption = f"{name} with its alarms, times in UTC"
        parts.append(stream(times, values, alarms, caption, unit=unit or "value", threshold=line))
    told_alarms = [[f"{a.at:%Y-%m-%d %H:%M:%S}", f"{a.value:g}", f"{a.score:.3f}"] for a in summary.alarms]
    caption = f"The newest {len(summary.alarms):,} of {counted(summary.count, 'alarm')}."
    if told_alarms:
        parts.append(Table(["Alarm at, UTC", f"Value, {unit}" if unit else "Value", "Score"], told_alarms, caption))
    rows: list[list[str | int]] = [[flag.replace("_", " "), count] for flag, count in sorted(summary.flags.items())]
    parts.append(
        Table(["What the reading is", "Readings"], rows, "What the readings are: faults apart from anomalies.")
    )
    what = "detector" if watched is None else "method"
    return page(f"What is unusual in {name}", parts, made=f"Made by tocsin detect with the {what} {detector}.")


HOW_TO_READ = (
    "A score of 0 says that the stream has been like this before; 0.5 is the line of an alarm. An alarm says that "
    "something new begins; it is said once, until the stream has been quiet for a while. Each score comes from the "
    "readings before it alone."
)
