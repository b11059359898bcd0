"""`tocsin bench simulate`: calls a second on one thread, by strategy, and the distance to the plain-Python twin."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from tocsin.adapters.packs import Pack
from tocsin.bench.progress import Tell, silent
from tocsin.errors import BadSettings
from tocsin.geography.graph import StreetGraph
from tocsin.rehearsal.simulation import builtin
from tocsin.rehearsal.simulation.ground import prepare
from tocsin.rehearsal.simulation.plain import simulate_plain
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.town import Calls, Outcome, Strategy, Town
from tocsin.rehearsal.towns.case import Case, case_of

Read = Callable[[], Pack]

Q: Final = 0.3
G: Final = 0.001
"""Parameters of all strategies here: usual ones, tuned on nothing. Speed hardly depends on them."""
COUNT_UP_TO: Final = 2
"""Late shares are of calls of this priority or a more urgent one."""
SLOW_SHARE: Final = 10
"""Strategies that weigh every zone at every choice run on a tenth of the calls."""


@dataclass(frozen=True, slots=True)
class Effort:
    """`calls`: to simulate; `repeats`: runs of which the quickest counts; `twin_calls`: for the plain twin, on a town
    with zones of `twin_zone_m`, since it is slow."""

    calls: int = 100_000
    repeats: int = 5
    zone_m: float = 700.0
    twin_calls: int = 200
    twin_zone_m: float = 3000.0
    seed: int = 1


def bench(packs: Sequence[Read], effort: Effort, tell: Tell = silent) -> dict[str, Any]:
    """The command's whole result as it stands in JSON. Raises: BadPack; BadSettings where nothing can be simulated."""
    cases = [_case(read, effort, tell, i, len(packs)) for i, read in enumerate(packs)]
    return {
        "q": Q,
        "g": G,
        "timed": f"CPU time of one thread, the quickest of {effort.repeats} runs, from calls to outcome",
        "cases": cases,
    }


def strategies_of(town: Town) -> list[tuple[Strategy, bool]]:
    """What is timed, and whether it is one of the slow ones."""
    return [
        (builtin.closest(), False),
        (builtin.compliance(builtin.table_of(town, Q)), False),
        (builtin.dmexclp(Q), False),
        (builtin.dmexclp_dispatch(Q), False),
        (builtin.smooth(Q, G), True),
        (builtin.smooth_with_moves(Q, G), True),
        (builtin.looking_ahead(builtin.smooth(Q, G), weight_s=600.0, eps_s=15.0, eps_low_s=120.0), True),
    ]


def _case(read: Read, effort: Effort, tell: Tell, index: int, of: int) -> dict[str, Any]:
    tell("reading", 3 * index, 3 * of)
    pack = read()
    case = _made(pack, effort.zone_m)
    calls = case.generate(effort.calls / case.learned.per_day, effort.seed)
    tell(f"{pack.city.name}: timing", 3 * index + 1, 3 * of)
    timed = _timed(case.town, calls, effort)
    tell(f"{pack.city.name}: plain twin", 3 * index + 2, 3 * of)
    twin = _made(pack, effort.twin_zone_m)
    told = head(twin.generate(2.0 * effort.twin_calls / twin.learned.per_day, effort.seed + 1), effort.twin_calls)
    rows = [{**row, **_beside_twin(twin.town, told, i)} for i, row in enumerate(timed)]
    return {
        "pack": pack.city.name,
        "zones": case.town.zones,
        "stations": case.town.stations,
        "units": case.town.units,
        "calls": len(calls),
        "calls_per_day": round(case.learned.per_day, 1),
        "twin_zones": twin.town.zones,
        "twin_calls": len(told),
        "strategies": rows,
    }


def _made(pack: Pack, zone_m: float) -> Case:
    graph = StreetGraph.of(pack.city.streets) if pack.city.streets is not None else None
    case = case_of(pack.city, graph, pack.calls, pack.responses, size_m=zone_m)
    if case.empty is not None:
        raise BadSettings(f"{pack.city.name}: {case.empty}: add them to the pack")
    return case


def _timed(town: Town, calls: Calls, effort: Effort) -> list[dict[str, Any]]:
    prepared, rows = prepare(town), []
    for strategy, slow in strategies_of(town):
        some = head(calls, max(1, len(calls) // SLOW_SHARE)) if slow else calls
        took = []
        for _ in range(effort.repeats):
            began_s = time.process_time()
            outcome = simulate(prepared, some, strategy)
            took.append(time.process_time() - began_s)
        rows.append(_row(strategy, some, outcome, min(took)))
    return rows


def _row(strategy: Strategy, calls: Calls, outcome: Outcome, cpu_s: float) -> dict[str, Any]:
    counts = np.arange(len(calls)) >= outcome.first
    counts &= calls.priority <= COUNT_UP_TO
    late = outcome.response_s[counts] > 480.0
    return {
        "strategy": strategy.name,
        "calls": len(calls),
        "calls_per_s": round(len(calls) / cpu_s),
        "us_per_call": round(1e6 * cpu_s / len(calls), 3),
        "utilisation": None if outcome.utilisation is None else round(outcome.utilisation, 4),
        "late_share": round(float(late.mean()), 4) if late.size else None,
        "moves_per_call": round(outcome.moves / len(calls), 4),
        "decisions": outcome.decisions,
    }


def _beside_twin(town: Town, calls: Calls, index: int) -> dict[str, Any]:
    """The greatest difference of any number of the outcome, and whether everything agrees to 1e-9 s."""
    strategy = strategies_of(town)[index][0]
    difference = distance(simulate(town, calls, strategy), simulate_plain(town, calls, strategy))
    return {"twin_difference": None if np.isinf(difference) else difference, "twin_agrees": difference <= 1e-9}


def distance(one: Outcome, other: Outcome) -> float:
    """The greatest difference of any two numbers of two outcomes, relative where they are above 1; infinite where one
    is and the other is not."""
    worst = 0.0
    for field in fields(Outcome):
        a = np.atleast_1d(np.asarray(getattr(one, field.name), dtype=np.float64))
        b = np.atleast_1d(np.asarray(getattr(other, field.name), dtype=np.float64))
        both = np.isfinite(a) & np.isfinite(b)
        if (a[~both] != b[~both]).any():
            return np.inf
        if both.any():
            gap = np.abs(a[both] - b[both]) / np.maximum(1.0, np.abs(a[both]))
            worst = max(worst, float(gap.max()))
    return worst


def head(calls: Calls, count: int) -> Calls:
    """The first so many calls."""
    return Calls(**{field.name: getattr(calls, field.name)[:count] for field in fields(Calls)})
