"""The door to the compiled city."""

from __future__ import annotations

import numpy as np

from tocsin.rehearsal.check import check_run
from tocsin.rehearsal.simulation.ground import Prepared, prepare, trace_of, with_strategy
from tocsin.rehearsal.simulation.kernels.arrays import STATE, UNIT, Counts, State, Trace, Units
from tocsin.rehearsal.simulation.kernels.city import run_city
from tocsin.rehearsal.simulation.spans import WARM_UP, counted, on_duty_s
from tocsin.rehearsal.town import Calls, Dispatch, Outcome, Relocate, Strategy, Town


def simulate(town: Town | Prepared, calls: Calls, strategy: Strategy, *, warm_up: float = WARM_UP) -> Outcome:
    """Run a strategy over the calls.

    Args:
        town: or what `prepare` made of it, which saves checking and laying out for every further run.
        warm_up: share of the calls, from 0 to below 1, that are simulated and not counted in sums.

    Raises: BadTown, with every field that cannot be.
    The same arguments give the same outcome.
    """
    prepared = town if isinstance(town, Prepared) else prepare(town)
    town = prepared.town
    check_run(town, calls, strategy)
    first, from_s, until_s = counted(calls, warm_up)
    trace, units = trace_of(calls), _units_of(prepared, strategy)
    state = _state_of(town, strategy, from_s, until_s)
    counts = _counts_of(town, len(calls))
    run_city(units, trace, prepared.changes, state, prepared.roads, with_strategy(prepared.aims, strategy), counts)
    return _outcome(calls, trace, state, first, on_duty_s(town, from_s, until_s))


def _units_of(prepared: Prepared, strategy: Strategy) -> Units:
    town = prepared.town
    units = np.zeros(town.units, dtype=UNIT)
    units["home"] = town.home if strategy.homes is None else strategy.homes
    units["home_place"] = units["place"] = town.zones + units["home"]
    units["bound"], units["there_s"], units["release_s"] = units["home"], -np.inf, np.inf
    units["kind"], units["on"] = town.kind, prepared.on
    return units


def _state_of(town: Town, strategy: Strategy, from_s: float, until_s: float) -> State:
    state = np.zeros(1, dtype=STATE)
    state["from_s"], state["until_s"] = from_s, until_s
    for name in ("turnout_s", "target_s", "zones", "stations", "start_hour", "lights_up_to"):
        state[name] = getattr(town, name)
    state["dispatch"], state["relocate"], state["hour"] = strategy.dispatch, strategy.relocate, -1
    state["covers"] = strategy.dispatch is Dispatch.DMEXCLP or strategy.relocate is Relocate.DMEXCLP
    return state


def _counts_of(town: Town, calls: int) -> Counts:
    kinds = len(town.kinds)
    return Counts(
        idle=np.zeros((kinds, town.stations), dtype=np.int32),
        cover=np.zeros((kinds, town.zones), dtype=np.int32),
        open=np.ones(town.stations, dtype=np.bool_),
        queue=np.zeros(max(calls, 1), dtype=np.int32),
    )


def _outcome(calls: Calls, trace: Trace, state: State, first: int, on_s: float) -> Outcome:
    back = np.empty(len(trace), dtype=np.int64)
    back[trace["call"]] = np.arange(len(trace))
    results = trace[back]
    return Outcome(
        unit=np.ascontiguousarray(results["unit"]),
        dispatched_s=np.ascontiguousarray(results["dispatched_s"]),
        arrived_s=np.ascontiguousarray(results["arrived_s"]),
        released_s=np.ascontiguousarray(results["released_s"]),
        response_s=results["arrived_s"] - calls.at_s,
        first=first,
        moves=int(state["moves"][0]),
        move_s=float(state["move_s"][0]),
        returns_elsewhere=int(state["elsewhere"][0]),
        return_s=float(state["return_s"][0]),
        busy_s=float(state["busy_s"][0]),
        on_s=on_s,
        decisions=int(state["decisions"][0]),
    )
