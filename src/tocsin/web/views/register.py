"""The register of models, rules and ratings as the API says it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tocsin.accounting.register import CardKind, Registered
from tocsin.web import schema


def register_view(cards: Iterable[Registered], city: str, now: datetime) -> schema.Register:
    """Every card."""
    found = [_card(one) for one in cards]
    ratings = sum(card.kind == CardKind.RATING.value for card in found)
    return schema.Register(at=now, city=city, cards=found, ratings=ratings)


def _card(one: Registered) -> schema.RegisterCard:
    card, entry = one.card, one.entry
    return schema.RegisterCard.model_validate(
        {
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
            "digest": card.digest,
            "index": None if entry is None else entry.index,
            "since": None if entry is None else entry.since,
            "track": dict(one.track),
        }
    )
