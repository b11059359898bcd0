"""`tocsin check`: what is wrong with a pack, what is missing, and what that costs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.adapters.clocks import WallClock
from tocsin.adapters.packs import Fault, Notice, PackReport, check_pack, find_pack

_SHARES = {
    "place": "with a place",
    "area": "with an area",
    "priority": "with a priority",
    "card": "with a run card",
    "dispatched": "with a unit dispatched",
    "en_route": "with a unit en route",
    "on_scene": "with a unit on scene",
    "transporting": "with a transport",
    "at_hospital": "with a unit at hospital",
    "available": "with a unit available again",
}


def check(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Say what is wrong with a pack, what is missing and what that costs. Ends with 1 on a fault that would mislead."""
    report = check_pack(find_pack(pack), WallClock().now())
    if as_json:
        typer.echo(json.dumps(report.as_json()))
    else:
        _show(pack, report, Console(highlight=False))
    raise typer.Exit(0 if report.ok else 1)


def _show(pack: str, report: PackReport, console: Console) -> None:
    if report.faults:
        _list_places(console, "Faults that would mislead", report.faults)
    if report.warnings:
        _list_places(console, "Warnings", report.warnings)
    _list_missing(console, report.missing)
    if report.coverage["calls"]:
        _list_coverage(console, report.coverage)
    console.print(Text(_verdict(pack, report)))


def _list_places(console: Console, title: str, places: tuple[Fault, ...] | tuple[Notice, ...]) -> None:
    """A line each: a table would squeeze the sentences."""
    console.print(Text(title, style="italic"))
    for place in places:
        where = ", ".join(
            part for part in (place.file, "" if place.row is None else f"row {place.row}", place.column or "") if part
        )
        times = f" ({place.count} times)" if isinstance(place, Notice) and place.count > 1 else ""
        line = Text("  ").append(where, style="bold").append(f": {place.message}{times} ")
        console.print(line.append(f"[{place.code}]", style="dim"), soft_wrap=not console.is_terminal)
    console.print()


def _list_missing(console: Console, missing: Mapping[str, str]) -> None:
    if not missing:
        return
    table = Table("Not there", "What that costs", title="Missing files", title_justify="left")
    for file, cost in missing.items():
        table.add_row(Text(file), Text(cost))
    console.print(table)


def _list_coverage(console: Console, coverage: Mapping[str, Any]) -> None:
    table = Table(title="Coverage", title_justify="left", show_header=False)
    for key in ("calls", "responses", "units", "areas", "streets"):
        table.add_row(key.capitalize(), f"{coverage[key]:,}")
    table.add_row("Record", f"{coverage['from']} to {coverage['until']}")
    for key, words in _SHARES.items():
        table.add_row(f"Calls {words}", _percent(coverage["calls_with"][key]))
    table.add_row("Units with a station", _percent(coverage["units_with_station"]))
    console.print(table)
    kinds = Table("Kind", "Calls", "Placed", "On scene", "Places", "Most at one", title="Calls by kind")
    kinds.title_justify = "left"
    for kind in coverage["kinds"]:
        kinds.add_row(
            Text(kind["kind"]),
            f"{kind['calls']:,}",
            _percent(kind["share_with_place"]),
            _percent(kind["share_with_on_scene"]),
            f"{kind['distinct_places']:,}",
            f"{kind['largest_group']:,}",
        )
    console.print(kinds)


def _verdict(pack: str, report: PackReport) -> str:
    warnings = f"{len(report.warnings)} warning{'' if len(report.warnings) == 1 else 's'}"
    if report.ok:
        return f"{pack} is ok: no faults, {warnings}. `tocsin serve {pack} --data DIR` runs it."
    count = len(report.faults)
    faults = f"{count} fault{'' if count == 1 else 's'}"
    return f"{pack} would mislead: {faults}, {warnings}. Row 0 is the first data row. Mend the faults and check again."


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.1f} %"
