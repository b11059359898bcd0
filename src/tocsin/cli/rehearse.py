"""`tocsin rehearse`: a span of a city, or days that might come, under several strategies over many seeds.

What a simulation needs is imported where it is used: other commands start without it.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from tocsin.cli.show import ERRORS, step_progress

if TYPE_CHECKING:
    from tocsin.cli.rehearsals import Asked
    from tocsin.model.city import City, Period

SEEDS_A_PROCESS = 8
"""Fewer are quicker run than another process is started."""


def rehearse(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    start: Annotated[str | None, typer.Option("--from", help="Local or offset time, e.g. 2017-01-01T00:00.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Local or offset time.")] = None,
    days: Annotated[
        float | None, typer.Option(help="Days that might come, by the learned law, in place of recorded ones.")
    ] = None,
    strategy: Annotated[
        list[str] | None,
        typer.Option(
            help="May be given several times: recorded_homes, static_tuned, dmexclp, dmexclp_dispatch, "
            "compliance_table, tocsin. The first is what the others are set beside."
        ),
    ] = None,
    fleet: Annotated[int, typer.Option(help="Units more, or fewer, than the pack has on duty: +2, -1.")] = 0,
    seeds: Annotated[
        int, typer.Option(help="Seeds: draws of the calls or, of recorded ones, of the ways to them.")
    ] = 20,
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario to put the city under: .toml, or .csv for a script alone.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes; one for each core unless said otherwise.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write one HTML page with plots here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Rehearse a past span or generated days: what every strategy would have come to, with its spread."""
    from tocsin.adapters.clocks import WallClock
    from tocsin.adapters.executors import ProcessPool, executor_of, usable_cores
    from tocsin.adapters.packs import find_pack, load_pack
    from tocsin.cli import rehearsals
    from tocsin.cli.written import check_written

    check_written([scenario], {"--report": report})
    clock = WallClock()
    began_s = clock.monotonic_s()
    loaded = load_pack(find_pack(pack))
    names = tuple(dict.fromkeys(strategy or rehearsals.USUAL))
    span = _span(loaded.city, start, until)
    file = None if scenario is None else _scenario(loaded.path, scenario)
    asked = rehearsals.scenario_span(rehearsals.Asked(span, days, names, fleet, seeds, file))
    processes = workers or min(usable_cores(), max(1, seeds // SEEDS_A_PROCESS))
    executor = executor_of(processes)
    try:
        with step_progress("Rehearsing") as bar:
            found = rehearsals.rehearse(loaded, asked, executor, at_once=processes, stage=_tell, told=bar)
    finally:
        if isinstance(executor, ProcessPool):
            executor.close()
    said = rehearsals.as_json(found, loaded.city.name)
    said["wall_s"] = round(clock.monotonic_s() - began_s, 1)
    if report is not None:
        from tocsin.cli.rehearsal_page import rehearsal_page

        report.write_text(rehearsal_page(found, loaded.city, clock.now()), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(said, allow_nan=False))
    else:
        _show(said, found.asked, loaded.city)


def _tell(what: str) -> None:
    if ERRORS.is_terminal:
        ERRORS.print(what, style="dim")


def _scenario(pack: Path, named: Path) -> Path:
    """A file, or the name of one of the pack's scenarios."""
    from tocsin.adapters.exercises.scenario import FOLDER

    shipped = pack / FOLDER / f"{named}.toml"
    return shipped if not named.exists() and len(named.parts) == 1 and shipped.is_file() else named


def _span(city: City, start: str | None, until: str | None) -> Period | None:
    from tocsin.bootstrap import local_time
    from tocsin.errors import BadSettings
    from tocsin.model.city import Period

    first, last = local_time(start, city, "--from"), local_time(until, city, "--until")
    if first is None and last is None:
        return None
    if first is None or last is None:
        raise BadSettings("--from and --until belong together: name both, or neither")
    return Period(first, last)


def _show(said: dict[str, Any], asked: Asked, city: City) -> None:
    console = Console(highlight=False)
    what = "generated days" if said["generated"] else " to ".join(_local(said[end], city) for end in ("from", "until"))
    table = Table(title=f"{said['pack']}, {what}: {said['units']} units, {said['calls_a_seed']} calls a seed")
    for column in ("strategy", "late", "80 % of seeds", "mean", "9 of 10", "moves", "empty"):
        table.add_column(column, justify="left" if column == "strategy" else "right", no_wrap=True)
    for row in said["strategies"]:
        band = f"{_tenth(row['late_low'])} to {_tenth(row['late_high'])}"
        table.add_row(
            row["strategy"],
            _pct(row["late_share"]),
            band,
            _mss(row["mean_s"]),
            _mss(row["p90_s"]),
            _figure(row["moves_per_unit_hour"]),
            _figure(row["empty_min_per_unit_hour"]),
        )
    for name, row in (("as recorded", said["recorded"]), ("clairvoyant bound", said["bound"])):
        if row is not None:
            table.add_row(name, _pct(row["late_share"]), "", _mss(row.get("mean_s")), _mss(row.get("p90_s")), "", "")
    console.print(table)
    console.print(
        f"Late: first unit later than {_mss(said['target_s'])} after the call, priorities 1 and 2. Moves, and empty "
        "minutes of driving, are per unit and hour. Nobody can be better than the bound."
    )
    for pair in said["pairs"]:
        if pair["relative"] is not None:
            console.print(
                f"{pair['one']} beside {pair['other']}: {100 * pair['relative']:+.1f} % late calls, fewer in "
                f"{pair['fewer_in']} of {pair['seeds']} seeds, more in {pair['more_in']}."
            )
    if said["recorded"] is not None:
        console.print("The record is what happened, the rest what a model says of it: no gain is claimed from the two.")
    for what, how in said["notes"].items():
        if isinstance(how, str) and how != "record":
            console.print(f"{what.removesuffix(': from').capitalize()}: {how}.", markup=False)
    if asked.seeds < 10:
        console.print("So few seeds say little of the spread: take 20 or more.")


def _local(at: str, city: City) -> str:
    return f"{datetime.fromisoformat(at).astimezone(ZoneInfo(city.timezone)):%Y-%m-%d %H:%M}"


def _pct(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.1f} %"


def _tenth(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _mss(seconds: float | None) -> str:
    return "" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
