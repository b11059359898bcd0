"""The command line: thin. Tables for people, `--json` for programs, progress on long work."""

from __future__ import annotations

import sys
from errno import ENOSPC

import typer

from tocsin.cli.account import account
from tocsin.cli.accounts import accounts
from tocsin.cli.bench import bench
from tocsin.cli.check import check
from tocsin.cli.detect import detect
from tocsin.cli.export import export
from tocsin.cli.forecast import forecast
from tocsin.cli.new import new
from tocsin.cli.plan import plan
from tocsin.cli.policy import policy
from tocsin.cli.rehearse import rehearse
from tocsin.cli.replay import replay
from tocsin.cli.serve import demo, serve
from tocsin.cli.show import fail
from tocsin.cli.trace import trace
from tocsin.cli.verify import verify
from tocsin.cli.witness import witness
from tocsin.errors import TocsinError

app = typer.Typer(
    name="tocsin",
    help="An open command centre for cities.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (demo, serve, replay, rehearse, check, new, export, detect, forecast, verify, witness, account, trace):
    app.command()(command)
app.add_typer(bench, name="bench")
app.add_typer(plan, name="plan")
app.add_typer(policy, name="policy")
app.add_typer(accounts, name="accounts")


@app.callback()
def tocsin() -> None:
    """An open command centre for cities: one picture, forecasts with their record, plans with their reasons."""


def main() -> None:
    """Entry point. What can be expected ends in one sentence and status 2, not in a traceback."""
    try:
        app(prog_name="tocsin")
    except TocsinError as error:
        fail(str(error))
    except OSError as error:
        if error.filename is None and error.errno != ENOSPC:
            raise
        fail(f"{error.filename or 'what is written'}: {error.strerror}: name a file that can be read or written there")
    except KeyboardInterrupt:
        sys.exit(130)
