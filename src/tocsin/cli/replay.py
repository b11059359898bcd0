"""`tocsin replay`: a recorded city from end to end, headless, as fast as it goes.

What a desk needs is imported where it is used: other commands start without it.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tocsin.adapters.clocks import WallClock
from tocsin.cli.show import desk_progress

_RSS_PER_MIB = 1024 * 1024 if sys.platform == "darwin" else 1024
"""`ru_maxrss` is in bytes on macOS and in KiB elsewhere."""


def replay(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    start: Annotated[str | None, typer.Option("--from", help="Local or offset time, e.g. 2017-01-01T00:00.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Local or offset time.")] = None,
    data: Annotated[Path | None, typer.Option(help="Keep the log in this folder; otherwise in memory.")] = None,
    accounted: Annotated[
        bool, typer.Option("--account/--no-account", help="Let a ledger follow: decisions, forecasts, anchors.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Run a pack's recorded calls and marks through the desk and report on forecasts and plans."""
    from tocsin.bootstrap import open_replay
    from tocsin.bootstrap_settings import read_settings

    clock = WallClock()
    began_s = clock.monotonic_s()
    run, end = open_replay(pack, data, start=start, until=until, settings=read_settings(Path()), accounted=accounted)
    first = run.now
    with desk_progress("Replaying") as bar:
        report = run.run(end, lambda now: bar(first, now, end))
    report["from"], report["until"] = first.isoformat(), end.isoformat()
    report["nothing_left"] = first >= end
    report["wall_s"] = round(clock.monotonic_s() - began_s, 2)
    report["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _RSS_PER_MIB)
    if as_json:
        typer.echo(json.dumps(report))
    else:
        _show(report)


def _utc(time: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone(UTC):%Y-%m-%d %H:%M}"


def _show(report: dict[str, Any]) -> None:
    table = Table(title=f"{report['pack']}, {_utc(report['from'])} to {_utc(report['until'])} UTC", show_header=False)
    for key in (
        "calls",
        "responses",
        "events",
        "plans",
        "forecasts",
        "alarms",
        "warnings",
        "corrections",
        "quarantined",
    ):
        table.add_row(key.capitalize(), f"{report[key]:,}")
    forecast = report["forecast"]
    table.add_row("Forecast, pinball loss", _figure(forecast["pinball"], 4))
    table.add_row("80 % band held (randomised PIT)", _share(forecast["coverage_80"]))
    table.add_row("80 % band held, promised by whole numbers", _share(forecast["coverage_80_expected"]))
    table.add_row("Late, as recorded", f"{_share(report['late_share_recorded'])} of {report['late_n']:,} calls")
    table.add_row(
        "Late, model of the proposed first unit",
        f"{_share(report['late_share_closest'])} of {report['late_closest_n']:,} calls",
    )
    table.add_row("  the same calls, as recorded", _share(report["late_share_recorded_same"]))
    table.add_row("Late unknown", f"{report['late_unknown']:,} calls")
    table.add_row("Arrival times, mean error", f"{_figure(report['calibration_error_s'], 0)} s")
    table.add_row("Took", f"{report['wall_s']} s, {report['peak_mib']} MiB")
    console = Console()
    console.print(table)
    if report["nothing_left"]:
        console.print("The log held all of it before: nothing was replayed, so there is nothing to score.")
    console.print("The two late shares set a model beside a record: no gain can be claimed from them.")
    if forecast.get("history_learned_from"):
        console.print(
            f"The shape of the week was learned from {forecast['history_learned_from'][:10]} to "
            f"{forecast['history_learned_until'][:10]}; without it the pinball loss is "
            f"{_figure(forecast['without_history']['pinball'], 4)}."
        )


def _figure(value: float | None, digits: int) -> str:
    return "unknown" if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{100 * value:.1f} %"
