"""How long calls bind a fleet: from the record where it holds enough, else from the pack, else assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from tocsin.model.city import City
from tocsin.model.service import Duration, DurationLaw, ServiceLaw
from tocsin.rehearsal.towns.fleet import Fleet

FEWEST = 20
"""Valid durations below which the record does not make a law."""
ASSUMED = ServiceLaw(
    DurationLaw.constant(60.0),
    DurationLaw(Duration.LOGNORMAL, 900.0, 0.6),
    0.6,
    DurationLaw(Duration.LOGNORMAL, 1_200.0, 0.5),
)
"""Where neither record nor pack says anything: a minute to dispatch, a quarter of an hour on scene, three of five
patients taken to a hospital and twenty minutes there."""


@dataclass(frozen=True, slots=True)
class LearnedService:
    """`sources`: field of `ServiceLaw` to `record`, `pack` or `assumed`."""

    law: ServiceLaw
    sources: Mapping[str, str]


def service_of(city: City, learned_from: pl.DataFrame, fleet: Fleet, hospitals: int) -> LearnedService:
    """The law of a fleet's service. `learned_from`: rows of `Record.calls` of the learning span.

    Without hospitals nobody is taken to one."""
    stated = next((s for s in (city.find_service(None, kind) for kind in fleet.kinds) if s is not None), None)
    beside = stated or ASSUMED
    sources: dict[str, str] = {}
    laws = {}
    for name, column in (("delay_s", "delay_s"), ("on_scene", "on_scene_s"), ("handover", "handover_s")):
        values = learned_from[column].drop_nulls().to_numpy()
        enough = len(values) >= FEWEST
        laws[name] = DurationLaw.empirical(values) if enough else getattr(beside, name)
        sources[name] = "record" if enough else "assumed" if stated is None else "pack"
    carried = learned_from["transport"].drop_nulls().to_numpy()
    share = float(np.mean(carried)) if len(carried) >= FEWEST else beside.transport_share
    sources["transport_share"] = "record" if len(carried) >= FEWEST else "assumed" if stated is None else "pack"
    if hospitals == 0:
        share, sources["transport_share"] = 0.0, "no hospitals"
    return LearnedService(ServiceLaw(laws["delay_s"], laws["on_scene"], share, laws["handover"]), sources)
