"""`tocsin bench`: rivals side by side on data that anybody brings. Heavy imports stay inside the commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.bench_anomaly import anomaly
from tocsin.cli.bench_ledger import ledger
from tocsin.cli.bench_locate import locate
from tocsin.cli.bench_route import route
from tocsin.cli.bench_simulate import simulate
from tocsin.cli.bench_strategy import strategy
from tocsin.cli.bench_warn import warn
from tocsin.cli.date_orders import orders_told
from tocsin.cli.written import check_written
from tocsin.errors import BadSettings

if TYPE_CHECKING:
    from rich.table import Table

bench = typer.Typer(no_args_is_help=True)
bench.command()(anomaly)
bench.command()(locate)
bench.command()(route)
bench.command()(simulate)
bench.command()(ledger)
bench.command()(strategy)
bench.command()(warn)


@bench.callback()
def group() -> None:
    """Set models side by side on a file of yours: forecasts, alarms, warnings."""


@bench.command()
def forecast(
    time: Annotated[str, typer.Option(help="Column of times.")],
    calls: Annotated[Path | None, typer.Option(help="CSV or Parquet, one row a call.")] = None,
    counts: Annotated[Path | None, typer.Option(help="CSV or Parquet, one row a count, or with --wide a time.")] = None,
    date: Annotated[str | None, typer.Option(help="Column of dates, where --time holds clock times.")] = None,
    area: Annotated[str | None, typer.Option(help="Column of areas.")] = None,
    kind: Annotated[str | None, typer.Option(help="Column of kinds: series are area by kind.")] = None,
    value: Annotated[str | None, typer.Option(help="Column of counts.")] = None,
    wide: Annotated[bool, typer.Option("--wide", help="Every other column is a series of counts.")] = False,
    missing: Annotated[float | None, typer.Option(help="A count that stands for not known, e.g. -1.")] = None,
    freq: Annotated[str, typer.Option(help="Step: 1h or 1d.")] = "1h",
    horizon: Annotated[int, typer.Option(min=1, help="Steps ahead.")] = 168,
    origins: Annotated[int, typer.Option(min=1, help="Times a forecast is made; the last ends with the data.")] = 8,
    every: Annotated[str, typer.Option(help="How far apart origins stand, e.g. 7d.")] = "7d",
    window: Annotated[int | None, typer.Option(min=7, help="Days of history to learn from; otherwise all.")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Only the busiest series before the first origin.")] = None,
    only: Annotated[str | None, typer.Option(help="Only these series, with commas between.")] = None,
    leave_out: Annotated[str | None, typer.Option(help="Not these series (of a wide file: columns).")] = None,
    tz: Annotated[str, typer.Option(help="Time zone of clock times; UTC takes the clock as it is.")] = "UTC",
    country: Annotated[str | None, typer.Option(help="ISO 3166 code, for public holidays.")] = None,
    subdivision: Annotated[str | None, typer.Option(help="ISO 3166-2 code within the country.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="First day used, local.")] = None,
    until: Annotated[str | None, typer.Option(help="First day not used any more, local.")] = None,
    models: Annotated[str | None, typer.Option(help="Only these models, with commas between.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap and the randomised PIT.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Keep the JSON in this file too.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page with pictures, .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Let every model forecast from the same origins, score all by the same rules, and say who is better."""
    from tocsin.adapters.clocks import WallClock
    from tocsin.bench import progress
    from tocsin.bench.forecast.bench import bench as run_bench
    from tocsin.bench.forecast.question import STEPS, Question, Source, span_of

    if freq not in STEPS:
        raise BadSettings(f"--freq: {freq!r} is none of {', '.join(STEPS)}")
    if (calls is None) == (counts is None):
        raise BadSettings("name either --calls FILE (one row a call) or --counts FILE (counts per hour or day)")
    check_written([calls, counts], {"--out": out, "--report": report})
    source = Source(
        path=calls or counts or Path(),
        time=time,
        is_calls=calls is not None,
        date=date,
        area=area,
        kind=kind,
        value=value,
        wide=wide,
        missing=missing,
        only=_list(only),
        leave_out=_list(leave_out),
    )
    question = Question(
        step=STEPS[freq],
        horizon=horizon,
        origins=origins,
        every=span_of(every, "--every"),
        window=None if window is None else span_of(f"{window}d", "--window"),
        top=top,
        zone=tz,
        country=country,
        subdivision=subdivision,
        since=since,
        until=until,
        seed=seed,
    )
    with progress.shown("Forecasting") as tell:
        result = run_bench(source, question, WallClock().now(), models=_list(models), tell=tell)
    text = json.dumps(result.report, indent=None if as_json and out is None else 1, allow_nan=False)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if report is not None:
        from tocsin.bench.forecast.report import written

        report.write_text(written(result), encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        _show(result)


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _show(result: Any) -> None:
    """The best head of each model, the best model first, and what can be said of the differences."""
    from rich.console import Console

    report = result.report
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, 110)
    console.print(_table(report))
    for line in (*_left_out(report), *_notes(report)):
        console.print(line, markup=False)


