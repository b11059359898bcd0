"""`tocsin plan shifts`: when units are on duty, from the forecast.

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
from tocsin.errors import BadSettings

if TYPE_CHECKING:
    from tocsin.cli.shift_plans import ShiftPlans


def shifts(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    since: Annotated[str | None, typer.Option("--from", help="Start, local; else midnight after the record.")] = None,
    until: Annotated[str | None, typer.Option(help="End, local; otherwise seven days on.")] = None,
    lengths: Annotated[str, typer.Option(help="Hours of the shifts there are, with commas between.")] = "8,12",
    every: Annotated[int, typer.Option(min=1, max=24, help="Hours between starts, counted from 7 in the morning.")] = 4,
    max_units: Annotated[int | None, typer.Option(min=1, help="Units on duty at once, at most.")] = None,
    delay: Annotated[float, typer.Option(help="Share of calls that may find all units busy.")] = 0.05,
    least: Annotated[int, typer.Option(min=0, max=500, help="Units on duty in every hour, at least.")] = 1,
    model: Annotated[str, typer.Option(help="Forecaster by name; a wrong name lists what there is.")] = "tocsin",
    report: Annotated[Path | None, typer.Option(help="Write a page with plots, .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Units that each hour needs by the forecast, and shifts that cover it in the fewest paid hours; where short."""
    from tocsin.bootstrap_settings import read_settings
    from tocsin.cli.shift_plans import AskedShifts, plan_shifts

    check_written([], {"--report": report})
    asked = AskedShifts(since, until, _lengths(lengths), every, max_units, delay, least, model)
    with step_progress("Planning shifts"):
        found = plan_shifts(pack, asked, seed=read_settings(Path()).seed)
    if report is not None:
        from tocsin.cli.plan_shifts_page import page_of

        report.write_text(page_of(found), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(as_plain(found), allow_nan=False))
    else:
        _show(found, Console(highlight=False))
        if report is not None:
            Console(highlight=False).print(Text(f"The report is in {report}."))


def _lengths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise BadSettings(f"--lengths {text}: write whole hours with commas between, such as 8,12") from error


def as_plain(found: ShiftPlans) -> dict[str, Any]:
    """Everything as values of JSON; None where something is not known."""
    plan, hour_s = found.plan, 3600
    share = found.free_share()
    starts = [found.start.timestamp() + hour_s * i for i in range(len(found.calls))]
    return {
        "pack": found.city.name,
        "unit_kinds": list(found.case.fleet.kinds),
        "start": found.start.isoformat(),
        "hours": len(starts),
        "timezone": found.city.timezone,
        "forecast": {"model": found.model, "made_at": found.now.isoformat()},
        "busy_s": round(found.busy_s, 1),
        "delay": found.asked.delay,
        "paid_h": plan.paid_h,
        "needed_h": int(found.problem.need.sum()),
        "short_h": int(plan.short.sum()),
        "free_share": None if share is None else round(share, 5),
        "solver": plan.solver,
        "proved": plan.proved,
        "shifts": [
            {"start": found.instant(shift.start).isoformat(), "hours": shift.hours, "units": shift.units}
            for shift in plan.shifts
        ],
        "by_hour": [
            {
                "start": found.instant(i).isoformat(),
                "calls": round(float(found.calls[i]), 3),
                "calls_90": int(found.many[i]),
                "load": round(float(found.load[i]), 3),
                "needed": int(found.problem.need[i]),
                "on": int(plan.on[i]),
                "short": int(plan.short[i]),
                "free": round(float(found.free[i]), 4),
                "free_many_calls": round(float(found.free_many[i]), 4),
            }
            for i in range(len(starts))
        ],
    }


def _show(found: ShiftPlans, console: Console) -> None:
    console.print(Text(found.title, style="italic"))
    table = Table(box=None, pad_edge=False)
    for name in ("Shift from", "Hours", "Units"):
        table.add_column(name, justify="left" if name == "Shift from" else "right")
    for start, shift in found.grouped():
        table.add_row(start, str(shift.hours), str(shift.units))
    console.print(table)
    for line in found.sentences():
        console.print(Text(line))
    short = [i for i, n in enumerate(found.plan.short.tolist()) if n]
    if short:
        console.print(_short(found, short))


def _short(found: ShiftPlans, hours: list[int]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("Short at", "Needed", "On duty", "Free for %"):
        table.add_column(name, justify="left" if name == "Short at" else "right")
    for i in hours[:SHOWN]:
        on, need = int(found.plan.on[i]), int(found.problem.need[i])
        table.add_row(found.local(i), str(need), str(on), f"{100 * found.free[i]:.0f}")
    if len(hours) > SHOWN:
        table.add_row(f"and {len(hours) - SHOWN} hours more", "", "", "")
    return table


SHOWN = 12
"""Short hours that the table names; the JSON and the page have all."""
