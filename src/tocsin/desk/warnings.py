"""The verb *warn*: propose what is worth it, keep its figures fresh, let it expire. A named role decides the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from tocsin.forecasting.warnings.demand import demand_figures, find_demand_warning, window_of
from tocsin.forecasting.warnings.material import is_material
from tocsin.forecasting.warnings.surge import find_surge_warning, surge_figures
from tocsin.forecasting.warnings.watched import Watched, list_watched
from tocsin.model.city import City
from tocsin.model.commands import Command, ExpireWarning, ProposeWarning, UpdateWarning
from tocsin.model.ids import CommandId
from tocsin.model.origin import Mode, Origin
from tocsin.model.warnings import Figures, TriggerKind, Warned, WarningState
from tocsin.situation.picture import Situation


class WarningDesk:
    """Looks at the picture on a grid of desk time.

    Args:
        probability: from which a warning without a protocol is proposed, 0..1.
    """

    def __init__(self, city: City, mode: Mode, *, probability: float) -> None:
        self._city = city
        self._watched = list_watched(city, probability)
        self._origin = Origin(actor="desk:warnings", role="desk", purpose="emergency_response", mode=mode)

    def over(self, situation: Situation, now: datetime) -> list[Command]:
        """What lets the warnings expire whose window is over."""
        standing = (w for w in situation.warnings.values() if w.standing and w.ends <= now)
        return [ExpireWarning(CommandId(f"warn/expire/{w.warning}"), self._origin, w.warning) for w in standing]

    def due(self, situation: Situation, now: datetime) -> list[Command]:
        """New proposals, and new figures of warnings that stand where those changed materially."""
        return [command for watched in self._watched for command in self._look(situation, watched, now)]

    def _look(self, situation: Situation, watched: Watched, now: datetime) -> Iterator[Command]:
        known = [w for w in situation.warnings.values() if watched.is_of(w) and w.ends > now]
        for warned in known:
            if warned.standing:
                yield from self._refresh(situation, watched, warned, now)
        if not known:
            found = self._find(situation, watched, now)
            if found is not None and found.warning not in situation.warnings:
                yield ProposeWarning(CommandId(f"warn/propose/{found.warning}"), self._origin, found)

    def _find(self, situation: Situation, watched: Watched, now: datetime) -> Warned | None:
        find = find_demand_warning if watched.trigger.kind is TriggerKind.DEMAND else find_surge_warning
        return find(situation, self._city, watched, now)

    def _refresh(self, situation: Situation, watched: Watched, warned: Warned, now: datetime) -> Iterator[Command]:
        figures = self._figures(situation, watched, warned, now)
        if figures is None:
            return
        if warned.state is WarningState.ISSUED:
            figures = replace(figures, ends=warned.ends)  # the end of what a role issued is the role's
        if is_material(warned, figures):
            key = CommandId(f"warn/update/{warned.warning}/{now:%Y%m%dT%H%M%SZ}")
            yield UpdateWarning(key, self._origin, warned.warning, figures)

    def _figures(self, situation: Situation, watched: Watched, warned: Warned, now: datetime) -> Figures | None:
        if watched.trigger.kind is TriggerKind.SURGE:
            return surge_figures(situation, self._city, watched, now)
        window = window_of(warned, watched)
        return None if window is None else demand_figures(situation, self._city, window, now)
