"""`tocsin policy`: what each role can do with which data for what, and what a change of the rules changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from tocsin.cli.show import fail

if TYPE_CHECKING:
    from tocsin.accounting.access import Access
    from tocsin.accounting.policy.cells import Change, Row

policy = typer.Typer(name="policy", help="Rules of access: who may do what with which data for what.")


@policy.callback()
def _policy() -> None:
    """Rules of access: who may do what with which data for what."""


@policy.command()
def check(
    pack: Annotated[
        str | None,
        typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack. Without: Tocsin's own rules."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="OLD", help="Say what changed: a pack, `base`, or a file that --json wrote earlier."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs, with every cell.")] = False,
) -> None:
    """Say in words what each role can do, and what changed. Ends with 1 where the rules cannot be used."""
    from tocsin.accounting.policy import CedarPolicy
    from tocsin.accounting.policy.cells import list_changes
    from tocsin.accounting.policy.matrix import rows_of
    from tocsin.errors import BadAccess

    access = _access(pack)
    before = None if against is None else _rows(against)
    try:
        rows = rows_of(CedarPolicy(access))
    except BadAccess as error:
        _refuse(access, error.faults, as_json)
        raise typer.Exit(1) from error
    changes = None if before is None else list_changes(before, rows)
    if as_json:
        typer.echo(json.dumps(_json(access, rows, changes)))
    else:
        _show(access, rows, changes, Console(highlight=False))


def _access(pack: str | None) -> Access:
    from tocsin.adapters.packs import find_pack, read_access

    return read_access(None if pack in (None, "base") else find_pack(str(pack)))


def _rows(old: str) -> tuple[Row, ...]:
    """The cells of another version of the rules.

    Raises: BadPack when it is neither a pack nor a file of cells.
    """
    from tocsin.accounting.policy import CedarPolicy
    from tocsin.accounting.policy.cells import rows_from_lines
    from tocsin.accounting.policy.matrix import rows_of
    from tocsin.errors import BadAccess

    if not Path(old).is_file():
        try:
            return rows_of(CedarPolicy(_access(old)))
        except BadAccess as error:
            fail(f"--against {old}: its rules cannot be used, so nothing can be held against them: {error}")
    try:
        lines = json.loads(Path(old).read_text(encoding="utf-8"))["cells"]
        return rows_from_lines("\t".join(line) for line in lines)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        fail(f"--against {old}: no file of cells ({error}); `tocsin policy check --json` writes one")


def _refuse(access: Access, faults: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"ok": False, "faults": list(faults), "digest": access.digest}))
        return
    console = Console(highlight=False)
    console.print(Text("The rules cannot be used, so everything is refused:", style="bold"))
    for fault in faults:
        console.print(Text(f"  {fault}"), soft_wrap=True)


def _json(access: Access, rows: tuple[Row, ...], changes: tuple[Change, ...] | None) -> dict[str, Any]:
    from tocsin.accounting.policy.cells import as_lines
    from tocsin.accounting.policy.words import sentence_of, sentences_of

    told = {
        "ok": True,
        "faults": [],
        "digest": access.digest,
        "version": access.version,
        "roles": [
            {"role": role.id, "title": role.title, "what": role.what, "can": list(sentences_of(access, role.id, rows))}
            for role in access.roles.values()
        ],
        "cells": [line.split("\t") for line in as_lines(rows)],
    }
    if changes is not None:
        for name, granted in (("granted", True), ("taken", False)):
            told[name] = [sentence_of(access, change) for change in changes if change.granted is granted]
    return told


def _show(access: Access, rows: tuple[Row, ...], changes: tuple[Change, ...] | None, console: Console) -> None:
    from tocsin.accounting.policy.words import sentence_of, sentences_of

    if changes is not None:
        for title, granted in (("Granted", True), ("Taken away", False)):
            told = [sentence_of(access, change) for change in changes if change.granted is granted]
            _list(console, f"{title}: {len(told) or 'nothing'}", told)
        console.print()
    for role in access.roles.values():
        _list(console, f"{role.title} ({role.id}): {role.what}", sentences_of(access, role.id, rows))
    console.print(Text(f"Rules: {access.version}, SHA-256 {access.digest}"))


def _list(console: Console, title: str, lines: list[str] | tuple[str, ...]) -> None:
    console.print(Text(title, style="bold"))
    for line in lines:
        console.print(Text(f"  {line}"), soft_wrap=not console.is_terminal)
