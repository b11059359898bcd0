"""What an exercise does to a city, and its script.

The words are those of HSEEP (Homeland Security Exercise and Evaluation Program, FEMA 2020): a master scenario events
list (MSEL) of injects with a number, a time, who plays them to whom, and the action that is expected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from tocsin.model.city import Period
from tocsin.model.ids import AgencyId, AreaId, StationId, UnitId
from tocsin.model.place import Point


@dataclass(frozen=True, slots=True)
class Surge:
    """Calls received in `period` come `times` as often, in `areas` and of `kinds`; empty means all of them."""

    times: float
    period: Period
    areas: tuple[AreaId, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flood:
    """Water `depth_m` deep stands inside `outline` (a ring of three places or more, not closed) during `period`."""

    outline: tuple[Point, ...]
    depth_m: float
    period: Period


@dataclass(frozen=True, slots=True)
class PowerCut:
    """Signals are dark in `areas` during `period`: ways that end there take `slower` times as long, and calls from
    there come `times` as often (lifts, alarm systems)."""

    areas: tuple[AreaId, ...]
    period: Period
    slower: float = 1.0
    times: float = 1.0


@dataclass(frozen=True, slots=True)
class StationLost:
    """Nobody leaves the station during `period`: units that stand in it, or come back to it, are out of service."""

    station: StationId
    period: Period


@dataclass(frozen=True, slots=True)
class UnitOut:
    """The unit is out of service during `period`; one on a call finishes it first."""

    unit: UnitId
    period: Period


@dataclass(frozen=True, slots=True)
class HelpWithheld:
    """Another agency's units do not come during `period`; those on a call finish it first."""

    agency: AgencyId
    period: Period


@dataclass(frozen=True, slots=True)
class Objective:
    """What the exercise is to show. `capability`: the core capability that it belongs to (HSEEP)."""

    objective: str
    text: str
    capability: str | None = None


@dataclass(frozen=True, slots=True)
class Inject:
    """One line of the script. `source` plays it to `to` by `method`; `expects`: the action that is looked for."""

    inject: str
    at: datetime
    title: str
    text: str
    source: str
    to: str
    method: str = "radio"
    expects: str | None = None
    objective: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens beside the calls. Injects in the order of their times. `written_for`: the span that it was made
    for; None: any."""

    name: str
    title: str
    text: str = ""
    written_for: Period | None = None
    objectives: tuple[Objective, ...] = ()
    injects: tuple[Inject, ...] = ()
    surges: tuple[Surge, ...] = ()
    floods: tuple[Flood, ...] = ()
    power_cuts: tuple[PowerCut, ...] = ()
    stations_lost: tuple[StationLost, ...] = ()
    units_out: tuple[UnitOut, ...] = ()
    help_withheld: tuple[HelpWithheld, ...] = ()

    def with_injects(self, injects: tuple[Inject, ...]) -> Scenario:
        """The same with another script."""
        return replace(self, injects=tuple(sorted(injects, key=lambda inject: (inject.at, inject.inject))))


NO_SCENARIO = Scenario(name="none", title="As it was")
"""Nothing is changed and nothing is played in."""


@dataclass(frozen=True, slots=True)
class ExerciseSpec:
    """What an exercise is made of: the same spec and the same orders give the same exercise.

    `recorded`: the calls of the pack's record in `[start, until)`; else a generated course of calls in that span.
    `auto_send_s`: after so long without an order the nearest units of the run card go by themselves; None: nobody
    moves without an order. `lead_in_s`: before `start` the city runs by itself for so long.
    """

    title: str
    start: datetime
    until: datetime
    scenario: Scenario = NO_SCENARIO
    recorded: bool = True
    seed: int = 20170101
    auto_send_s: float | None = None
    lead_in_s: float = 3 * 3600.0
