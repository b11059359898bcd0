"""`tocsin bench route`: quickest ways on a city's streets, beside what people would pick instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tocsin.cli.show import fail
from tocsin.cli.written import check_written


def route(
    packs: Annotated[list[str] | None, typer.Argument(metavar="[PACK]...", help="Packs with streets.")] = None,
    jemss: Annotated[list[Path] | None, typer.Option(help="Folder of a JEMSS model, as often as you like.")] = None,
    sources: Annotated[int, typer.Option(min=4, help="Searches that are compared with scipy's, each second.")] = 60,
    timed: Annotated[int, typer.Option(min=1, help="Searches that are timed, three times each.")] = 15,
    calls: Annotated[int, typer.Option(min=1, help="Calls for which every unit's ETA is timed.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Of the sources, calls and closures.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Keep the JSON in this file too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Say whether every way is exact, and how long searches and ETAs take, beside scipy, igraph and networkx."""
    from tocsin.adapters.clocks import WallClock
    from tocsin.adapters.packs import find_pack, load_pack
    from tocsin.adapters.packs.jemss import load_jemss
    from tocsin.bench import progress
    from tocsin.bench.machine import about, one_thread
    from tocsin.bench.route.bench import Effort, bench

    if not packs and not jemss:
        fail("nothing to compare on: name a pack, or --jemss MODEL_DIR")
    check_written([], {"--out": out})
    cities = [load_pack(find_pack(name)).city for name in packs or ()]
    cities += [load_jemss(folder).city for folder in jemss or ()]
    facts = about(WallClock().now(), seed, ("tocsin", "numpy", "numba", "scipy", "igraph", "networkx"))
    with progress.shown("Finding ways") as tell, one_thread():
        result = bench(cities, Effort(checked=sources, timed=timed, calls=calls, seed=seed), tell)
    result["about"] = facts
    text = json.dumps(result, indent=None if as_json and out is None else 1, allow_nan=False)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        _show(result, Console(highlight=False))


def _show(result: dict[str, Any], console: Console) -> None:
    table = Table("Pack", "Nodes", "Exact", "Tocsin", "scipy", "igraph", "networkx", "ETA p50", "p99", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for case in result["cases"]:
        times = (case["one_to_all_ms"][name] for name in ("tocsin", "scipy", "igraph", "networkx"))
        table.add_row(
            case["pack"],
            f"{case['nodes']:,}",
            "yes" if case["exact"]["ok"] else "no",
            *("–" if ms is None else f"{ms:.2f}" for ms in times),
            f"{case['eta']['p50_ms']:.2f}",
            f"{case['eta']['p99_ms']:.2f}",
        )
    console.print(table)
    console.print(
        "Milliseconds of CPU time, one thread: from one node to all others (median), and until the ETA of every unit "
        f"within {result['eta_bound_s'] / 60:g} minutes of a call is known."
    )
