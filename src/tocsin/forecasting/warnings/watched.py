"""What is watched for: the triggers of the pack's protocols, and the house's own where no protocol speaks."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.model.city import City
from tocsin.model.ids import AreaId
from tocsin.model.warnings import Action, Threshold, Trigger, TriggerKind, Warned, WarningProtocol

TIMES_USUAL = 1.5
WITHIN_H = 6
"""The house's own demand warning: more than 1.5 times what is usual in the whole city within 6 h."""
HOUSE = "house"
_HOUSE_TRIGGERS = (
    Trigger(TriggerKind.SURGE),
    Trigger(TriggerKind.DEMAND, times_usual=TIMES_USUAL, within_h=WITHIN_H),
)


@dataclass(frozen=True, slots=True)
class Watched:
    """One trigger with the probability from which it is proposed, and the actions tied to it."""

    trigger: Trigger
    threshold: Threshold
    actions: tuple[Action, ...] = ()
    window_h: float | None = None

    @property
    def key(self) -> str:
        """Names the trigger among those of a city: the start of the id of its warnings."""
        trigger, by = self.trigger, self.threshold.protocol or HOUSE
        parts = [trigger.kind.value, by, trigger.area or "city", *([trigger.call_kind] if trigger.call_kind else [])]
        return ":".join(parts)

    def is_of(self, warned: Warned) -> bool:
        """Whether the warning came of this trigger."""
        asked = (self.trigger.kind.value, self.threshold.protocol, self.trigger.area, self.trigger.call_kind)
        return asked == (warned.kind.value, warned.threshold.protocol, warned.area, warned.call_kind)


def list_watched(city: City, probability: float) -> tuple[Watched, ...]:
    """The protocols' triggers in the pack's order; then the house's own, for each kind that no protocol names.

    `probability`: from which the house proposes a warning without a protocol, 0..1.
    """
    watched = tuple(watched_of(protocol) for protocol in city.protocols)
    spoken = {one.trigger.kind for one in watched}
    house = (Watched(t, Threshold(probability)) for t in _HOUSE_TRIGGERS if t.kind not in spoken)
    return (*watched, *house)


def watched_of(protocol: WarningProtocol) -> Watched:
    """A protocol as it is watched for."""
    return Watched(protocol.trigger, protocol.threshold, protocol.actions, protocol.window_h)


def row_of(city: City, area: AreaId | None) -> int | None:
    """The area's row in arrays by area, the last row (the city's) for None; None for an area that is not there."""
    if area is None:
        return len(city.areas)
    return next((row for row, known in enumerate(city.areas) if known == area), None)
