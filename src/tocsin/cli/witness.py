"""`tocsin witness`: another office sees that a ledger only grows, and signs what it saw."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from tocsin.accounting.notes import VerifierKey
from tocsin.adapters.clocks import WallClock
from tocsin.adapters.ledger_files import LogFolder, LogOnTheWeb, find_log
from tocsin.adapters.witness import Look, WitnessFolder, look_once
from tocsin.cli.show import ERRORS
from tocsin.cli.verify import read_key
from tocsin.errors import BadSettings


def witness(
    log: Annotated[
        str, typer.Option(metavar="DIR|URL", help="The ledger: a data folder, a published one, its address.")
    ],
    data: Annotated[Path, typer.Option(metavar="WDIR", help="The witness's own folder; made if it is not there.")],
    key: Annotated[str, typer.Option(metavar="KEY", help="The log's verifier key, or a file with it.")],
    name: Annotated[
        str | None, typer.Option(help="What the witness is called, at its first start: witness.example.org.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    every: Annotated[float, typer.Option(metavar="SECONDS", min=1, help="How long to wait between looks.")] = 60.0,
    post: Annotated[bool, typer.Option("--post", help="Hand the cosignature to the ledger's address.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a look for programs.")] = False,
) -> None:
    """See that a ledger only grows, and cosign its newest checkpoint. For another office than the one it watches.

    Prints the cosignature. What was cosigned is remembered: a ledger that changes or drops what it had signed is
    refused, and both signed heads are kept as proof. Ends with 1 after a refusal.
    """
    watched = read_key(key, "--key")
    with find_log(log) as found:
        if post and not isinstance(found, LogOnTheWeb):
            raise BadSettings(f"--post: {log} has no address: give the ledger's office the line that is printed")
        look = _look(found, watched, data, name, as_json, post)
        while not once:
            Event().wait(every)
            look = _look_again(found, watched, data, name, as_json, post) or look
    raise typer.Exit(0 if look.cosignature is not None else 1)


def _look_again(*asked: Any) -> Look | None:
    """What keeps one look from happening does not keep the next."""
    try:
        return _look(*asked)
    except BadSettings as error:
        ERRORS.print(f"tocsin: {error}", markup=False, soft_wrap=True)
        return None


def _look(
    found: LogFolder | LogOnTheWeb, watched: VerifierKey, data: Path, name: str | None, as_json: bool, post: bool
) -> Look:
    folder = WitnessFolder(data)
    with folder.held():
        own = folder.get_key(name)
        look = look_once(found, watched, folder, own, int(WallClock().now().timestamp()))
    _tell(look, own.verifier, as_json)
    if post and look.cosignature is not None and isinstance(found, LogOnTheWeb):
        found.post(f"add-cosignature?size={look.size}", f"{look.cosignature}\n".encode())
    return look


def _tell(look: Look, own: VerifierKey, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(look.as_json(own)))
    elif look.cosignature is not None:
        typer.echo(look.cosignature)
        ERRORS.print(f"{look.verdict}: {look.size} entries; witness {own.text}", markup=False, soft_wrap=True)
    else:
        kept = f" Both signed heads are kept in {look.evidence}." if look.evidence is not None else ""
        ERRORS.print(f"tocsin: not cosigned ({look.verdict}): {look.why}.{kept}", markup=False, soft_wrap=True)
