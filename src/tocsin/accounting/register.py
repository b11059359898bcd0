"""Register cards of everything here that forecasts, warns, proposes or simulates, as algorithm registers ask for them.

A card says what a thing is for, what goes in, what it decides and does not, who oversees it and where it fails. Its
digest is in the ledger since the card came into use, so that nobody can change it quietly. Sources: the algorithm
registers of Amsterdam and Helsinki and the Dutch algorithm standard (fields); RFC 8785 (canonical form of the digest).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from tocsin.accounting.canonical import canonical
from tocsin.accounting.entries import EntryDraft, EntryKind, Json
from tocsin.accounting.tally import InUse

Figure: TypeAlias = "str | float | int | bool | None"


class CardKind(StrEnum):
    """What a card is about."""

    MODEL = "model"
    """Learns from data."""
    RULE = "rule"
    """Follows a rule that a person wrote."""
    RATING = "rating"
    """Rates organisations; never a person."""
    SIMULATOR = "simulator"
    """Plays a city; reports no real one."""


@dataclass(frozen=True, slots=True)
class Card:
    """A register card. `settings`: what this house set; `code`: SHA-256 of the source text behind it, in hex."""

    id: str
    kind: CardKind
    name: str
    purpose: str
    data_in: tuple[str, ...]
    decides: str
    does_not: str
    oversight: str
    limits: tuple[str, ...]
    sources: tuple[str, ...] = ()
    settings: Mapping[str, Figure] = field(default_factory=dict)
    code: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the card's canonical JSON, in hex: what the ledger says of it."""
        return hashlib.sha256(canonical(json_of(self))).hexdigest()


@dataclass(frozen=True, slots=True)
class Registered:
    """A card with where the ledger has it, and its record where there is one. `entry` None: the ledger has it not."""

    card: Card
    entry: InUse | None
    track: Mapping[str, Figure] = field(default_factory=dict)


def json_of(card: Card) -> dict[str, Json]:
    """The card as JSON: what its digest is of."""
    return {
        "id": card.id,
        "kind": card.kind.value,
        "name": card.name,
        "purpose": card.purpose,
        "data_in": list(card.data_in),
        "decides": card.decides,
        "does_not": card.does_not,
        "oversight": card.oversight,
        "limits": list(card.limits),
        "sources": list(card.sources),
        "settings": dict(card.settings),
        "code": card.code,
    }


def card_draft(card: Card, now: datetime) -> EntryDraft:
    """The entry that a card came into use."""
    body: dict[str, Json] = {"card": card.id, "card_kind": card.kind.value, "name": card.name, "digest": card.digest}
    return EntryDraft(EntryKind.CARD, now, {**body, "code": card.code})


def new_cards(cards: Iterable[Card], known: Mapping[str, InUse], now: datetime) -> tuple[EntryDraft, ...]:
    """Entries of the cards that the ledger has not, or has otherwise.

    Args:
        known: the newest by card, as `Tally.cards` has them.
    """
    return tuple(
        card_draft(card, now) for card in cards if card.id not in known or known[card.id].digest != card.digest
    )


def registered(
    cards: Iterable[Card], known: Mapping[str, InUse], tracks: Mapping[str, Mapping[str, Figure]]
) -> tuple[Registered, ...]:
    """Cards beside their entries. An entry of another digest is of an earlier version and is not shown.

    Args:
        tracks: records by card.
    """
    found = []
    for card in cards:
        entry = known.get(card.id)
        same = entry is not None and entry.digest == card.digest
        found.append(Registered(card, entry if same else None, tracks.get(card.id, {})))
    return tuple(found)
