"""`tocsin verify`: check a ledger or a receipt with nothing but its files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tocsin.accounting.audit import Trust, audit, audit_receipt
from tocsin.accounting.faults import AuditReport, Fault, FaultKind
from tocsin.accounting.notes import VerifierKey, encode_base64
from tocsin.accounting.receipts import MOST_RECEIPT_BYTES, SUFFIX
from tocsin.accounting.tiles import MOST_ENTRY_BYTES
from tocsin.adapters.ledger_files import LedgerBeside, find_log
from tocsin.adapters.stores.schema import LOG_FILE
from tocsin.adapters.stores.sqlite import SqliteLog
from tocsin.cli.show import step_progress
from tocsin.errors import BadProof, BadSettings, LedgerDamaged, LogDamaged


def verify(
    what: Annotated[
        str,
        typer.Argument(
            metavar="X", help="Data folder, folder of a published log, its address, or a receipt (.tlog-proof)."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="The log's verifier key, or a file with it. Get it from elsewhere."),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A checkpoint kept before: the log must contain it.")
    ] = None,
    witness: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="Verifier key of a witness, or a file with it; again for each."),
    ] = None,
    quorum: Annotated[
        int | None, typer.Option(min=0, help="How many of the witnesses must have cosigned; all without it.")
    ] = None,
    entry: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The entry that a receipt is of, if it does not carry it.")
    ] = None,
) -> None:
    """Check that nothing in a ledger was changed, dropped or forked; names the first thing that is wrong.

    Needs the files alone. Of a data folder, the file that the desk reads from and the event log are held against
    the published ledger too. Ends with 1 where something
    is wrong, with 2 where nothing could be checked.
    """
    witnesses = tuple(read_key(each, "--witness") for each in witness or ())
    trust = Trust(
        None if key is None else read_key(key, "--key"),
        None if against is None else _read(against, "--against", 262_144),
        witnesses,
        len(witnesses) if quorum is None else quorum,
    )
    if trust.quorum > len(witnesses):
        raise BadSettings(f"--quorum {trust.quorum} of {len(witnesses)} witnesses: name their keys with --witness")
    report = _receipt(Path(what), trust, entry) if what.endswith(SUFFIX) else _log(what, trust)
    typer.echo(json.dumps(report.as_json()) if as_json else _words(what, report))
    raise typer.Exit(0 if report.ok else 1)


def read_key(text: str, option: str) -> VerifierKey:
    """A verifier key, or the first line of a file with one. Raises: BadSettings naming the option."""
    try:
        if "+" not in text or Path(text).is_file():
            text = _read(Path(text), option, 1024).decode().strip()
        return VerifierKey.parse(text, option)
    except (BadProof, UnicodeError) as error:
        raise BadSettings(f"{option}: no verifier key ({error}): it is written name+id+base64") from error


def _read(path: Path, option: str, most_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most_bytes + 1)
    except OSError as error:
        raise BadSettings(f"{option}: {path}: {error.strerror}: name a file that can be read") from error


def _log(what: str, trust: Trust) -> AuditReport:
    with find_log(what) as log, step_progress("entries") as tell:
        report = audit(log, trust, tell)
    data = Path(what)
    if report.ok and "://" not in what and (data / "ledger").is_dir():
        size = report.size or 0
        return replace(report, fault=_kept_fault(data, size) or _event_log_fault(data, size))
    return report


def _kept_fault(data: Path, size: int) -> Fault | None:
    """Where the ledger's own file, from which the desk reads, is not what is published."""
    try:
        changed = LedgerBeside(data, size).find_changed()
    except (LedgerDamaged, BadProof) as error:
        return Fault(FaultKind.ENTRY, 0, str(error))
    if changed is None:
        return None
    return Fault(FaultKind.ENTRY, changed, "the entry in ledger.sqlite is not the one that is published")


def _event_log_fault(data: Path, size: int) -> Fault | None:
    """Where the event log beside the ledger is not what the ledger anchored; None without one."""
    if not (data / LOG_FILE).is_file():
        return None
    from tocsin.desk.follow import check_log  # the desk takes a while to load, and a published ledger needs none of it

    try:
        log = SqliteLog(data / LOG_FILE, writes=False)
        try:
            changed = check_log(log, LedgerBeside(data, size))
        finally:
            log.close()
    except (LogDamaged, LedgerDamaged, BadProof) as error:
        return Fault(FaultKind.ANCHOR, 0, str(error))
    if changed is None:
        return None
    what = f"event {changed.seq} of the event log is not as it was anchored ({changed.what})"
    return Fault(FaultKind.ANCHOR, changed.entry or 0, what)


def _receipt(path: Path, trust: Trust, entry: Path | None) -> AuditReport:
    if trust.key is None:
        raise BadSettings("a receipt is checked against the log's key: give it with --key")
    data = _read(path, "X", MOST_RECEIPT_BYTES)
    return audit_receipt(data, trust, None if entry is None else _read(entry, "--entry", MOST_ENTRY_BYTES))


def _words(what: str, report: AuditReport) -> str:
    if report.fault is not None:
        return f"{what} does not hold. First at {report.fault.index} ({report.fault.kind}): {report.fault.what}"
    root = encode_base64(report.root or b"")
    entries = "entry" if report.size == 1 else "entries"
    heads = "checkpoint" if report.checkpoints == 1 else "checkpoints"
    lines = [f"{what} holds: {report.size:,} {entries}, {report.checkpoints:,} {heads}, root {root}"]
    if report.pruned:
        lines.append(f"Entries before {report.pruned:,} were deleted under the retention rule; their hashes hold.")
    if report.witnessed is not None:
        lines.append(f"Cosigned by the witnesses up to {report.witnessed:,} entries.")
    return "\n".join(lines)
