"""The verb *warn*: propose what is worth it, keep its figures fresh, let it expire. A named role decides the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from tocsin.desk.surges import SurgeLook
from tocsin.forecasting.protocol import Forecaster, History
from tocsin.forecasting.warnings.demand import demand_figures, find_demand_warning, window_of
from tocsin.forecasting.warnings.material import is_material
from tocsin.forecasting.warnings.surge import Seen, calm_figures, carried_on, find_surge_warning, surge_figures
from tocsin.forecasting.warnings.watched import Watched, house_surge, list_watched
from tocsin.model.city import City
from tocsin.model.commands import Command, ExpireWarning, ProposeWarning, UpdateWarning
from tocsin.model.ids import CommandId
from tocsin.model.origin import Mode, Origin
from tocsin.model.warnings import Figures, Trigger, TriggerKind, Warned, WarningKind, WarningState
from tocsin.situation.picture import Situation

_CITY = Trigger(TriggerKind.SURGE)


class WarningDesk:
    """Looks at the picture on a grid of desk time.

    Args:
        probability: from which a warning without a protocol is proposed, 0..1.
        history: the whole hours known in a picture at a time.
        prior: a forecaster that knows the pack's shape of the week, None without one.
    """

    def __init__(
        self,
        city: City,
        mode: Mode,
        *,
        probability: float,
        history: Callable[[Situation, datetime], History],
        prior: Forecaster | None = None,
    ) -> None:
        self._city = city
        self._probability = probability
        self._watched = list_watched(city, probability)
        self._history = history
        self._surges = SurgeLook(city, prior)
        self._origin = Origin(actor="desk:warnings", role="desk", purpose="emergency_response", mode=mode)

    def over(self, situation: Situation, now: datetime) -> list[Command]:
        """What lets the warnings expire whose window is over."""
        standing = (w for w in situation.warnings.values() if w.standing and w.ends <= now)
        return [ExpireWarning(CommandId(f"warn/expire/{w.warning}"), self._origin, w.warning) for w in standing]

    def due(self, situation: Situation, now: datetime) -> list[Command]:
        """New proposals, and new figures of warnings that stand where those changed materially."""
        return [*self._demand(situation, now), *self._surge(situation, now)]

    def _demand(self, situation: Situation, now: datetime) -> Iterator[Command]:
        for watched in self._watched:
            if watched.trigger.kind is not TriggerKind.DEMAND:
                continue
            known = _open(situation, watched, now)
            for warned in known:
                window = window_of(warned, watched)
                figures = None if window is None else demand_figures(situation, self._city, window, now)
                yield from self._refresh(warned, figures, now)
            if not known:
                yield from self._propose(situation, find_demand_warning(situation, self._city, watched, now))

    def _surge(self, situation: Situation, now: datetime) -> Iterator[Command]:
        surges, usual = self._surges.at(situation, self._history(situation, now), now)
        seen = {one.trigger: one for one in (Seen(surge, usual) for surge in surges)}
        for warned in [w for w in situation.warnings.values() if w.kind is WarningKind.SURGE and w.standing]:
            yield from self._refresh(warned, self._surge_figures(situation, warned, seen, now), now)
        city_wide = _CITY in seen and (seen[_CITY].surge.alarm or self._stands_for_city(situation, now))
        for trigger, one in seen.items():
            # A city-wide surge names the areas and kinds that drive it: they are not told beside it.
            watched = self._watched_for(trigger, city_wide=city_wide)
            if watched is not None and not _open(situation, watched, now):
                found = find_surge_warning(situation, self._city, watched, one, now)
                yield from self._propose(situation, found)

    def _watched_for(self, trigger: Trigger, *, city_wide: bool) -> Watched | None:
        asked = ("surge", trigger.area, trigger.call_kind)
        named = next((watched for watched in self._watched if watched.about == asked), None)
        if named is None and (trigger == _CITY or not city_wide):
            return house_surge(trigger, self._probability)
        return named

    def _stands_for_city(self, situation: Situation, now: datetime) -> bool:
        return any(
            w.kind is WarningKind.SURGE and w.area is None and w.call_kind is None and w.ends > now
            for w in situation.warnings.values()
        )

    def _surge_figures(self, situation: Situation, warned: Warned, seen: dict[Trigger, Seen], now: datetime) -> Figures:
        trigger = Trigger(TriggerKind.SURGE, warned.area, warned.call_kind)
        if trigger not in seen:
            return calm_figures(warned, now)
        watched = self._watched_for(trigger, city_wide=False) or house_surge(trigger, self._probability)
        return carried_on(warned, surge_figures(situation, self._city, watched, seen[trigger], now))

    def _propose(self, situation: Situation, found: Warned | None) -> Iterator[Command]:
        if found is not None and found.warning not in situation.warnings:
            yield ProposeWarning(CommandId(f"warn/propose/{found.warning}"), self._origin, found)

    def _refresh(self, warned: Warned, figures: Figures | None, now: datetime) -> Iterator[Command]:
        if figures is None or not warned.standing or warned.ends <= now:
            return
        if warned.state is WarningState.ISSUED:
            figures = replace(figures, ends=warned.ends)  # the end of what a role issued is the role's
        if is_material(warned, figures):
            key = CommandId(f"warn/update/{warned.warning}/{now:%Y%m%dT%H%M%SZ}")
            yield UpdateWarning(key, self._origin, warned.warning, figures)


def _open(situation: Situation, watched: Watched, now: datetime) -> list[Warned]:
    """Warnings of this trigger whose window is open, whatever became of them: nothing is proposed beside them."""
    return [w for w in situation.warnings.values() if watched.is_of(w) and w.ends > now]
