"""`tocsin bench warn`: are surges found early, and how often is an ordinary week disturbed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.cli.counted import counted
from tocsin.cli.date_orders import orders_told
from tocsin.cli.written import check_written


def warn(
    calls: Annotated[Path, typer.Option(help="CSV or Parquet, one row a call.")],
    time: Annotated[str, typer.Option(help="Column of the times at which calls were received.")],
    seen: Annotated[str | None, typer.Option(help="Column of when a record was first seen; default --time.")] = None,
    area: Annotated[str | None, typer.Option(help="Column of areas.")] = None,
    kind: Annotated[str | None, typer.Option(help="Column of kinds; police kinds are dropped.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Days that were surges: JSON list, or a column `day`.")] = None,
    snapshots: Annotated[Path | None, typer.Option(help="File that says when the feed was heard.")] = None,
    snapshot_time: Annotated[str, typer.Option(help="Its column of times.")] = "time",
    tz: Annotated[str, typer.Option(help="Time zone of clock times without one.")] = "UTC",
    out: Annotated[Path | None, typer.Option(help="Keep the JSON in this file too.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with pictures, .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Walk a file of calls in the order in which they were seen, tell surges, and judge them by a fixed reference."""
    from tocsin.adapters.clocks import WallClock
    from tocsin.bench import progress
    from tocsin.bench.machine import about
    from tocsin.bench.warn.bench import bench
    from tocsin.bench.warn.calls import read_calls, read_days
    from tocsin.bench.warn.page import page_of

    check_written([calls, truth, snapshots], {"--out": out, "--report": report})
    heard = None if snapshots is None else (snapshots, snapshot_time)
    city = read_calls(calls, time, seen=seen, area=area, kind=kind, timezone=tz, snapshots=heard)
    days = None if truth is None else read_days(truth)
    with progress.shown("Walking") as tell:
        result = bench(city, days, tell)
    result = {"data": {"file": calls.name, **result.pop("data")}, **result, "about": about(WallClock().now())}
    text = json.dumps(result, indent=None if as_json and out is None else 1, allow_nan=False)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if report is not None:
        report.write_text(page_of(result), encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        _show(result, Console(highlight=False))


def _show(result: dict[str, Any], console: Console) -> None:
    """In a window of 80 characters no time and no figure is cut; long names go on in the next line."""
    for table in (_events(result), _models(result), _alarms(result)):
        console.print(table)
    for line in _notes(result):
        console.print(line, markup=False)


def _table(title: str, named: str, *columns: str, first: str | None = None) -> Table:
    """`named`: the one column whose cells may go on in the next line."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in (first, named, *columns):
        if name is not None:
            table.add_column(name, no_wrap=name != named, overflow="fold")
    return table


def _events(result: dict[str, Any]) -> Table:
    events = _table("Events", "Found", "Delay", first="Day")
    for event in result["events"]:
        events.add_row(event["day"], "yes" if event["found"] else "no", _minutes(event["delay_min"]))
    return events


def _models(result: dict[str, Any]) -> Table:
    models = _table("Side by side", "Model", "Found", "Median delay", "False a week", "µs a call")
    for model in result["models"]:
        models.add_row(
            Text(model["name"]),
            f"{model['found']} of {len(model['events'])}",
            _minutes(model["median_delay_min"]),
            "unknown" if model["false_per_week"] is None else f"{model['false_per_week']:.2f}",
            f"{model['us_per_point']:.1f}",
        )
    return models


def _alarms(result: dict[str, Any]) -> Table:
    alarms = _table("Alarms", "Where", "Chance", "Calls", "Usual", "Within", first="Told, UTC")
    for alarm in result["alarms"]:
        where = "city" if alarm["scope"] == "city" else f"{alarm['scope']} {alarm['name']}"
        alarms.add_row(
            alarm["at"][:16].replace("T", " "),
            Text(where),
            "unknown" if alarm.get("probability") is None else f"{alarm['probability']:.2f}",
            _calls(alarm),
            _usual(alarm.get("usual")),
            alarm["within"],
        )
    return alarms


def _notes(result: dict[str, Any]) -> Iterator[str]:
    if result["events"]:
        yield (
            "Delay: from the end of the first hour above the reference to the alarm; a delay below 0 is an alarm told "
            "before the end of that hour."
        )
    if result["alarms"]:
        yield "Calls: those since the surge's likeliest onset; usual: what the same span brings on an ordinary day."
    weeks = len(result["ordinary_weeks"])
    yield f"{counted(result['false_alarms'], 'false alarm')} in {counted(weeks, 'ordinary week')}."
    for row in result["other_readings"]:
        yield f"{row['false_alarms']} in {row['ordinary_weeks']} where {row['reading']}."
    yield from orders_told(result["data"])


def _minutes(delay: float | None) -> str:
    return "unknown" if delay is None else f"{delay:.0f} min"


def _calls(alarm: dict[str, Any]) -> str:
    """How many came, and in what time."""
    if "calls" not in alarm:
        return ""
    span_min = alarm["span_min"]
    told = "under 1 min" if span_min < 1 else f"{span_min:.0f} min" if span_min < 120 else f"{span_min / 60:.1f} h"
    return f"{alarm['calls']} in {told}"


def _usual(usual: float | None) -> str:
    """Three digits that say something: few calls in few minutes are usual in hundredths."""
    if usual is None:
        return ""
    if usual >= 1:
        return f"{usual:.1f}"
    return f"{usual:.3g}" if usual >= 0.001 else "<0.001"
