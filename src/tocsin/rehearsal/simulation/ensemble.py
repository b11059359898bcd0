"""Many simulations of one town: strategies by traces of calls, wherever an executor runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tocsin.rehearsal.check import check, check_run
from tocsin.rehearsal.simulation.ground import prepare
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.simulation.spans import WARM_UP
from tocsin.rehearsal.town import Calls, Outcome, Strategy, Town

T = TypeVar("T")
R = TypeVar("R")


class Map(Protocol):
    """`ports.Executor.map`: answers in the order of shards."""

    def __call__(self, function: Callable[[T], R], shards: Sequence[T], /) -> list[R]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """What one worker does: the town travels once with all that is asked of it."""

    town: Town
    traces: tuple[Calls, ...]
    strategies: tuple[Strategy, ...]
    warm_up: float


def run_shard(shard: Shard) -> list[list[Outcome]]:
    """Outcomes by trace, then strategy."""
    prepared = prepare(shard.town)
    return [
        [simulate(prepared, calls, strategy, warm_up=shard.warm_up) for strategy in shard.strategies]
        for calls in shard.traces
    ]


def run_in_process(function: Callable[[T], R], shards: Sequence[T], /) -> list[R]:
    """The plainest `Map`."""
    return [function(shard) for shard in shards]


def simulate_ensemble(
    town: Town,
    traces: Sequence[Calls],
    strategies: Sequence[Strategy],
    *,
    run: Map = run_in_process,
    shards: int = 1,
    warm_up: float = WARM_UP,
) -> list[list[Outcome]]:
    """Every strategy on every trace of calls: common random numbers, so that they can be compared call by call.

    Args:
        traces: one for each seed or day. run: the `map` of an executor. shards: into how many parts the traces are
            divided; as many as the executor has workers, or a few times that where they take unequally long.

    Returns: outcomes by trace, then strategy; the same whatever `run` and `shards` are.
    Raises: BadTown.
    """
    check(town)
    for calls in traces:
        check_run(town, calls)
    for strategy in strategies:
        check_run(town, None, strategy)
    parts = max(1, min(shards, len(traces)))
    work = [Shard(town, tuple(traces[part::parts]), tuple(strategies), warm_up) for part in range(parts)]
    answers = run(run_shard, work)
    return [answers[i % parts][i // parts] for i in range(len(traces))]
