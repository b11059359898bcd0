"""The register cards of a house: texts of `texts/cards.toml`, with what code, pack and settings say of themselves.

A card's version follows from the source text behind it and from the settings, so that neither changes without a new
card in the ledger. The pack's rules (run cards, warning protocols) have cards of their own.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Protocol

import msgspec

from tocsin.accounting.register import Card, CardKind, Figure
from tocsin.forecasting.scoring.summary import is_enough, row_of, warning_rows
from tocsin.model.city import CallKind, City
from tocsin.model.warnings import WarningProtocol
from tocsin.situation.track import Track

TEXTS: Final = "cards.toml"


class CardSettings(Protocol):
    """What a house sets that its cards say. `bootstrap_settings.Settings` is one."""

    @property
    def warning_probability(self) -> float: ...
    @property
    def moves_per_h(self) -> int: ...
    @property
    def empty_min_per_h(self) -> float: ...
    @property
    def seed(self) -> int: ...


def cards_of(city: City, settings: CardSettings) -> tuple[Card, ...]:
    """Every card of a house: models and rules that ship, then the pack's run cards and protocols."""
    said: Mapping[str, Mapping[str, Figure]] = {
        "demand_forecast": {"week_shape_of_the_pack": city.week_shape is not None, "country": city.country},
        "surge_detector": {"warning_probability": settings.warning_probability},
        "dispatch_look_ahead": {"seed": settings.seed},
        "move_ups": {"moves_per_h": settings.moves_per_h, "empty_min_per_h": settings.empty_min_per_h},
    }
    shipped = (_shipped(card, text, said.get(card, {})) for card, text in _texts().items())
    return (*shipped, _run_cards(city.call_kinds), *map(_protocol, city.protocols))


def tracks_of(track: Track) -> Mapping[str, Mapping[str, Figure]]:
    """What the desk's own record says of its models, by card; nothing before there is enough of it."""
    if not is_enough(track):
        return {}
    whole = row_of("all", "all", track.horizons.sum(axis=0))
    found: dict[str, Mapping[str, Figure]] = {
        "demand_forecast": {
            "hours": track.hours,
            "coverage_80": whole.coverage_80,
            "promised": whole.promised,
            "pinball": whole.pinball,
            "gain": whole.gain,
        }
    }
    for row in warning_rows(track):
        if row.kind == "surge" and row.proposed:
            figures: dict[str, Figure] = {"proposed": row.proposed, "issued": row.issued, "over": row.over}
            found["surge_detector"] = {**figures, "came": row.came}
    return found


def _shipped(card: str, text: Mapping[str, Any], settings: Mapping[str, Figure]) -> Card:
    return Card(
        id=card,
        kind=CardKind(text["kind"]),
        name=text["name"],
        purpose=text["purpose"],
        data_in=tuple(text["data_in"]),
        decides=text["decides"],
        does_not=text["does_not"],
        oversight=text["oversight"],
        limits=tuple(text["limits"]),
        sources=tuple(text["sources"]),
        settings=settings,
        code=code_digest(tuple(text["code"])),
    )


def _run_cards(kinds: Iterable[CallKind]) -> Card:
    rules = list(kinds)
    return Card(
        id="run_cards",
        kind=CardKind.RULE,
        name="Run cards of the pack",
        purpose="Which units a kind of call asks for, how urgent it is, and how soon somebody should be there.",
        data_in=("Kind and priority of a call",),
        decides="What a proposal asks for. People send.",
        does_not="No card is about a person or an address.",
        oversight="Whoever writes the city's pack; the dispatcher may always take others.",
        limits=("A kind that no card names gets a proposal of nothing, and says so.",),
        sources=("docs/concepts/plans.md",),
        settings={"cards": len(rules)},
        code=_digest_of(rules),
    )


def _protocol(protocol: WarningProtocol) -> Card:
    trigger = protocol.trigger
    return Card(
        id=f"protocol:{protocol.name}",
        kind=CardKind.RULE,
        name=protocol.title,
        purpose="When a warning is worth proposing, and what could be done then.",
        data_in=("The surge detector",) if trigger.kind == "surge" else ("The demand forecast",),
        decides="When a warning is proposed: from the probability at which acting pays. A named role issues it.",
        does_not="It starts no action by itself.",
        oversight="Whoever writes the city's pack; the watch officer decides about each warning.",
        limits=("Its cost and loss are judgements of the city, in any one unit.",),
        sources=("docs/how-to/write-a-protocol.md",),
        settings={
            "trigger": trigger.kind.value,
            "area": trigger.area,
            "call_kind": trigger.call_kind,
            "cost": protocol.cost,
            "loss": protocol.loss,
            "probability": protocol.threshold.probability,
            "actions": len(protocol.actions),
        },
        code=_digest_of(protocol),
    )


def _digest_of(value: object) -> str:
    """SHA-256 of a value of the model as JSON with sorted keys, in hex."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, Any]]:
    text = files("tocsin").joinpath("texts", TEXTS).read_text(encoding="utf-8")
    return tomllib.loads(text)


@lru_cache(maxsize=64)
def code_digest(parts: tuple[str, ...]) -> str:
    """SHA-256 over the Python text of folders and files below the package, each with its name, in hex.

    Raises: FileNotFoundError for a part that is not there.
    """
    digest = hashlib.sha256()
    for part in parts:
        for name, data in sorted(_sources(part)):
            digest.update(f"{name}\n{len(data)}\n".encode() + data)
    return digest.hexdigest()


def _sources(part: str) -> Iterator[tuple[str, bytes]]:
    place = files("tocsin").joinpath(*part.split("/"))
    if place.is_file():
        yield part, place.read_bytes()
        return
    if not place.is_dir():
        raise FileNotFoundError(f"{part}: a register card names it, and it is not there")
    for inner in place.iterdir():
        if inner.is_dir() and inner.name != "__pycache__":
            yield from _sources(f"{part}/{inner.name}")
        elif inner.name.endswith(".py"):
            yield f"{part}/{inner.name}", inner.read_bytes()
