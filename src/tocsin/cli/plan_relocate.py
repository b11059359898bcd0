"""`tocsin plan relocate`: which free unit should stand by elsewhere now, and what move-ups gain for what they cost.

What plans need is imported where it is used: other commands start without it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.cli.show import step_progress
from tocsin.cli.written import check_written

if TYPE_CHECKING:
    from tocsin.cli.relocation import Relocation
    from tocsin.model.moves import MoveOption
    from tocsin.rehearsal.frontier import Point


def relocate(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    at: Annotated[str | None, typer.Option(help="The moment of the record.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="Begin of the span that is simulated.")] = None,
    until: Annotated[str | None, typer.Option(help="Its end.")] = None,
    seeds: Annotated[int, typer.Option(min=0, max=1000, help="Weeks drawn beside the recorded span.")] = 2,
    report: Annotated[Path | None, typer.Option(help="Write a page with the frontier drawn, .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Move-ups at one moment, with gain and cost; and late calls against moves and empty minutes over a span."""
    from tocsin.bootstrap_settings import read_settings
    from tocsin.cli.relocation import relocation_of

    check_written([], {"--report": report})
    with step_progress("Weighing move-ups") as bar:
        found = relocation_of(
            pack, at=at, start=start, until=until, seeds=seeds, settings=read_settings(Path()), steps=bar
        )
    if report is not None:
        from tocsin.cli.plan_relocate_page import page_of

        report.write_text(page_of(found), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(as_plain(found), allow_nan=False))
    else:
        _show(found, Console(highlight=False))
        if report is not None:
            Console(highlight=False).print(Text(f"The report is in {report}."))


def as_plain(found: Relocation) -> dict[str, Any]:
    """Everything as values of JSON; None where something is not known."""
    split = None if found.case is None else found.case.split
    return {
        "pack": found.city.name,
        "at": None if found.at is None else found.at.isoformat(),
        "kinds": [_kind(found, kind) for kind in found.said],
        "unit_kinds": [] if found.case is None else list(found.case.fleet.kinds),
        "learned_until": None if split is None else split.learn.end.isoformat(),
        "scored_from": None if split is None else split.score.start.isoformat(),
        "scored_until": None if split is None else split.score.end.isoformat(),
        "drawn_weeks": found.draws,
        "busy_share": None if found.q is None else round(found.q, 4),
        "frontier": [_point(point) for point in found.frontier],
        "why_no_frontier": found.why_no_frontier,
    }


def _kind(found: Relocation, kind: Any) -> dict[str, Any]:
    from tocsin.cli.relocation_texts import sentence_of
    from tocsin.planning.relocation.moves import Suggested

    said, late = found.said[kind], found.late[kind]
    plain: dict[str, Any] = {
        "kind": kind,
        "idle": late.idle,
        "placeless": late.placeless,
        "silent": late.silent,
        "late": None if late.total is None else round(late.total, 4),
        "best": None,
        "runner_up": None,
        "against": [],
        "why_none": None,
    }
    if isinstance(said, Suggested):
        second = None if said.runner_up is None else _option(said.runner_up)
        against = [sentence_of(found, reason) for reason in said.against]
        return plain | {"best": _option(said.best), "runner_up": second, "against": against}
    return plain | {"why_none": sentence_of(found, said)}


def _option(option: MoveOption) -> dict[str, Any]:
    return {
        "unit": option.unit,
        "from": option.from_station,
        "to": option.to_station,
        "drive_s": round(option.drive_s, 1),
        "late_before": round(option.late.before, 4),
        "late_after": round(option.late.after, 4),
        "saves": round(-option.late.change, 4),
        "saves_low": None if option.late.high is None else round(-option.late.high, 4),
        "saves_high": None if option.late.low is None else round(-option.late.low, 4),
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "moves_per_h_cap": point.moves_per_h_cap,
        "calls": point.calls,
        "late_share": None if point.late_share is None else round(point.late_share, 5),
        "mean_s": None if point.mean_s is None else round(point.mean_s, 2),
        "moves_per_h": round(point.moves_per_h, 4),
        "empty_min_per_h": round(point.empty_min_per_h, 3),
        "on_frontier": point.on_frontier,
        "home": point.home,
    }


def _show(found: Relocation, console: Console) -> None:
    from tocsin.cli.relocation_texts import BESIDE, COLUMNS, local_text, rows, sentences, span_text

    if found.at is not None:
        console.print(Text(f"{found.city.title}, {local_text(found)}", style="italic"))
    for line in sentences(found):
        console.print(Text(line))
    if found.why_no_frontier is not None:
        console.print(Text(f"Nothing can be simulated: {found.why_no_frontier}."))
        return
    table = Table(box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for row in rows(found):
        table.add_row(*row)
    console.print(table)
    console.print(Text(span_text(found)))
    console.print(Text(BESIDE))
