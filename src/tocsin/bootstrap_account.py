"""Where a house's accounting is put together: rules, ledger, gate, reviews, exports, and the secrets in files."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from tocsin.accounting.access import Policy
from tocsin.accounting.entries import EntryDraft, EntryKind
from tocsin.accounting.policy import policy_of
from tocsin.accounting.records import Record
from tocsin.accounting.watermark import key_of
from tocsin.adapters.clocks import WallClock
from tocsin.adapters.export import CountsRelease, ExportShelf, FactsRelease, services_of
from tocsin.adapters.ledgers import MemoryLedger, open_ledger
from tocsin.adapters.packs import Pack
from tocsin.adapters.packs.access import read_access
from tocsin.desk.account import Account
from tocsin.desk.cards import CardSettings, cards_of
from tocsin.desk.counted import Counted
from tocsin.desk.disclose import Disclosures
from tocsin.desk.expiry import Expiry
from tocsin.desk.exports import Exports
from tocsin.desk.follow import Follower
from tocsin.desk.residents import Residents
from tocsin.desk.reviews import Reviews
from tocsin.desk.standing import Standing
from tocsin.desk.tasks import Tasks
from tocsin.errors import BadSettings
from tocsin.ports import Clock, EventLog, Ledger, Release

TOKEN_FILE: Final = "token"  # noqa: S105  (a file's name, not a secret)
TOKEN_LEAST: Final = 24
"""Bytes that a token has at least."""
EXPORTS: Final = "exports"
"""Folder of what was released, below the data folder."""
WATERMARK: Final = Record("watermark", "key", None)
"""Where the key of watermarks is among the ledger's private notes."""
SAY_S: Final = 30.0
"""How long the ledger may take for its first entry."""


class HouseSettings(CardSettings, Protocol):
    """What a house sets of its accounting. `bootstrap_settings.Settings` is one."""

    @property
    def privacy_epsilon_a_day(self) -> float: ...


def open_account(
    pack: Pack,
    log: EventLog,
    data: Path | None,
    *,
    settings: HouseSettings,
    clock: Clock | None = None,
    standing: Standing | None = None,
) -> Account:
    """The accounting of a house over its event log. Keys and ledger are made at the first start.

    Args:
        data: the data folder; None keeps everything in memory, as for a replay that leaves nothing behind.
        settings: what the house sets, as its register cards say it.
        standing: asked at each use whether somebody still may; None: the session says so alone.

    Raises: BadSettings; LedgerDamaged, also where the ledger is not what was published; LedgerFull.
    """
    clock = clock or WallClock()
    policy = policy_of(read_access(pack.path))
    ledger: Ledger = MemoryLedger() if data is None else open_ledger(data, ledger_name(pack.city.name))
    try:
        return _put_together(pack, log, data, settings, policy, ledger, clock, standing)
    except BaseException:
        ledger.close()
        raise


def ledger_name(city: str) -> str:
    """What checkpoints call the ledger of a city."""
    return f"tocsin/{city}"


def _put_together(
    pack: Pack,
    log: EventLog,
    data: Path | None,
    settings: HouseSettings,
    policy: Policy,
    ledger: Ledger,
    clock: Clock,
    standing: Standing | None,
) -> Account:
    counted, tasks = Counted(ledger), Tasks()
    _say_policy(policy, ledger, counted, clock)
    residents = Residents(
        policy,
        ledger,
        log,
        clock,
        title=pack.city.title,
        controller=pack.city.controller,
        cards=cards_of(pack.city, settings),
        counted=counted,
    )
    _say_cards(residents, ledger, clock)
    shelf = None if data is None else ExportShelf(data / EXPORTS)
    return Account(
        policy=policy,
        ledger=ledger,
        clock=clock,
        tasks=tasks,
        disclosures=Disclosures(policy, ledger, log, clock, tasks=tasks, standing=standing),
        counted=counted,
        reviews=Reviews(policy, ledger, counted, clock),
        exports=Exports(policy, ledger, clock, shelf, _releases(pack, log, ledger, clock, settings), standing),
        residents=residents,
        expiry=Expiry(policy, ledger, log, clock),
        follower=Follower(log, ledger, clock, roles=policy.access.roles),
    )


def _releases(pack: Pack, log: EventLog, ledger: Ledger, clock: Clock, settings: HouseSettings) -> tuple[Release, ...]:
    """What can leave a house."""
    city, key = pack.city, watermark_key(ledger)
    services = services_of(city)
    limit = settings.privacy_epsilon_a_day
    counts = CountsRelease(log, ledger, clock, city.timezone, tuple(city.areas), services, limit, key)
    return (FactsRelease(log, services, key), counts)


def watermark_key(ledger: Ledger) -> bytes:
    """The house's key of watermarks: made once, kept beside the ledger."""
    kept = ledger.find_record(WATERMARK.space, WATERMARK.id)
    if kept is None or kept.body is None:
        kept = replace(WATERMARK, body={"key": secrets.token_hex(32)})
        ledger.append([], [kept]).result(SAY_S)
    return key_of(kept.body or {})


def _say_policy(policy: Policy, ledger: Ledger, counted: Counted, clock: Clock) -> None:
    """That other rules than before are in force, where they are."""
    access = policy.access
    if counted.ask(lambda tally: tally.policy and tally.policy.digest) == access.digest:
        return
    body = {"policy_set": access.digest, "version": access.version, "faults": list(access.faults)}
    ledger.append([EntryDraft(EntryKind.POLICY, clock.now(), body)]).result(SAY_S)


def _say_cards(residents: Residents, ledger: Ledger, clock: Clock) -> None:
    """Register cards that the ledger has not, or has otherwise."""
    drafts = residents.list_new_cards(clock.now())
    if drafts:
        ledger.append(drafts).result(SAY_S)


def open_token(data: Path) -> str:
    """The token of this data folder: made once, readable by its owner only.

    One that is too short to be ours, as a crash or a full disk may leave it, is made anew: it would open every door.
    Raises: BadSettings when it cannot be kept or read.
    """
    path = data / TOKEN_FILE
    try:
        if not path.exists() or len(path.read_bytes().strip()) < TOKEN_LEAST:
            fresh = path.with_name(f"{TOKEN_FILE}.new")
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(24))
            fresh.replace(path)
        path.chmod(0o600)
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path} cannot be used ({error}): remove it, and a new one is made") from error
