"""What a report may carry into the open log: no person in an id, no free text as a kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tocsin.adapters.packs.persons import looks_personal
from tocsin.model.city import City
from tocsin.model.never import refusal

UNKNOWN_KIND: Final = "Unknown kind"
"""The kind under which a call is kept whose own the pack does not have; the text that came is sealed."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Vetting:
    """`kinds`: call kinds of the pack; None passes every kind. `ids`: units, areas and hospitals of the pack, whatever
    they look like."""

    kinds: frozenset[str] | None = None
    ids: frozenset[str] = frozenset()

    @classmethod
    def of(cls, city: City) -> Vetting:
        """By what this city has."""
        kinds = frozenset(card.kind for card in city.call_kinds)
        return cls(kinds, frozenset((*city.units, *city.areas, *city.hospitals)))

    def find_personal(self, value: str) -> str | None:
        """What the id looks like when it may name a person: an e-mail address, a telephone number, a number plate."""
        return None if value in self.ids else looks_personal(value)

    def open_kind(self, kind: str) -> str:
        """The kind as the log may say it in the open. A refused kind stays: the desk refuses it, sealed."""
        if self.kinds is None or kind in self.kinds or refusal(kind) is not None:
            return kind
        return UNKNOWN_KIND


def has_control(value: str) -> bool:
    """Whether an id holds a control character, a line break for one."""
    return _CONTROL.search(value) is not None
