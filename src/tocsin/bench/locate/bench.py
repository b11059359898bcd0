"""Every problem of a folder: ours within its share of the time, a plain greedy search beside it.

The optimum never enters a search: it is read afterwards, for the report. Time is CPU time of this process, so that
other work on the machine changes nothing; it counts reading, shortest paths and search. Compiled code is loaded
before the clock starts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.bench.locate.orlib import Problem, close_paths, read_problem
from tocsin.bench.locate.rivals import greedy_and_swap
from tocsin.bench.machine import cpu_s, one_thread
from tocsin.bench.progress import Tell
from tocsin.planning.location.bound import p_median_bound
from tocsin.planning.location.median import p_median
from tocsin.planning.location.problem import Located

LEAST_SHARE = 0.1
"""Part of the time that is dealt out evenly; the rest goes by nodes times sites to open."""


@dataclass(frozen=True, slots=True)
class Run:
    """One problem solved. `cpu_s`: all of it; `paths_s`: the part for reading and shortest paths."""

    problem: str
    nodes: int
    edges: int
    open_: int
    found: Located
    greedy: float
    paths_s: float
    cpu_s: float
    greedy_s: float


def bench(files: Sequence[Path], optima: dict[str, float], *, seconds: float, seed: int, tell: Tell) -> dict[str, Any]:
    """Solve all, in `seconds` of search in all, and set the published optima beside what was found."""
    problems, reading = [], []
    _warm()
    began = cpu_s()
    for path in files:
        start = cpu_s()
        problems.append(read_problem(path))
        reading.append(cpu_s() - start)
    shares = shares_of(problems)
    runs = []
    with one_thread() as single:
        for n, problem in enumerate(problems):
            tell("", n, len(problems))
            runs.append(_solved(problem, seconds * shares[n], seed, reading[n]))
    total_s = cpu_s() - began - sum(run.greedy_s for run in runs)
    tell("", len(problems), len(problems))
    return {**_told(runs, optima), "cpu_s": round(total_s, 2), "search_s": seconds, "one_thread": single}


def shares_of(problems: Sequence[Problem]) -> list[float]:
    """Each problem's part of the time; they sum to 1."""
    size = np.array([problem.nodes * problem.open_ for problem in problems], dtype=np.float64)
    shares = LEAST_SHARE / len(problems) + (1.0 - LEAST_SHARE) * size / size.sum()
    return [float(share) for share in shares]


def _warm() -> None:
    """Load or compile what is compiled."""
    tiny = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]])
    close_paths(tiny)
    found = p_median(np.ones(3), tiny, 2, seed=0, rounds=2)
    p_median_bound(np.ones(3), tiny, 2, found.value, steps=2)


def _solved(problem: Problem, seconds: float, seed: int, reading_s: float) -> Run:
    start = cpu_s()
    far = problem.length
    close_paths(far)
    paths_s = reading_s + cpu_s() - start
    everybody, until = np.ones(problem.nodes), cpu_s() + seconds
    found = p_median(everybody, far, problem.open_, seed=seed, rounds=None, stop=lambda: cpu_s() >= until)
    bound = p_median_bound(everybody, far, problem.open_, found.value)
    whole_s = reading_s + cpu_s() - start
    start = cpu_s()
    greedy = greedy_and_swap(far, problem.open_)
    return Run(
        problem.name,
        problem.nodes,
        problem.edges,
        problem.open_,
        replace(found, bound=bound),
        greedy,
        paths_s,
        whole_s,
        cpu_s() - start,
    )


def _told(runs: Sequence[Run], optima: dict[str, float]) -> dict[str, Any]:
    rows = [_row(run, optima.get(run.problem)) for run in runs]
    known = [row for row in rows if row["optimum"] is not None]
    gaps = [row["gap_percent"] for row in known]
    return {
        "problems": rows,
        "of": len(known),
        "equal": sum(row["value"] == row["optimum"] for row in known),
        "greedy_equal": sum(row["greedy"] == row["optimum"] for row in known),
        "proved": sum(row["proved"] for row in rows),
        "mean_gap_percent": float(np.mean(gaps)) if gaps else None,
        "worst_gap_percent": max(gaps, default=None),
        "greedy_mean_gap_percent": float(np.mean([row["greedy_gap_percent"] for row in known])) if known else None,
        "greedy_s": round(sum(run.greedy_s for run in runs), 2),
        "paths_s": round(sum(run.paths_s for run in runs), 2),
    }


def _row(run: Run, optimum: float | None) -> dict[str, Any]:
    whole = run.found.unreached == 0.0
    bound = run.found.bound if whole else None
    return {
        "problem": run.problem,
        "nodes": run.nodes,
        "edges": run.edges,
        "p": run.open_,
        "value": run.found.value,
        "unreached": run.found.unreached,
        "bound": None if bound is None else round(bound, 3),
        "proved": bound is not None and run.found.value < math.ceil(bound - 1e-6) + 1e-6,
        "optimum": optimum,
        "gap_percent": _gap(run.found.value, optimum),
        "greedy": run.greedy if math.isfinite(run.greedy) else None,
        "greedy_gap_percent": _gap(run.greedy, optimum),
        "rounds": run.found.rounds,
        "paths_s": round(run.paths_s, 3),
        "cpu_s": round(run.cpu_s, 3),
        "greedy_s": round(run.greedy_s, 3),
    }


def _gap(value: float, optimum: float | None) -> float | None:
    if not optimum or not math.isfinite(value):
        return None
    return 100.0 * (value / optimum - 1.0)
