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
SLOW_S = 20.0
"""Models that take longer for one origin are timed by the runs that were made anyway."""


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
    steps = len(tasks) + 1
    outcomes = []
    for i, model in enumerate(models):
        outcome = Outcome(model.name)
        try:
            _run(
                model,
                tasks,
                seed,
                outcome,
                lambda done, m=model, i=i: tell(m.name, i * steps + done, len(models) * steps),
            )
        except Exception as error:  # noqa: BLE001 - a supervisor: anybody's model may fail in any way, the bench goes on
            outcome = Outcome(model.name, error=f"{type(error).__name__}: {error}")
        outcomes.append(outcome)
    return outcomes


def _run(model: Contender, tasks: Sequence[Task], seed: int, outcome: Outcome, told: Callable[[int], None]) -> None:
    spent: list[float] = []
    for i, task in enumerate(tasks):
        begin = machine.cpu_s()
        said = model.say(task.history, task.truth.shape[1])
        spent.append(machine.cpu_s() - begin)
        for head, one in said.items():
            wrong = sound(one, *task.truth.shape)
            if wrong is not None:
                raise ValueError(f"{head}: {wrong}")
            cells = cells_of(one, task.truth, np.random.default_rng([seed, i])).only(task.known)
            outcome.cells.setdefault(head, []).append(cells)
        outcome.fan = said
        told(i + 1)
    _time(model, tasks[-1], spent, outcome)


def _time(model: Contender, task: Task, spent: list[float], outcome: Outcome) -> None:
    """Warm: every origin was run before. Slow models are not run again; their first run, which may compile, is left out
    where there are others."""
    runs = spent[1:] or spent
    if np.median(runs) < SLOW_S:
        runs = []
        for _ in range(RUNS):
            begin = machine.cpu_s()
            model.say(task.history, task.truth.shape[1])
            runs.append(machine.cpu_s() - begin)
    outcome.cpu_s, outcome.cpu_runs = float(np.median(runs)), len(runs)
