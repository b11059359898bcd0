"""`tocsin account`: what a city owes its residents, worked out from the published ledger and the pack's rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from tocsin.cli.show import ERRORS, fail, step_progress

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import BaseModel

    from tocsin.accounting.access import Access
    from tocsin.accounting.account import LogHead
    from tocsin.accounting.tally import Tally
    from tocsin.model.city import Controller

DEMO_DATA = Path(".tocsin") / "demo"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an account is worked out from: a ledger as counted, and rules as read."""

    tally: Tally
    head: LogHead
    access: Access
    title: str
    controller: Controller
    folder: Path | None
    """The pack's; None without one."""
    now: datetime


def account(
    public: Annotated[bool, typer.Option("--public", help="Which data, for what, how often, by which office.")] = False,
    processing: Annotated[
        bool, typer.Option("--processing", help="Record of processing activities, GDPR Art. 30.")
    ] = False,
    impact: Annotated[bool, typer.Option("--impact", help="Data-protection impact sheet, GDPR Art. 35.")] = False,
    register: Annotated[
        bool, typer.Option("--register", help="Register cards of every model and rule; wants the pack.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(metavar="D", help="Data folder of a desk, or folder of a published ledger.")
    ] = None,
    url: Annotated[str | None, typer.Option(metavar="U", help="Address of a desk: its public ledger is read.")] = None,
    pack: Annotated[
        str | None, typer.Option(help="The city's pack: its rules and its words. A shipped one is found by itself.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, as the API gives it.")] = False,
    json_ld: Annotated[bool, typer.Option("--json-ld", help="With --processing: for exchange, DPV and DCAT.")] = False,
) -> None:
    """Give the account that residents are owed: --public unless another one is asked for.

    It needs no more than what is published: the ledger, and the pack's rules. `tocsin verify` says whether the ledger
    is whole. Without --data or --url the demo's data folder is read.
    """
    if sum((public, processing, impact, register)) > 1:
        fail("ask for one of --public, --processing, --impact and --register")
    if json_ld and not processing:
        fail("--json-ld is a form of --processing")
    if data is not None and url is not None:
        fail("name --data or --url, one of the two")
    asked = _ask(data, url, pack)
    if json_ld:
        typer.echo(json.dumps(_exchange(asked), ensure_ascii=False))
        return
    found = _processing(asked) if processing else _impact(asked) if impact else None
    found = found or (_register(asked) if register else _public(asked))
    if as_json:
        typer.echo(found.model_dump_json())
    else:
        from tocsin.cli.account_page import show

        show(found, Console(highlight=False))


def _ask(data: Path | None, url: str | None, pack: str | None) -> Asked:
    from tocsin.adapters.clocks import WallClock
    from tocsin.adapters.packs import find_pack, read_access
    from tocsin.adapters.packs.manifest import read_manifest
    from tocsin.adapters.packs.report import Findings

    folder = find_pack(pack) if pack is not None else None if url is not None else _shipped_pack(data or DEMO_DATA)
    manifest = None if folder is None else read_manifest(folder, Findings())
    access = read_access(folder)
    tally, head = _counted(data, url)
    if tally.policy is not None and tally.policy.digest != access.digest:
        _warn("the rules read here are not those of the ledger: name the city's pack with --pack")
    return Asked(
        tally,
        head,
        access,
        title="" if manifest is None else manifest.title,
        controller=_nobody() if manifest is None else manifest.controller,
        folder=folder,
        now=WallClock().now(),
    )


def _nobody() -> Controller:
    from tocsin.model.city import Controller

    return Controller()


def _shipped_pack(data: Path) -> Path | None:
    """The shipped pack that a data folder is of; None where it is of another city."""
    from tocsin.adapters.export import find_city
    from tocsin.adapters.packs import find_pack
    from tocsin.errors import BadPack

    name = find_city(data)
    try:
        return None if name is None else find_pack(name)
    except BadPack:
        return None


def _counted(data: Path | None, url: str | None) -> tuple[Tally, LogHead]:
    """Counts of the ledger at a folder or an address. Raises: BadSettings; BadProof; LedgerDamaged."""
    from tocsin.accounting.account import LogHead
    from tocsin.accounting.tally import Tally
    from tocsin.adapters.ledger_files import find_log
    from tocsin.adapters.ledger_files.reading import read_published

    if data is None and url is None and not (DEMO_DATA / "ledger").is_dir():
        _warn("no desk has run here: this is the account of an empty ledger. Name one with --data or --url")
        return Tally(), LogHead(0)
    where = str(data or DEMO_DATA) if url is None else _ledger_at(url)
    with ExitStack() as stack:
        log = find_log(where)
        if url is not None:
            stack.callback(log.close)  # type: ignore[union-attr]  # an address is a log on the web
        published, tally = read_published(log), Tally()
        with step_progress("Reading the ledger") as step:
            for entry in published.entries(step):
                tally.add(entry)
    return tally, published.head


def _ledger_at(url: str) -> str:
    plain = url.rstrip("/")
    return plain if plain.endswith("/ledger") else f"{plain}/ledger"


def _warn(text: str) -> None:
    ERRORS.print(f"tocsin: {text}", markup=False, soft_wrap=True)


def _public(asked: Asked) -> BaseModel:
    from tocsin.accounting.account import account_of
    from tocsin.web.views.account import account_view

    return account_view(account_of(asked.tally, asked.access, asked.controller, asked.head, asked.now), asked.title)


def _processing(asked: Asked) -> BaseModel:
    from tocsin.web.views.account import processing_view

    return processing_view(_record(asked), asked.title)


def _exchange(asked: Asked) -> Mapping[str, Any]:
    from tocsin.accounting.exchange import exchange_form

    return exchange_form(_record(asked), asked.title)


def _impact(asked: Asked) -> BaseModel:
    from tocsin.accounting.impact import impact_of
    from tocsin.web.views.account import impact_view

    return impact_view(impact_of(_record(asked), _openings(asked), asked.tally, asked.head), asked.title)


def _register(asked: Asked) -> BaseModel:
    from tocsin.accounting.register import registered
    from tocsin.adapters.packs import load_pack
    from tocsin.bootstrap_settings import read_settings
    from tocsin.desk.cards import cards_of
    from tocsin.web.views.register import register_view

    if asked.folder is None:
        fail("--register wants the city's pack, whose run cards and protocols are rules too: name it with --pack")
    cards = cards_of(load_pack(asked.folder).city, read_settings(Path()))
    return register_view(registered(cards, asked.tally.cards, {}), asked.title, asked.now)


def _record(asked: Asked) -> Any:
    from tocsin.accounting.processing import processing_of

    return processing_of(asked.access, _openings(asked), asked.tally, asked.controller, asked.now)


def _openings(asked: Asked) -> Any:
    from tocsin.accounting.openings import openings_of
    from tocsin.accounting.policy import policy_of

    return openings_of(policy_of(asked.access), asked.now)
