"""`tocsin bench simulate`: how fast the simulated city runs."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.cli.written import check_written
from tocsin.errors import BadSettings


def simulate(
    packs: Annotated[
        list[str] | None, typer.Argument(metavar="[PACK]...", help="Folders holding pack.toml, or shipped packs.")
    ] = None,
    jemss: Annotated[
        list[Path] | None, typer.Option("--jemss", metavar="MODEL_DIR", help="A model of JEMSS.jl; may be repeated.")
    ] = None,
    calls: Annotated[int, typer.Option(min=1_000, max=10_000_000, help="Generated calls to simulate.")] = 100_000,
    repeats: Annotated[int, typer.Option(min=1, max=100, help="Runs of which the quickest counts.")] = 5,
    twin_calls: Annotated[int, typer.Option(min=1, max=100_000, help="Calls for the plain-Python twin.")] = 200,
    zone_m: Annotated[float, typer.Option(min=100.0, max=10_000.0, help="Size of zones, metres.")] = 700.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the calls.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Keep the JSON in this file too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Time the simulator on one thread, strategy by strategy, and set its plain-Python twin beside it."""
    from tocsin.adapters.clocks import WallClock
    from tocsin.adapters.packs.jemss import load_jemss
    from tocsin.adapters.packs.load import find_pack, load_pack
    from tocsin.bench import progress
    from tocsin.bench.machine import about
    from tocsin.bench.simulate.bench import Effort, bench

    check_written([], {"--out": out})
    reading = [partial(load_pack, find_pack(name)) for name in packs or []]
    reading += [partial(load_jemss, folder) for folder in jemss or []]
    if not reading:
        raise BadSettings("nothing to simulate: name a pack, or a model with --jemss")
    facts = about(WallClock().now(), seed)
    effort = Effort(calls=calls, repeats=repeats, zone_m=zone_m, twin_calls=twin_calls, seed=seed)
    with progress.shown("Simulating") as tell:
        result = {**bench(reading, effort, tell), "about": facts}
    text = json.dumps(result, indent=None if as_json and out is None else 1, allow_nan=False)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        _show(result, Console(highlight=False))


def _show(result: dict[str, Any], console: Console) -> None:
    for case in result["cases"]:
        told = f"{case['pack']}: {case['zones']} zones, {case['stations']} stations, {case['units']} units"
        console.print(Text(told))
        table = Table("Strategy", "Calls/s", "µs a call", "Busy", "Late %", "Moves a call", "Twin", box=None)
        for column in table.columns[1:]:
            column.justify = "right"
        for row in case["strategies"]:
            table.add_row(
                row["strategy"],
                f"{row['calls_per_s']:,}",
                f"{row['us_per_call']:.1f}",
                _share(row["utilisation"], ".2f"),
                _share(None if row["late_share"] is None else 100.0 * row["late_share"], ".1f"),
                f"{row['moves_per_call']:.2f}",
                f"{row['twin_difference']:.0e}" if row["twin_agrees"] else "differs",
            )
        console.print(table)
    words = (
        "Calls/s: CPU time of one thread, the quickest run. Twin: greatest difference to the same city in plain "
        "Python, on fewer calls and larger zones. Parameters are not tuned: read no ranking of strategies from this."
    )
    console.print(Text(words, style="dim"))


def _share(value: float | None, form: str) -> str:
    return "–" if value is None else f"{value:{form}}"
