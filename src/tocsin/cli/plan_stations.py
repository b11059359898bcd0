"""`tocsin plan stations`: where stations and units stand best, and what if.

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
    from tocsin.cli.station_plans import StationPlan, StationPlans

OBJECTIVES = ("pmedian", "mclp", "mexclp", "lateness")


def stations(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    close: Annotated[list[str] | None, typer.Option(help="A station that closes, by id or name; repeat it.")] = None,
    add: Annotated[list[str] | None, typer.Option(help="UNITS@STATION or UNITS@STATION:night; repeat it.")] = None,
    merge: Annotated[list[str] | None, typer.Option(help="Two districts or areas, A,B, that answer as one.")] = None,
    sites: Annotated[int | None, typer.Option(min=1, max=500, help="So many new stations, placed best.")] = None,
    objective: Annotated[str | None, typer.Option(help="pmedian, mclp, mexclp or lateness; otherwise all.")] = None,
    zone_m: Annotated[float, typer.Option(min=100, max=20_000, help="Side of the zones that demand is put in.")] = 700,
    simulate: Annotated[bool, typer.Option("--simulate", help="Try plans in a simulated city, tune one.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write a page with maps, .html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Where a pack's units stand best; what a closed station, a unit more, merged districts or a new site change."""
    from tocsin.bootstrap_settings import read_settings
    from tocsin.cli.asked_stations import Asked, merges_of
    from tocsin.cli.station_work import plan_stations
    from tocsin.planning.location.deployment import Objective

    check_written([], {"--report": report})
    if objective is not None and objective not in OBJECTIVES:
        raise BadSettings(f"--objective {objective}: name one of {', '.join(OBJECTIVES)}")
    asked = Asked(
        tuple(close or ()),
        tuple(add or ()),
        merges_of(merge or []),
        sites,
        tuple(Objective) if objective is None else (Objective(objective),),
        zone_m,
        simulate,
    )
    with step_progress("Placing units") as bar:
        found = plan_stations(pack, asked, seed=read_settings(Path()).seed, progress=bar)
    if report is not None:
        from tocsin.cli.plan_stations_page import page_of

        report.write_text(page_of(found), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(as_plain(found), allow_nan=False))
    else:
        _show(found, Console(highlight=False))
        if report is not None:
            Console(highlight=False).print(Text(f"The report is in {report}."))


def as_plain(found: StationPlans) -> dict[str, Any]:
    """Everything as values of JSON; None where something is not known."""
    case = found.case
    return {
        "pack": found.city.name,
        "unit_kinds": list(case.fleet.kinds),
        "target_s": found.target_s,
        "zones": case.town.zones,
        "learned_from": case.split.learn.start.isoformat() if case.split else None,
        "learned_until": case.split.learn.end.isoformat() if case.split else None,
        "calls_per_day": round(case.learned.per_day, 3),
        "closed": [found.stations[row] for row in found.closed],
        "stations": [
            {"station": name, "lon": round(lon, 6), "lat": round(lat, 6), "new": row >= found.today}
            for row, (name, (lon, lat)) in enumerate(zip(found.stations, found.place.tolist(), strict=True))
        ],
        "plans": [_plain(found, plan) for plan in found.plans],
        "notes": dict(case.notes),
    }


def _plain(found: StationPlans, plan: StationPlan) -> dict[str, Any]:
    areas = list(found.city.areas)
    return {
        "plan": plan.name,
        "simulated": plan.simulated,
        "units": len(plan.deployment.homes),
        "mean_s": _rounded(plan.expected.mean_s(), 1),
        "late_share": _rounded(plan.expected.late_share()),
        "worst_decile_late": _rounded(plan.fairness.worst_decile),
        "worst_areas": [str(areas[row]) for row in plan.fairness.worst_areas],
        "late_by_density": _shares(plan.fairness.by_density),
        "late_by_income": _shares(plan.fairness.by_income),
        "pays": found.pays(plan),
        "busy": round(plan.expected.busy, 4),
        "overloaded_h": plan.expected.overloaded_h,
        "unreached_share": _rounded(found.unreached(plan)),
        "recorded_later": None
        if plan.later is None
        else {
            "calls": int(plan.later.calls.sum()),
            "mean_s": _rounded(plan.later.mean_s(), 1),
            "late_share": _rounded(plan.later.late_share()),
        },
        "deployment": [
            {"station": found.stations[row], "units": units, "night_only": night}
            for row, units, night in found.counted(plan)
        ],
        "moves": [
            {"from": found.stations[start], "to": found.stations[goal], "units": n}
            for start, goal, n in found.moves(plan)
        ],
    }


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def _shares(shares: Any) -> dict[str, float | None] | None:
    return None if shares is None else {name: _rounded(share) for name, share in shares.items()}


def _show(found: StationPlans, console: Console) -> None:
    console.print(Text(found.title, style="italic"))
    table = Table(box=None, pad_edge=False)
    columns = (
        "Plan",
        "Units",
        "Mean min",
        "Late %",
        "Worst tenth\nof areas %",
        "Density %\nlow/mid/high",
        "Later\nlate %",
    )
    for name in columns:
        table.add_column(name, justify="left" if name == "Plan" else "right")
    for plan in found.plans:
        table.add_row(*found.row(plan))
    console.print(table)
    for line in found.sentences():
        console.print(Text(line))
