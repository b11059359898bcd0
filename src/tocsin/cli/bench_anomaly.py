"""`tocsin bench anomaly`: detectors side by side by the rules of the Numenta Anomaly Benchmark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.cli.date_orders import orders_told
from tocsin.cli.written import check_written


def anomaly(
    series: Annotated[Path, typer.Option(help="Parquet or CSV with series,timestamp,value, or a folder of CSVs.")],
    windows: Annotated[Path, typer.Option(help="JSON of labelled windows, as NAB's combined_windows.json.")],
    shipped: Annotated[bool, typer.Option("--shipped", help="Use the shipped constants; choose none here.")] = False,
    detector: Annotated[list[str] | None, typer.Option(help="Another detector, by its entry point; repeat it.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the settings that are tried.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Keep the JSON in this file too.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with pictures, .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Score detectors on labelled series; for every folder of series the constants come from the other folders."""
    from tocsin.adapters.clocks import WallClock
    from tocsin.adapters.streams import find_detector
    from tocsin.bench import progress
    from tocsin.bench.anomaly.bench import bench
    from tocsin.bench.anomaly.page import page_of
    from tocsin.bench.anomaly.series import read_corpus
    from tocsin.bench.machine import about

    check_written([series, windows], {"--out": out, "--report": report})
    corpus = read_corpus(series, windows)
    others = [find_detector(name) for name in detector or []]
    with progress.shown("Choosing constants") as tell:
        result = bench(
            corpus, lambda done: tell("", round(100 * done), 100), seed=seed, shipped=shipped, detectors=others
        )
    result["data"] = {"file": series.name, **result["data"]}
    result["about"] = about(WallClock().now(), seed)
    text = json.dumps(result, indent=None if as_json and out is None else 1, allow_nan=False)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if report is not None:
        report.write_text(page_of(result, corpus), encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        _show(result, Console(highlight=False))


def _show(result: dict[str, Any], console: Console) -> None:
    data = result["data"]
    console.print(
        Text(f"{data['series']} series, {data['points']:,} readings, {data['windows']} windows; constants ").append(
            result["constants"]
        )
    )
    table = Table("Detector", "Standard", "Low FP", "Low FN", "Fixed threshold", "µs a reading")
    for row in result["models"]:
        figures = [row[key] for key in ("standard", "low_fp", "low_fn", "fixed_threshold", "us_per_point")]
        table.add_row(row["name"], *("–" if figure is None else f"{figure:.1f}" for figure in figures))
    console.print(table)
    for line in orders_told(data):
        console.print(line, markup=False)
    console.print(
        Text("0: nothing is ever said; 100: every window at its first reading and nothing else.", style="dim")
    )
