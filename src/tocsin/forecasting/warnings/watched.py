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
HOUSE_DEMAND = Trigger(TriggerKind.DEMAND, times_usual=TIMES_USUAL, within_h=WITHIN_H)

About = tuple[str, AreaId | None, str | None]


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

    @property
    def about(self) -> About:
        """What it is about: kind of trigger, area, kind of call."""
        return (self.trigger.kind.value, self.trigger.area, self.trigger.call_kind)

    def is_of(self, warned: Warned) -> bool:
        """Whether the warning came of this trigger."""
        return self.threshold.protocol == warned.threshold.protocol and self.about == about_of(warned)


def list_watched(city: City, probability: float) -> tuple[Watched, ...]:
    """The protocols' triggers in the pack's order, then the house's own demand of the whole city where no protocol
    speaks of it. Surges that no protocol names are found as they come: `house_surge`.

    `probability`: from which the house proposes a warning without a protocol, 0..1.
    """
    watched = tuple(watched_of(protocol) for protocol in city.protocols)
    house = Watched(HOUSE_DEMAND, Threshold(probability))
    spoken = {one.about for one in watched}
    return watched if house.about in spoken else (*watched, house)


def house_surge(trigger: Trigger, probability: float) -> Watched:
    """A surge of the city, an area or a kind that no protocol names."""
    return Watched(trigger, Threshold(probability))


def watched_of(protocol: WarningProtocol) -> Watched:
    """A protocol as it is watched for."""
    return Watched(protocol.trigger, protocol.threshold, protocol.actions, protocol.window_h)


def about_of(warned: Warned) -> About:
    """What a warning is about."""
    return (warned.kind.value, warned.area, warned.call_kind)
