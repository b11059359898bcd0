"""`tocsin bench strategy`: who goes where, strategies side by side on packs."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.cli.written import check_written
from tocsin.errors import BadSettings


def strategy(
    packs: Annotated[
        list[str] | None, typer.Argument(metavar="[PACK]...", help="Folders holding pack.toml, or shipped packs.")
    ] = None,
    jemss: Annotated[
        list[Path] | None, typer.Option("--jemss", metavar="MODEL_DIR", help="A model of JEMSS.jl; may be repeated.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day or time scored, local.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="First day or time not scored any more, local.")] = None,
    fleet: Annotated[str, typer.Option(help="Sizes of fleet, per cent of the recorded one.")] = "-25,-10,0,10,25",
    seeds: Annotated[int, typer.Option(min=1, max=200, help="Sets of generated calls, where none are recorded.")] = 5,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes; otherwise one a core.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A first look in seconds: nothing to quote.")] = False,
    out: Annotated[Path | None, typer.Option(help="Keep the JSON in this file too.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with pictures, .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Tune every strategy on earlier or other calls, write down what was chosen, then score all on the same calls."""
    from tocsin.adapters.clocks import WallClock
    from tocsin.adapters.executors import InProcess, ProcessPool
    from tocsin.adapters.packs.jemss import load_jemss
    from tocsin.adapters.packs.load import find_pack, load_pack
    from tocsin.bench import progress
    from tocsin.bench.machine import about
    from tocsin.bench.strategy.bench import Asked, bench
    from tocsin.bench.strategy.jobs import QUICK, Effort
    from tocsin.bench.strategy.page import in_short, page_of

    check_written([], {"--out": out, "--report": report})
    effort = QUICK if quick else Effort(seeds=seeds)
    asked = Asked(effort, _fleets(fleet), _time("--from", since), _time("--until", until))
    if asked.since is not None and asked.until is not None and asked.since >= asked.until:
        raise BadSettings("--from is not before --until: nothing would be scored")
    reading = [partial(load_pack, find_pack(name)) for name in packs or []]
    reading += [partial(load_jemss, folder) for folder in jemss or []]
    if not reading:
        raise BadSettings("nothing to compare: name a pack, or a model with --jemss")
    facts = about(WallClock().now(), 1)
    executor = InProcess() if quick and workers is None else ProcessPool(workers)
    with progress.shown("Comparing strategies") as tell:
        result = {"about": facts, **bench(reading, asked, executor, tell)}
    text = json.dumps(result, indent=None if as_json and out is None else 1, allow_nan=False)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if report is not None:
        report.write_text(page_of(result), encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        _show(result, in_short(result), Console(highlight=False))


def _fleets(text: str) -> tuple[int, ...]:
    try:
        fleets = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise BadSettings(f"--fleet {text!r}: write whole per cents with commas between, such as -25,0,25") from None
    if not all(-90 <= fleet <= 300 for fleet in fleets):
        raise BadSettings(f"--fleet {text!r}: from -90 to 300 per cent")
    return fleets


def _time(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadSettings(f"{option} {text!r} is no time: write 2024-01-31 or 2024-01-31T18:00") from None


def _show(result: dict[str, Any], words: list[str], console: Console) -> None:
    from tocsin.bench.strategy.page import with_bounds

    table = Table("Pack", "Fleet", "Strategy", "Busy %", "Calls", "Late %", "Mean s", "p90 s", "Moves/h", box=None)
    for column in table.columns[3:]:
        column.justify = "right"
    for row in with_bounds(result):
        table.add_row(
            Text(row["pack"]),
            f"{row['fleet']:+d} %",
            row["strategy"],
            _number(row.get("utilisation"), 100.0, 1),
            str(row["calls"]),
            _number(row["late_share"], 100.0, 1),
            _number(row.get("mean_s"), 1.0, 0),
            _number(row.get("p90_s"), 1.0, 0),
            _number(row.get("moves_per_unit_hour"), 1.0, 2),
        )
    if result["cases"]:
        console.print(table)
    for line in words:
        console.print(Text(line))
    for goal in result["goals"]:
        if goal["reached"] is not None:
            console.print(Text(f"{'Reached' if goal['reached'] else 'Missed'}: {goal['goal']}"))


def _number(value: float | None, times: float, digits: int) -> str:
    return "–" if value is None else f"{times * value:.{digits}f}"
