"""Reads the run cards of pack.toml (`[[call_kinds]]`) and refuses the kinds that Tocsin never takes."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.keys import FILE, Keys
from tocsin.adapters.packs.tables import CONTROL, LONGEST_KIND, REFUSED_ADVICE
from tocsin.model.city import CallKind, Need, Service
from tocsin.model.ids import UnitKindId
from tocsin.model.never import refusal

MOST_URGENT, LEAST_URGENT = 1, 9
_POLICE = ("police", "law", "crime", "security")


def read_cards(keys: Keys, unit_kinds: Collection[str]) -> tuple[CallKind, ...]:
    """Every run card in the pack's order; faulty ones are left out."""
    cards: list[CallKind] = []
    for inner in keys.each_of("call_kinds"):
        card = _read_card(inner, unit_kinds)
        inner.close()
        if card is None:
            continue
        if any(earlier.kind == card.kind and _covers(earlier, card) for earlier in cards):
            message = (
                f"an earlier card takes every call of {card.kind!r} that this one could take: order them by priority"
            )
            inner.findings.warn(
                FILE, WarningCode.CARD_NEVER_REACHED, message, row=inner.row, column="call_kinds.when_priority"
            )
        cards.append(card)
    return tuple(cards)


def _covers(earlier: CallKind, later: CallKind) -> bool:
    if not earlier.when_priority:
        return True
    return bool(later.when_priority) and set(later.when_priority) <= set(earlier.when_priority)


def _read_card(keys: Keys, unit_kinds: Collection[str]) -> CallKind | None:
    kind = keys.text("kind", required=True)
    why = None if kind is None else refusal(kind)
    if why is not None:
        message = f"the call kind {kind!r} is refused: {why}; {REFUSED_ADVICE}"
        keys.findings.fault(FILE, FaultCode.REFUSED_KIND, message, row=keys.row, column="call_kinds.kind")
    if kind is not None and (len(kind) > LONGEST_KIND or re.search(CONTROL, kind)):
        message = f"is over {LONGEST_KIND} characters long or holds control characters: shorten or clean it"
        keys.findings.fault(FILE, FaultCode.BAD_ID, message, row=keys.row, column="call_kinds.kind")
    card = CallKind(
        kind=kind or "",
        service=_read_service(keys, kind or "?"),
        priority=keys.whole("priority", default=1, least=MOST_URGENT, most=LEAST_URGENT),
        target_s=keys.number("target_s", above=0.0),
        needs=_read_needs(keys, unit_kinds),
        when_priority=_read_priorities(keys),
    )
    return card if kind and why is None else None


def _read_service(keys: Keys, kind: str) -> Service | None:
    text = keys.text("service")
    if text is None:
        message = f"the kind {kind!r} declares no service: add one of {', '.join(Service)}"
        keys.findings.warn(FILE, WarningCode.KIND_WITHOUT_SERVICE, message, row=keys.row, column="call_kinds.service")
        return None
    if text in tuple(Service):
        return Service(text)
    if text.lower() in _POLICE:
        message = f"the service {text!r} is refused: Tocsin takes no police calls (docs/concepts/never.md)"
        keys.findings.fault(FILE, FaultCode.REFUSED_KIND, message, row=keys.row, column="call_kinds.service")
    else:
        keys.bad("service", f"{text!r} is no service: use one of {', '.join(Service)}")
    return None


def _read_needs(keys: Keys, unit_kinds: Collection[str]) -> tuple[Need, ...]:
    needs = []
    for inner in keys.each_of("needs"):
        kind = inner.text("kind", required=True)
        substitutes = _list_of(inner, "substitutes", str)
        for name in ([kind] if kind else []) + substitutes:
            if unit_kinds and name not in unit_kinds:
                message = f"{name!r} is no unit kind of this pack: add [unit_kinds.{name}] or correct it"
                inner.findings.fault(
                    FILE, FaultCode.UNKNOWN_UNIT_KIND, message, row=inner.row, column="call_kinds.needs"
                )
        count = inner.whole("count", default=1, least=1)
        skills = tuple(_list_of(inner, "skills", str))
        inner.close()
        if kind:
            needs.append(Need(UnitKindId(kind), count, tuple(UnitKindId(name) for name in substitutes), skills))
    return tuple(needs)


def _read_priorities(keys: Keys) -> tuple[int, ...]:
    values = _list_of(keys, "when_priority", int)
    wrong = [value for value in values if not MOST_URGENT <= value <= LEAST_URGENT]
    if wrong:
        keys.bad("when_priority", f"{wrong[0]!r} is no priority from {MOST_URGENT} to {LEAST_URGENT}")
    return tuple(values)


def _list_of(keys: Keys, key: str, kind: type) -> list[Any]:
    values = keys.take(key)
    if values is None:
        return []
    if isinstance(values, list) and all(type(value) is kind for value in values):
        return values
    keys.bad(key, f"{values!r} is no list of {'texts' if kind is str else 'whole numbers'}")
    return []
