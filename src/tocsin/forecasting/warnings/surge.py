"""Warnings of a surge: the last full hour lies above what the forecast allowed for."""

from __future__ import annotations

from datetime import datetime, timedelta

from tocsin.forecasting.warnings.impact import count_calls, impact_of, rest_of, usual_in
from tocsin.forecasting.warnings.watched import Watched
from tocsin.model.city import City
from tocsin.model.ids import WarningId
from tocsin.model.warnings import Evidence, Figures, Warned, WarningKind
from tocsin.situation.arrivals import hour_of
from tocsin.situation.picture import Situation
from tocsin.forecasting import laws

STANDS = timedelta(hours=2)
"""How long a surge warning stands without news."""
_HOUR = timedelta(hours=1)


def find_surge_warning(situation: Situation, city: City, watched: Watched, now: datetime) -> Warned | None:
    figures = surge_figures(situation, city, watched, now)
    if figures is None or figures.chance < max(0.975, watched.threshold.probability):
        return None
    since = figures.since or now
    return Warned(
        warning=WarningId(f"{watched.key}:{since:%Y%m%dT%H%MZ}"),
        kind=WarningKind.SURGE,
        proposed=now,
        starts=since,
        ends=figures.ends,
        chance=figures.chance,
        threshold=watched.threshold,
        area=watched.trigger.area,
        since=figures.since,
        impact=figures.impact,
        evidence=figures.evidence,
        actions=watched.actions,
    )


def surge_figures(situation: Situation, city: City, watched: Watched, now: datetime) -> Figures | None:
    hour = hour_of(now) - _HOUR
    arrivals, said, demand = situation.arrivals, situation.said, situation.demand
    if arrivals.start is None or said.start is None or demand is None or watched.trigger.area is not None:
        return None
    row, told = int((hour - arrivals.start) // _HOUR), int((hour - said.start) // _HOUR)
    if not (0 <= row < len(arrivals.counts) and 0 <= told < len(said.quantiles)) or said.quantiles[told, -1, 0] < 0:
        return None
    observed = int(arrivals.counts[row].sum())
    chance = float(laws.cdf(observed - 1, said.mean[told, -1], said.dispersion[told, -1]))
    low, high = int(said.quantiles[told, -1, 0]), int(said.quantiles[told, -1, -1])
    evidence = Evidence("evidence_hour", {"observed": observed, "low": low, "high": high, "hour": hour.isoformat()})
    ends = now + STANDS
    rest = rest_of(demand, None, now, ends)
    came = count_calls(situation, None, hour, now)
    impact = None if rest is None else impact_of(situation, city, None, came, rest, usual_in(demand, None, now, ends))
    return Figures(chance, ends, hour, impact, (evidence,))