def _table(report: dict[str, Any]) -> Table:
    from rich.table import Table

    data = report["data"]
    count, unit = len(data["origins"]), "h" if data["freq"] == "1h" else "d"
    asked = f"{count} origin{'' if count == 1 else 's'}, {data['horizon']} {unit} ahead each"
    table = Table(title=f"{data['file']}: {data['series']} series, {asked}", box=None, pad_edge=False)
    table.add_column("Model, head", overflow="fold")
    for column in ("Pinball", "MASE", "80 %", "CPU s", "tocsin against it, %"):
        table.add_column(column, justify="right", no_wrap=True)
    against = {entry["rival"]: entry for entry in report["verdict"].get("rivals", [])}
    told = [row for row in report["models"] if row["best_head"] and row["pinball"] is not None]
    for row in sorted(told, key=lambda row: float(row["pinball"])):
        name = row["name"] if row["head"] == "own" else f"{row['name']}, {row['head']}"
        table.add_row(name, *_figures(row), _difference(against.get(row["name"])))
    return table


def _left_out(report: dict[str, Any]) -> Iterator[str]:
    """Models, series and rows that are not among the figures, and why."""
    for row in report["models"]:
        if "error" in row:
            yield f"{row['name']} failed: {row['error']}"
    for one in report["left_out"]:
        yield f"{one['name']} left out: {one['why']}"
    data = report["data"]
    if data["series"] < data["series_in_file"]:
        yield f"Of {data['series_in_file']:,} series the {data['series']:,} busiest before the first origin."
    gone = data["rows_without_time_or_series"]
    if gone:
        yield f"Of {data['rows']:,} rows {gone:,} without a time or an area were left out."
    if data.get("kinds_refused"):
        yield f"{data['kinds_refused']} kinds that Tocsin never takes were left out."
    if data["holidays_unknown"] is not None:
        yield f"{data['holidays_unknown']}."
    yield from orders_told(data)


def _notes(report: dict[str, Any]) -> Iterator[str]:
    note = report["verdict"].get("bootstrap", {}).get("note")
    if note is not None:
        yield f"{note[0].upper()}{note[1:]}."
    yield "Pinball: mean loss of nine quantiles, in calls; less is better."
    yield "MASE: error of the median; 1 is the mean change from one week to the next."
    yield "80 %: how often the 80 % band held, by the randomised PIT; empty where a model gives quantiles alone."
    yield "tocsin against it: relative pinball loss with its 95 % interval; below 0 tocsin loses less."


def _figures(row: dict[str, Any]) -> list[str]:
    digits = 4 if row["pinball"] < 10 else 2
    keys = (("pinball", digits), ("mase", 3), ("coverage_80", 3), ("cpu_s", 3))
    return ["" if row[key] is None else f"{row[key]:.{places}f}" for key, places in keys]


def _difference(entry: dict[str, Any] | None) -> str:
    if entry is None or entry["difference"] is None:
        return ""
    shown = [f"{100 * entry[key]:+.1f}" for key in ("difference", "low", "high")]
    return f"{shown[0]} [{shown[1]}, {shown[2]}] {entry['result']}"
