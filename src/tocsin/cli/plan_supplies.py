"""`tocsin plan supplies`: who gets what from where, by which route, what is short, and whom to ask.

What plans need is imported where it is used: other commands start without it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.cli.show import ERRORS, step_progress
from tocsin.cli.written import check_written

if TYPE_CHECKING:
    from tocsin.cli.supply_plans import SupplyPlans


def supplies(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    requests: Annotated[Path, typer.Argument(metavar="REQUESTS.csv", help="Site or lon and lat, resource, count, …")],
    now: Annotated[str | None, typer.Option(help="Plan from here; otherwise the earliest time asked for.")] = None,
    solver: Annotated[str, typer.Option(help="auto, pyvrp (extra plan) or built-in.")] = "auto",
    slower: Annotated[float, typer.Option(min=0.5, max=10, help="Lorry's seconds over the free road's.")] = 1.5,
    loading_min: Annotated[float, typer.Option(min=0, max=600, help="Minutes to load before each trip.")] = 15.0,
    unloading_min: Annotated[float, typer.Option(min=0, max=600, help="Minutes to unload at each stop.")] = 10.0,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same plan.")] = 1,
    report: Annotated[Path | None, typer.Option(help="Write a page with a map of the routes, .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Bring what sites ask for, the most urgent first. Ends with 1 when a row of the table was refused."""
    from tocsin.cli.supply_plans import Asked, as_plain, plan_for
    from tocsin.planning.crisis.deliveries import Handling

    check_written([requests], {"--report": report})
    asked = Asked(now, solver, seed, slower, Handling(60.0 * loading_min, 60.0 * unloading_min))
    with step_progress("Planning routes") as bar:
        found = plan_for(pack, requests, asked, bar)
    if report is not None:
        from tocsin.cli.plan_supplies_page import page_of

        report.write_text(page_of(found), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(as_plain(found), allow_nan=False))
    else:
        _show(found, Console(highlight=False))
        if report is not None:
            typer.echo(f"The report is in {report}.")
    for refused in found.read.refused:
        line = f"{requests} line {refused.line}, column {refused.column}: {refused.what}"
        ERRORS.print(f"refused: {line}", markup=False, soft_wrap=True)
    raise typer.Exit(1 if found.read.refused else 0)


def _show(found: SupplyPlans, console: Console) -> None:
    from tocsin.cli.plan_supplies_page import aid_rows, delivery_rows, resource_rows, route_rows, short_rows

    for title, (columns, rows) in (
        ("Deliveries", delivery_rows(found)),
        ("Routes", route_rows(found)),
        ("Short", short_rows(found)),
        ("Requests to neighbours, drafted and not sent", aid_rows(found)),
        ("Resources", resource_rows(found)),
    ):
        if rows:
            table = Table(title=title, title_justify="left")
            for column in columns:
                table.add_column(column, overflow="fold")
            for row in rows:
                table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
            console.print(table)
    for sentence in found.sentences():
        console.print(Text(sentence))
