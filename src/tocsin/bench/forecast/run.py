"""Let every model forecast from every origin, score it, and take its time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tocsin.bench import machine
from tocsin.bench.forecast.origins import Task
from tocsin.bench.forecast.rivals import Contender
from tocsin.bench.forecast.said import Cells, Said, cells_of, sound
from tocsin.bench.progress import Tell, silent

RUNS = 5
QUICK_S, SLOW_S = 2.0, 20.0
"""CPU seconds at one origin. Quick models run `RUNS` times more at the last origin; others are timed by the runs that
the origins took anyway, where these are enough; slow ones by these in any case."""


@dataclass(slots=True)
class Outcome:
    """What became of one model. `cells`: by head, one `Cells` an origin; empty with an `error`. `cpu_s`: CPU seconds of
    learning and forecasting at one origin, warm, median of `cpu_runs`. `fan`: what was said at the last origin."""

    name: str
    cells: dict[str, list[Cells]] = field(default_factory=dict)
    cpu_s: float | None = None
    cpu_runs: int = 0
    error: str | None = None
    fan: dict[str, Said] = field(default_factory=dict)


def run(models: Sequence[Contender], tasks: Sequence[Task], seed: int, tell: Tell = silent) -> list[Outcome]:
    """One outcome a model, in their order. A model that fails gets a row with its error and spoils nothing else."""
    total = len(models) * len(tasks)
    return [
        _outcome(model, tasks, seed, _telling(tell, model.name, i * len(tasks), total))
        for i, model in enumerate(models)
    ]


def _telling(tell: Tell, name: str, before: int, total: int) -> Callable[[int], None]:
    return lambda done: tell(name, before + done, total)


def _outcome(model: Contender, tasks: Sequence[Task], seed: int, told: Callable[[int], None]) -> Outcome:
    outcome = Outcome(model.name)
    try:
        spent = [_run(model, task, [seed, i], outcome, told) for i, task in enumerate(tasks)]
        _time(model, tasks[-1], spent, outcome)
    except Exception as error:  # noqa: BLE001 - a supervisor: rivals raise bare Exception; the row says so, the bench goes on
        return Outcome(model.name, error=f"{type(error).__name__}: {error}")
    return outcome


def _run(model: Contender, task: Task, seed: list[int], outcome: Outcome, told: Callable[[int], None]) -> float:
    """CPU seconds of one origin; its scores go into the outcome."""
    begin = machine.cpu_s()
    heads = model.say(task.history, task.truth.shape[1])
    spent = machine.cpu_s() - begin
    outcome.fan = heads()
    for head, said in outcome.fan.items():
        wrong = sound(said, *task.truth.shape)
        if wrong is not None:
            raise ValueError(f"{head}: {wrong}")
        cells = cells_of(said, task.truth, np.random.default_rng(seed)).only(task.known)
        outcome.cells.setdefault(head, []).append(cells)
    told(seed[-1] + 1)
    return spent


def _time(model: Contender, task: Task, spent: list[float], outcome: Outcome) -> None:
    """Warm: every origin was run before; the first run, which may compile, does not count where there are others."""
    runs = spent[1:] or spent
    usual = float(np.median(runs))
    if usual < QUICK_S or (len(runs) < RUNS and usual < SLOW_S):
        runs = []
        for _ in range(RUNS):
            begin = machine.cpu_s()
            model.say(task.history, task.truth.shape[1])
            runs.append(machine.cpu_s() - begin)
    outcome.cpu_s, outcome.cpu_runs = float(np.median(runs)), len(runs)
