"""What a scenario does to the city, in words and one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tocsin.model.city import Period
from tocsin.model.ids import AreaId, StationId, UnitId
from tocsin.model.place import Point
from tocsin.rehearsal.exercise.scenario import Flood, PowerCut, Scenario, Surge

EffectKind = Literal["surge", "flood", "power_cut", "station_lost", "unit_out", "help_withheld"]


@dataclass(frozen=True, slots=True)
class EffectNow:
    """One effect. `text`: in words, English."""

    kind: EffectKind
    period: Period
    text: str
    areas: tuple[AreaId, ...] = ()
    station: StationId | None = None
    unit: UnitId | None = None
    outline: tuple[Point, ...] = ()


def list_effects(scenario: Scenario) -> list[EffectNow]:
    """All of them, in the order of their beginnings."""
    effects = [
        *(_surge(s) for s in scenario.surges),
        *(_flood(f) for f in scenario.floods),
        *(_power_cut(p) for p in scenario.power_cuts),
        *(
            EffectNow("station_lost", s.period, f"Station {s.station} is lost.", station=s.station)
            for s in scenario.stations_lost
        ),
        *(
            EffectNow("unit_out", u.period, f"Unit {u.unit} is out of service.", unit=u.unit)
            for u in scenario.units_out
        ),
        *(EffectNow("help_withheld", h.period, f"{h.agency} sends no units.") for h in scenario.help_withheld),
    ]
    return sorted(effects, key=lambda effect: (effect.period.start, effect.kind, effect.text))


def _surge(surge: Surge) -> EffectNow:
    kinds = f" of {', '.join(surge.kinds)}" if surge.kinds else ""
    where = f" in {', '.join(surge.areas)}" if surge.areas else ""
    return EffectNow("surge", surge.period, f"Calls{kinds}{where} come {surge.times:g} times as often.", surge.areas)


def _flood(flood: Flood) -> EffectNow:
    text = f"Water stands {flood.depth_m:g} m deep in a marked part of the city."
    return EffectNow("flood", flood.period, text, outline=flood.outline)


def _power_cut(cut: PowerCut) -> EffectNow:
    text = f"Power is out in {', '.join(cut.areas)}"
    if cut.slower != 1.0:
        text += f"; ways there take {cut.slower:g} times as long"
    if cut.times != 1.0:
        text += f"; calls from there come {cut.times:g} times as often"
    return EffectNow("power_cut", cut.period, text + ".", cut.areas)
