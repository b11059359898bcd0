"""`tocsin bench warn`: are surges found early, and how often is an ordinary week disturbed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

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
    events = Table("Day", "Found", "Delay", title="Events", title_justify="left")
    for event in result["events"]:
        events.add_row(event["day"], "yes" if event["found"] else "no", _minutes(event["delay_min"]))
    console.print(events)
    models = Table("Model", "Found", "Median delay", "False a week", "µs a call", title="Side by side")
    models.title_justify = "left"
    for model in result["models"]:
        models.add_row(
            model["name"],
            f"{model['found']} of {len(model['events'])}",
            _minutes(model["median_delay_min"]),
            "unknown" if model["false_per_week"] is None else f"{model['false_per_week']:.2f}",
            f"{model['us_per_point']:.1f}",
        )
    console.print(models)
    alarms = Table("Told, UTC", "Where", "Chance", "Since, UTC", "Calls", "Usual", "Within", title="Alarms")
    alarms.title_justify = "left"
    for alarm in result["alarms"]:
        where = "city" if alarm["scope"] == "city" else f"{alarm['scope']} {alarm['name']}"
        alarms.add_row(
            alarm["at"][:16],
            Text(where),
            "unknown" if alarm.get("probability") is None else f"{alarm['probability']:.2f}",
            alarm.get("since", "")[:16],
            str(alarm.get("calls", "")),
            str(alarm.get("usual", "")),
            alarm["within"],
        )
    console.print(alarms)
    weeks = len(result["ordinary_weeks"])
    console.print(f"{result['false_alarms']} false alarms in {weeks} ordinary weeks.")
    for row in result["other_readings"]:
        console.print(f"{row['false_alarms']} in {row['ordinary_weeks']} where {row['reading']}.")


def _minutes(delay: float | None) -> str:
    return "unknown" if delay is None else f"{delay:.0f} min"
