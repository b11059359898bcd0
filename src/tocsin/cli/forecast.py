"""`tocsin forecast`: what comes next in a pack's city, how sure that is, and how good such forecasts were.

What forecasts need is imported where it is used: other commands start without it.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.cli.show import step_progress

if TYPE_CHECKING:
    from tocsin.cli.outlook import Outlook

WIDTH = 40
"""Characters of the picture beside the table, at most."""
NARROW = 12
"""Fewer show nothing: a window that leaves less room gets the table alone."""


def forecast(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    area: Annotated[str | None, typer.Option(help="Only this area, by id or name; otherwise the whole city.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only calls of this kind, as the pack names it.")] = None,
    at: Annotated[
        str | None, typer.Option(help="Local or offset time to stand at; otherwise the end of the record.")
    ] = None,
    hours: Annotated[int | None, typer.Option(min=1, max=2016, help="Hours ahead; 24 where nothing is said.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=84, help="Days ahead, a row a day.")] = None,
    model: Annotated[str, typer.Option(help="Forecaster by name; a wrong name lists what there is.")] = "tocsin",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report with plots to this file.")] = None,
    picture: Annotated[bool, typer.Option(help="Draw the bands beside the figures.")] = True,
) -> None:
    """Forecast calls from a pack's own record: expected, bands, and how often such bands held in the weeks before."""
    from tocsin.bootstrap_settings import read_settings
    from tocsin.cli.outlook import Asked, look_ahead

    asked = Asked(area, kind, at, hours, days, model)
    with step_progress("Asking the model again at earlier times") as bar:
        outlook = look_ahead(pack, asked, seed=read_settings(Path()).seed, progress=bar)
    if report is not None:
        from tocsin.cli.forecast_page import write_page

        write_page(report, outlook)
    if as_json:
        typer.echo(json.dumps(as_plain(outlook)))
    else:
        _show(outlook, Console(highlight=False), picture=picture)
        if report is not None:
            Console(highlight=False).print(Text(f"The report is in {report}."))


def as_plain(outlook: Outlook) -> dict[str, Any]:
    """Everything as values of JSON; None where something is not known."""
    demand, history = outlook.demand, outlook.history
    return {
        "pack": outlook.city.name,
        "area": outlook.area,
        "kind": outlook.asked.kind,
        "at": outlook.instant(outlook.now).isoformat(),
        "step_s": demand.step_s,
        "timezone": outlook.city.timezone,
        "model": demand.model,
        "note": demand.note,
        "learned_from": outlook.instant(demand.learned_from).isoformat() if demand.learned_from else None,
        "learned_until": outlook.instant(demand.learned_until).isoformat() if demand.learned_until else None,
        "country": history.country,
        "subdivision": history.subdivision,
        "weather": sorted(history.weather.values) if history.weather else [],
        "week_shape": outlook.week_shape,
        "steps": [{**asdict(step), "start": outlook.instant(step.start).isoformat()} for step in outlook.steps],
        "record": {
            "origins": [outlook.instant(origin).isoformat() for origin in outlook.back.origins],
            "held": outlook.held,
            "of": len(outlook.back.past),
            **{name: value for name, value in asdict(outlook.row).items() if name not in ("by", "key")},
        },
        "all_areas": {name: value for name, value in asdict(outlook.whole).items() if name not in ("by", "key")},
        "loses": [{"area": row.key, "gain": row.gain, "cells": row.cells} for row in outlook.losses],
    }


def _show(outlook: Outlook, console: Console, *, picture: bool) -> None:
    table = _table(outlook)
    width = min(WIDTH, console.width - console.measure(table).maximum - 2) if picture else 0
    console.print(outlook.title, style="italic", markup=False, highlight=False)
    console.print(_table(outlook, width) if width >= NARROW else table)
    if width >= NARROW:
        console.print("Picture: ░ 95 %, ▒ 80 %, ▓ 50 %, █ the middle.", highlight=False)
    step = "days" if outlook.daily else "hours"
    console.print(f"More than usual: the chance of more than nine in ten such {step} bring.", highlight=False)
    for line in outlook.sentences():
        console.print(Text(line))


def _table(outlook: Outlook, width: int = 0) -> Table:
    """The figures, a row a step, 64 characters or so. `width`: characters of the picture, none at 0."""
    table = Table(box=None, pad_edge=False)
    for name in ("Day" if outlook.daily else "Hour", "Expected", "50 %", "80 %", "95 %", "More than\nusual"):
        table.add_column(name, justify="left" if name in ("Day", "Hour") else "right", no_wrap=True)
    most = max((step.b95[1] for step in outlook.steps), default=0)
    if width:
        table.add_column(f"0 to {most}", no_wrap=True)
    for step in outlook.steps:
        bands = [f"{low}–{high}" for low, high in (step.b50, step.b80, step.b95)]
        drawn = [bar_of(step.median, (step.b95, step.b80, step.b50), most, width)] if width else []
        chance = f"{100 * step.chance_more:.0f} %"
        table.add_row(outlook.local(step.start), f"{step.mean:.1f}", *bands, chance, *drawn)
    return table


def bar_of(middle: int, bands: tuple[tuple[int, int], ...], most: int, width: int = WIDTH) -> str:
    """Bands from the widest to the narrowest as blocks of text, the middle in full; `most` is the right end."""
    if most <= 0:
        return "█" + " " * (width - 1)
    cells = [" "] * width
    for (low, high), block in zip(bands, "░▒▓", strict=True):
        for at in range(_cell(low, most, width), _cell(high, most, width) + 1):
            cells[at] = block
    cells[_cell(middle, most, width)] = "█"
    return "".join(cells)


def _cell(count: int, most: int, width: int) -> int:
    return round(count / most * (width - 1))
