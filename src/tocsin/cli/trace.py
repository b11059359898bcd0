"""`tocsin trace`: which export a file is that was found somewhere."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tocsin.cli.show import fail


def trace(
    file: Annotated[Path, typer.Argument(help="The file that was found: a zip, its calls or its counts.")],
    data: Annotated[Path, typer.Option(help="Data folder of a desk that does not run now.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Find the export that a file is, by its digest or its watermark, and who agreed to it. Exit status 1 where none
    is sure."""
    from tocsin.accounting.approvals import read
    from tocsin.accounting.watermark import Match, best_of
    from tocsin.adapters.export import find_city, match_file
    from tocsin.adapters.ledgers import open_ledger
    from tocsin.adapters.ledgers.schema import LEDGER_FILE
    from tocsin.bootstrap_account import ledger_name, watermark_key
    from tocsin.desk.exports import SPACE

    if not file.is_file():
        fail(f"{file}: there is no such file")
    city = find_city(data)
    if city is None or not (data / LEDGER_FILE).is_file():
        fail(f"--data {data}: no ledger there. Name the data folder that the file may have come from.")
    ledger = open_ledger(data, ledger_name(city))
    try:
        exports = {record.id: read(record.body or {}) for record in ledger.list_records(SPACE)}
        whole = [one.id for one in exports.values() if one.left is not None and one.left.sha256 == _digest(file)]
        found = Match(whole[0], 1, 1, 0.0) if whole else best_of(match_file(file, watermark_key(ledger), exports))
    finally:
        ledger.close()
    export = None if found is None else exports[found.export]
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "export": None if export is None else export.id,
                    "rows": None if found is None else found.rows,
                    "agree": None if found is None else found.agree,
                    "chance": None if found is None else found.chance,
                    "recipient": None if export is None else export.recipient,
                    "entries": [] if export is None else list(export.entries),
                }
            )
        )
    elif found is None or export is None:
        Console(highlight=False).print(f"{file.name} matches none of {len(exports)} exports so that one could be sure.")
    else:
        agreed = ", ".join(f"{vote.role} of {vote.office} (entry {vote.entry})" for vote in export.approvals)
        Console(highlight=False).print(
            f"{file.name} is export {export.id}, for {export.recipient}, agreed to by {agreed}: "
            + (
                "it is the file as it left, byte by byte."
                if whole
                else f"{found.agree} of {found.rows} marks match; by chance so many would with probability "
                f"{found.chance:.1e}."
            )
        )
    if found is None:
        raise typer.Exit(1)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
