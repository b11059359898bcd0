"""`tocsin bench locate`: where stations stand, on the OR-Library's p-median problems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.cli.written import check_written


def locate(
    orlib: Annotated[Path, typer.Option(help="Folder of pmed1.txt …, with optima.json where there is one.")],
    seconds: Annotated[float, typer.Option(min=0.1, max=86_400, help="CPU seconds of search, all together.")] = 45.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the search.")] = 1,
    cover: Annotated[bool, typer.Option("--cover", help="Cover on made-up towns too, beside HiGHS.")] = False,
    out: Annotated[Path | None, typer.Option(help="Keep the JSON in this file too.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with pictures, .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Solve p-median problems within a time and set the published optima, which the search never sees, beside."""
    from tocsin.adapters.clocks import WallClock
    from tocsin.bench import progress
    from tocsin.bench.locate.bench import bench
    from tocsin.bench.locate.cover import bench_cover
    from tocsin.bench.locate.orlib import list_problems, read_optima
    from tocsin.bench.locate.page import in_short, page_of
    from tocsin.bench.machine import about

    check_written([], {"--out": out, "--report": report})
    files, optima = list_problems(orlib), read_optima(orlib)
    facts = about(WallClock().now(), seed)
    with progress.shown("Finding sites") as tell:
        result = bench(files, optima, seconds=seconds, seed=seed, tell=tell)
        result["cover"] = bench_cover(seed=seed, tell=tell) if cover else []
    result["about"] = facts
    text = json.dumps(result, indent=None if as_json and out is None else 1, allow_nan=False)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if report is not None:
        report.write_text(page_of(result), encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        _show(result, Console(highlight=False), in_short(result))


def _show(result: dict[str, Any], console: Console, words: str) -> None:
    table = Table("Problem", "Nodes", "p", "Found", "Bound", "Published", "Gap %", "Greedy", "CPU s", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in result["problems"]:
        table.add_row(
            row["problem"],
            str(row["nodes"]),
            str(row["p"]),
            f"{row['value']:g}",
            *("–" if row[key] is None else f"{row[key]:{form}}" for key, form in COLUMNS),
            f"{row['cpu_s']:.2f}",
        )
    console.print(table)
    console.print(Text(words))
    if result["cover"]:
        console.print(_cover(result["cover"]))


def _cover(rows: list[dict[str, Any]]) -> Table:
    table = Table("Cover", "Points", "Sites", "Units", "Ours", "HiGHS", "Gap %", "Ours s", "HiGHS s", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(
            *(str(row[key]) for key in ("model", "points", "sites", "units")),
            f"{row['value']:.0f}",
            "–" if row["exact"] is None else f"{row['exact']:.0f}",
            "–" if row["gap_percent"] is None else f"{row['gap_percent']:.3f}",
            f"{row['cpu_s']:.2f}",
            f"{row['exact_cpu_s']:.2f}",
        )
    return table


COLUMNS = (("bound", ".1f"), ("optimum", "g"), ("gap_percent", ".3f"), ("greedy", "g"))
