"""`tocsin plan`: who should stand where, when and with how many. One file a command, registered here."""

from __future__ import annotations

import typer

from tocsin.cli.plan_relocate import relocate
from tocsin.cli.plan_shifts import shifts
from tocsin.cli.plan_stations import stations
from tocsin.cli.plan_supplies import supplies

plan = typer.Typer(no_args_is_help=True)
plan.command()(stations)
plan.command()(shifts)
plan.command()(relocate)
plan.command()(supplies)


@plan.callback()
def group() -> None:
    """Work out where units stand and when they are on duty, from a pack's own record."""
