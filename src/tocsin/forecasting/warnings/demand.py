"""Warnings of demand: the chance that a window brings more calls than its trigger allows for, by the forecast's law."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.forecasting.warnings.impact import Place, count_calls, impact_of, rest_of, usual_in
from tocsin.forecasting.warnings.watched import Watched
from tocsin.model.city import City
from tocsin.model.forecast import Demand
from tocsin.model.ids import WarningId
from tocsin.model.warnings import Evidence, Figures, Impact, Warned, WarningKind
from tocsin.situation.picture import Situation

FRESH = timedelta(minutes=5)
"""A warning of demand is proposed only while the forecast that it rests on is so young, once an hour."""


@dataclass(frozen=True, slots=True)
class Window:
    """Hours `[starts, ends)` of a place: `usual` calls, and more than `over` are too many."""

    place: Place
    starts: datetime
    ends: datetime
    usual: float
    over: int


def find_demand_warning(situation: Situation, city: City, watched: Watched, now: datetime) -> Warned | None:
    """A warning worth proposing, by the forecast issued on this hour; None where the chance is under the threshold.

    A forecast with a note (`wide_prior`) is wide because it knows little: it is no ground to act on."""
    demand = situation.demand
    if demand is None or demand.note is not None or not timedelta(0) <= now - demand.issued < FRESH:
        return None
    window = next_window(demand, watched)
    figures = None if window is None else demand_figures(situation, city, window, now)
    if window is None or figures is None or figures.chance < watched.threshold.probability:
        return None
    return Warned(
        warning=WarningId(f"{watched.key}:{window.starts:%Y%m%dT%H%MZ}"),
        kind=WarningKind.DEMAND,
        proposed=now,
        starts=window.starts,
        ends=window.ends,
        chance=figures.chance,
        threshold=watched.threshold,
        area=window.place.area,
        call_kind=window.place.call_kind,
        impact=figures.impact,
        evidence=figures.evidence,
        actions=watched.actions,
        calls_over=window.over,
    )


def next_window(demand: Demand, watched: Watched) -> Window | None:
    """The hours that the trigger speaks of, from the forecast's first on; None where nothing is usual there."""
    trigger = watched.trigger
    starts, ends = demand.start, demand.start + timedelta(hours=trigger.within_h)
    place = Place(trigger.area, trigger.call_kind)
    usual = usual_in(demand, place, starts, ends)
    if trigger.calls_over is not None:
        return Window(place, starts, ends, usual, trigger.calls_over)
    if trigger.times_usual is None or usual <= 0:
        return None
    return Window(place, starts, ends, usual, math.floor(trigger.times_usual * usual))


def window_of(warned: Warned, watched: Watched) -> Window | None:
    """The hours that a warning spoke of when it was proposed, wherever a role moved its end to."""
    if warned.calls_over is None or warned.impact is None:
        return None
    ends = warned.starts + timedelta(hours=watched.trigger.within_h)
    return Window(Place(warned.area, warned.call_kind), warned.starts, ends, warned.impact.usual, warned.calls_over)


def demand_figures(situation: Situation, city: City, window: Window, now: datetime) -> Figures | None:
    """Chance, impact and evidence of a window as they are now: what came of it counts, the rest is forecast.

    None where the newest forecast does not reach that far, or the window is over."""
    demand, begun = situation.demand, max(window.starts, now)
    rest = None if demand is None else rest_of(demand, window.place, begun, window.ends)
    if demand is None or rest is None:
        return None
    came = count_calls(situation, window.place, window.starts, begun)
    chance = rest.chance_over(window.over - came)
    impact = impact_of(situation, city, window.place, came, rest, window.usual)
    return Figures(chance, window.ends, None, impact, tuple(_evidence(demand, window, chance, impact, came, now)))


def _evidence(
    demand: Demand, window: Window, chance: float, impact: Impact, came: int, now: datetime
) -> list[Evidence]:
    starts = window.starts.isoformat()
    lines = [Evidence("evidence_forecast", _forecast_values(window, chance, impact))]
    if now > window.starts:
        lines.append(Evidence("evidence_came", {"came": came, "start": starts, "now": now.isoformat()}))
    if demand.recent is not None and len(demand.recent):
        times = round(float(demand.recent[0]), 2)
        lines.append(Evidence("evidence_recent" if times >= 1.0 else "evidence_recent_against", {"times": times}))
    if demand.note is not None:
        lines.append(Evidence(demand.note, {}))
    return lines


def _forecast_values(window: Window, chance: float, impact: Impact) -> dict[str, str | float | int]:
    hours = {"start": window.starts.isoformat(), "end": window.ends.isoformat()}
    return {"over": window.over, "chance": chance, "calls": round(impact.calls, 1), **hours}
