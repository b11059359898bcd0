"""Every strategy tuned on the same learning calls with the same number of tries; the static plan with many more.

What is tuned here is never scored on these calls. Less is better of: share of late calls among those that count, plus
a hundredth per minute of mean response of calls of every priority, the same for all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tocsin.geography.metric import Floats
from tocsin.rehearsal.simulation import builtin
from tocsin.rehearsal.simulation.ground import Prepared, prepare
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.strategies.homes import tuned_homes
from tocsin.rehearsal.strategies.merged import sharpened
from tocsin.rehearsal.strategies.scores import COUNT_UP_TO
from tocsin.rehearsal.town import Calls, Outcome, Param, Rows, Strategy, Town
from tocsin.rehearsal.towns.posts import add_units

PER_MINUTE = 0.01
UNSERVED_MIN = 240.0
"""What a call that nobody ever answered counts for in the mean."""
LEAST_Q, MOST_Q = 0.02, 0.95


@dataclass(frozen=True, slots=True)
class Budget:
    """`tries`: candidates of each strategy with parameters. `homes`: plans that the static search may judge, and how
    often it starts again from a shaken one. `calls`: learning calls, over all `seeds`."""

    tries: int = 24
    homes: int = 1_000
    shakes: int = 6
    calls: int = 9_000
    seeds: tuple[int, ...] = (9_001, 9_002)


@dataclass(frozen=True, slots=True, eq=False)
class Tuned:
    """A strategy ready to be scored. `slope_s`: sharpness of its tables, None: the simulator's own. `parameters`: what
    was chosen, for the record; `tries`: how many candidates were judged."""

    name: str
    strategy: Strategy
    slope_s: float | None = None
    parameters: Mapping[str, float | list[int]] = field(default_factory=dict)
    tries: int = 0

    def run(self, prepared: Prepared, calls: Calls) -> Outcome:
        """Simulate it. `prepared`: the town, in the simulator's own tables."""
        return simulate(prepared if self.slope_s is None else sharpened(prepared, self.slope_s), calls, self.strategy)


class Bench:
    """A town and its learning calls."""

    def __init__(self, town: Town, learning: Sequence[Calls]) -> None:
        self.town, self.learning = town, learning
        self.prepared = prepare(town)
        self._sharp: dict[float, Prepared] = {}

    def cost(self, strategy: Strategy, slope_s: float | None = None) -> float:
        """What the strategy comes to on the learning calls."""
        prepared = self.prepared if slope_s is None else self._sharpened(slope_s)
        late, counted, minutes, calls = 0, 0, 0.0, 0
        for one in self.learning:
            outcome = simulate(prepared, one, strategy)
            seconds = outcome.response_s[outcome.first :]
            counts = one.priority[outcome.first :] <= COUNT_UP_TO
            late += int((seconds[counts] > self.town.target_s).sum())
            minutes += float(np.where(np.isfinite(seconds), seconds / 60.0, UNSERVED_MIN).sum())
            counted, calls = counted + int(counts.sum()), calls + len(seconds)
        return late / max(counted, 1) + PER_MINUTE * minutes / max(calls, 1)

    def _sharpened(self, slope_s: float) -> Prepared:
        if slope_s not in self._sharp:
            self._sharp[slope_s] = sharpened(self.prepared, slope_s)
        return self._sharp[slope_s]


NAMES = ("recorded_homes", "static_tuned", "dmexclp", "dmexclp_dispatch", "compliance_table", "tocsin")
"""Every strategy, baselines first and ours last."""


def tune(
    town: Town, learning: Sequence[Calls], budget: Budget, *, seed: int = 1, only: Collection[str] = NAMES
) -> list[Tuned]:
    """Every strategy for one fleet, baselines first and ours last. `only`: the names of those that are wanted."""
    bench = Bench(town, learning)
    static = _static(bench, budget, seed)
    homes = static.strategy.homes
    grid = [float(q) for q in np.round(np.linspace(0.1, 0.7, budget.tries), 4)]
    by_q: Mapping[str, Callable[[float], Strategy]] = {
        "dmexclp": lambda q: builtin.dmexclp(q, homes),
        "dmexclp_dispatch": lambda q: builtin.dmexclp_dispatch(q, homes),
        "compliance_table": lambda q: builtin.compliance(builtin.table_of(town, q), homes),
    }
    return [
        *([Tuned("recorded_homes", builtin.closest(name="recorded_homes"))] if "recorded_homes" in only else []),
        *([static] if "static_tuned" in only else []),
        *(_by_q(name, make, bench, grid) for name, make in by_q.items() if name in only),
        *([_ours(bench, homes, budget.tries)] if "tocsin" in only else []),
    ]


