"""How long a call binds a unit of a pack's fleet."""

from __future__ import annotations

import numpy as np

from tocsin.geography.metric import Floats
from tocsin.rehearsal.town import LIGHTS, NORMAL
from tocsin.rehearsal.towns.case import Case


def busy_s_of(case: Case) -> float:
    """Mean seconds from dispatch to available again: turnout, the drive from the nearest home, the scene, and for the
    share that is taken to a hospital the drive there, without lights, and the hand-over."""
    town, law = case.town, case.learned.service.law
    weight = town.demand.sum(axis=0)
    share = weight / weight.sum() if weight.sum() > 0.0 else np.full(town.zones, 1.0 / town.zones)
    homes = town.zones + np.unique(town.home)
    bound_s = town.turnout_s + law.on_scene.mean_s()
    lights = min(1.0, float(sum(case.learned.priorities[: town.lights_up_to])))
    if len(homes):
        for mode, part in ((LIGHTS, lights), (NORMAL, 1.0 - lights)):
            bound_s += part * _mean_s(town.seconds[mode][homes, : town.zones].min(axis=0), share)
    if town.hospitals:
        away = town.seconds[NORMAL][: town.zones, town.zones + town.stations :].min(axis=1)
        bound_s += law.transport_share * (_mean_s(away, share) + law.handover.mean_s())
    return bound_s


def _mean_s(seconds: Floats, share: Floats) -> float:
    """Mean over the zones that are reached."""
    known = np.isfinite(seconds)
    whole = float(share[known].sum())
    return float(seconds[known] @ share[known]) / whole if whole > 0.0 else 0.0