def _static(bench: Bench, budget: Budget, seed: int) -> Tuned:
    """Closest idle unit and homes found by simulation, from those recorded and those that MEXCLP would choose."""
    town = bench.town
    nobody = np.zeros(0, dtype=np.int32)
    starts = [town.home, *(add_units(town, town.units, busy, nobody) for busy in (0.1, 0.3, 0.5))]
    judge = lambda homes: bench.cost(builtin.closest(homes))  # noqa: E731 - one line, used once
    homes, tries = tuned_homes(judge, starts, town.stations, most=budget.homes, seed=seed, shakes=budget.shakes)
    return Tuned(
        "static_tuned", builtin.closest(homes, "static_tuned"), None, {"homes": [int(h) for h in homes]}, tries
    )


def _by_q(name: str, make: Callable[[float], Strategy], bench: Bench, grid: Sequence[float]) -> Tuned:
    best = min(grid, key=lambda q: bench.cost(make(q)))
    return Tuned(name, replace(make(best), name=name), None, {"q": best}, len(grid))


@dataclass(frozen=True, slots=True)
class Knobs:
    """Of ours. `q`: busy probability in the mean hour; `by_hour`: how much of the swing of demand over the week it
    follows, 0..1. `g`: lateness that a minute of driving must be worth. `slope_s`: sharpness. `price_s`: seconds that
    one late call more per call is worth when a unit is chosen for a call that does not count."""

    q: float = 0.2
    g: float = 0.0005
    slope_s: float = 20.0
    price_s: float = 0.0
    by_hour: float = 0.0


STEPS: Mapping[str, tuple[float, ...]] = {
    "q": (0.1, 0.3, 0.05, 0.4),
    "price_s": (5_000.0, 20_000.0),
    "g": (0.0002, 0.001, 0.002),
    "slope_s": (40.0, 10.0, 60.0),
    "by_hour": (0.5, 1.0),
}
"""What is tried of each knob beside its start, in this order, round after round, until the tries are used up."""
LOW_PRIORITY_S = 300.0
"""How much longer than the closest unit one may need to a call that does not count. For calls that count the closest
unit always goes."""


def strategy_of(town: Town, knobs: Knobs, homes: Rows | None) -> Strategy:
    """Ours: smooth lateness at release; after every event a move of an idle unit, standing or on its way, where it is
    worth its drive; for calls that do not count, a look ahead."""
    q = np.clip(knobs.q * _swing(town) ** knobs.by_hour, LEAST_Q, MOST_Q)
    moving = builtin.smooth_with_moves(q, knobs.g, turn=True, homes=homes)
    if knobs.price_s <= 0.0:
        return replace(moving, name="tocsin")
    ahead = builtin.looking_ahead(
        moving, weight_s=knobs.price_s, eps_s=0.0, eps_low_s=LOW_PRIORITY_S, urgent_up_to=COUNT_UP_TO
    )
    return replace(ahead, name="tocsin")


def _swing(town: Town) -> Floats:
    """Demand of each hour of the week over its mean, (W,)."""
    hourly = town.demand.sum(axis=1)
    return hourly / hourly.mean() if hourly.sum() > 0.0 else np.ones(len(hourly))


def _ours(bench: Bench, homes: Rows | None, tries: int) -> Tuned:
    """Coordinate descent over the knobs, those left out that change nothing here."""
    judged: dict[Knobs, float] = {}

    def cost(knobs: Knobs) -> float:
        if knobs not in judged:
            judged[knobs] = bench.cost(strategy_of(bench.town, knobs, homes), knobs.slope_s)
        return judged[knobs]

    best = Knobs()
    cost(best)
    idle = set() if len(bench.town.demand) > 1 else {"by_hour"}
    idle |= set() if any((one.priority > COUNT_UP_TO).any() for one in bench.learning) else {"price_s"}
    before = None
    while before != best and len(judged) < tries:
        before = best
        for name, values in STEPS.items():
            for value in values if name not in idle else ():
                if len(judged) >= tries:
                    break
                best = min(best, replace(best, **{name: value}), key=cost)
    parameters = {name: float(getattr(best, name)) for name in STEPS}
    return Tuned("tocsin", strategy_of(bench.town, best, homes), best.slope_s, parameters, len(judged))


def frozen(tuned: Sequence[Tuned]) -> dict[str, object]:
    """Everything that was chosen, JSON-ready, so that it can be hashed before anything is scored."""
    return {
        one.name: {"parameters": dict(one.parameters), "tries": one.tries, "capped_drive_s": _drive(one.strategy)}
        for one in tuned
    }


def _drive(strategy: Strategy) -> float | None:
    if strategy.params is None:
        return None
    longest = float(strategy.params[0, Param.MAX_DRIVE_S])
    return longest if np.isfinite(longest) else None
