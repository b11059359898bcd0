"""One fleet of one city: tuned first, and scored only after everything that was chosen has been written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tocsin.bench.strategy.decisions import Spent, time_decisions
from tocsin.geography.metric import Floats
from tocsin.rehearsal.simulation.ground import prepare
from tocsin.rehearsal.strategies.bound import Bound, clairvoyant
from tocsin.rehearsal.strategies.scores import (
    Run,
    Score,
    densities_of,
    groups_of,
    joined,
    run_of,
    score_of,
    thirds_of,
)
from tocsin.rehearsal.strategies.tuning import Budget, Tuned, tune
from tocsin.rehearsal.town import Calls, Param, Rows, Town
from tocsin.rehearsal.towns.build import with_fleet
from tocsin.rehearsal.towns.case import Case
from tocsin.rehearsal.towns.demand import incomes_of, people_of

FLEETS = (-25, -10, 0, 10, 25)
"""Per cent of the recorded fleet."""
CAP_MOVES_PER_H, CAP_EMPTY_S_PER_H = 4.0, 2_400.0
"""Caps of a live desk (docs/concepts/dispatch-and-cover.md)."""
NOISE_CV = 0.3
HARD = ("static_tuned", "dmexclp", "tocsin")
"""What is run again where the world drives otherwise than every strategy believes."""
BOUNDED_CALLS = 4_000
"""Calls of a fleet over which the bound is worked out, the first of them."""


@dataclass(frozen=True, slots=True)
class Effort:
    """`days` a seed of generated calls; `seeds` of them are scored. `bounded`: calls under the bound, 0 for none."""

    budget: Budget = field(default_factory=Budget)
    seeds: int = 5
    days: float = 28.0
    bounded: int = BOUNDED_CALLS


QUICK = Effort(Budget(tries=4, homes=20, calls=600, seeds=(9_001,)), seeds=2, days=4.0, bounded=300)
"""For a first look and for tests: nothing to quote."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """`learning`: calls to tune on. `scored`: one set of calls a seed, or the record alone. `people`: share of the
    population by zone. `income`: of each zone's area, NaN unknown."""

    pack: str
    fleet: int
    town: Town
    learning: tuple[Calls, ...]
    scored: tuple[Calls, ...]
    people: Floats
    income: Floats
    effort: Effort
    recorded: bool


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What came of one strategy on one fleet. `first`: the run on the first set of calls alone, for the bound."""

    tuned: Tuned
    run: Run
    first: Run
    score: Score
    spent: Spent


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """A fleet scored. `hard`: variant to strategy to its score and run. `bound`: of the first set of calls."""

    job: Job
    strategies: Mapping[str, Scored]
    hard: Mapping[str, Mapping[str, tuple[Score, Run]]]
    bound: Bound | None


def jobs_of(case: Case, name: str, effort: Effort, fleets: Sequence[int] = FLEETS) -> list[Job]:
    """A job for every size of fleet; sizes that round to the same are one, under the smallest change."""
    people = people_of(case.city, case.ground)
    days = effort.budget.calls / len(effort.budget.seeds) / max(case.learned.per_day, 1e-9)
    learning = tuple(case.generate(days, seed) for seed in effort.budget.seeds)
    own = None if case.trace is None else (case.trace,)
    scored = own or tuple(case.generate(effort.days, seed) for seed in range(1, effort.seeds + 1))
    sizes: dict[int, int] = {}
    for fleet in sorted(fleets, key=abs):
        sizes.setdefault(max(1, round(case.fleet.size * (1 + fleet / 100))), fleet)
    shared = (learning, scored, people, incomes_of(case.city, case.ground), effort, bool(own))
    return [
        Job(name, fleet, with_fleet(case.town, size, case.town.home), *shared) for size, fleet in sorted(sizes.items())
    ]


def tune_job(job: Job) -> list[Tuned]:
    """Choose everything on the learning calls. Ours stands there once more with the caps of a live desk."""
    tuned = tune(job.town, job.learning, job.effort.budget)
    return [*tuned, capped(tuned[-1])]


def capped(ours: Tuned) -> Tuned:
    """The same parameters, and no more moves an hour than a live desk proposes."""
    params = None if ours.strategy.params is None else ours.strategy.params.copy()
    if params is not None:
        params[:, Param.MOVES_PER_H], params[:, Param.EMPTY_S_PER_H] = CAP_MOVES_PER_H, CAP_EMPTY_S_PER_H
    name = f"{ours.name}_capped"
    return replace(ours, name=name, strategy=replace(ours.strategy, name=name, params=params), tries=0)


def score_job(given: tuple[Job, list[Tuned]]) -> Done:
    """Run everything that was chosen, once."""
    job, tuned = given
    prepared = prepare(job.town)
    runs = {one.name: [run_of(job.town, calls, one.run(prepared, calls)) for calls in job.scored] for one in tuned}
    whole = {name: joined(each) for name, each in runs.items()}
    groups = (
        groups_of(job.town, whole["recorded_homes"]),
        densities_of(job.people),
        thirds_of(job.income, np.isfinite(job.income)),
    )
    return Done(
        job,
        {
            one.name: Scored(
                one,
                whole[one.name],
                runs[one.name][0],
                score_of(whole[one.name], *groups),
                time_decisions(prepared, one),
            )
            for one in tuned
        },
        _hard(job, [one for one in tuned if one.name in HARD], groups) if job.fleet == 0 else {},
        _bound(job),
    )


def _bound(job: Job) -> Bound | None:
    """Over the first set of calls, after its warm-up; None where it would cover a part of it only."""
    calls = job.scored[0]
    if not 0 < len(calls) <= 2 * job.effort.bounded:
        return None
    return clairvoyant(job.town, calls, int(0.02 * len(calls)))


def _hard(job: Job, tuned: Sequence[Tuned], groups: tuple[Rows, Rows, Rows]) -> dict[str, dict[str, tuple[Score, Run]]]:
    prepared = prepare(job.town)
    found: dict[str, dict[str, tuple[Score, Run]]] = {}
    for name in ("speeds x 0.8", "speeds x 1.2", f"noise cv {NOISE_CV}"):
        found[name] = {}
        worlds = [_harder(calls, name, seed) for seed, calls in enumerate(job.scored)]
        for one in tuned:
            run = joined([run_of(job.town, calls, one.run(prepared, calls)) for calls in worlds])
            found[name][one.name] = (score_of(run, *groups), run)
    return found


def _harder(calls: Calls, name: str, seed: int) -> Calls:
    """The same calls in a world where drives to them take otherwise than believed."""
    if name.startswith("speeds"):
        return replace(calls, noise=calls.noise / float(name.split()[-1]))
    sigma = float(np.sqrt(np.log(1.0 + NOISE_CV**2)))
    luck = np.random.default_rng(77_000 + seed).standard_normal(len(calls))
    return replace(calls, noise=calls.noise * np.exp(sigma * luck - sigma**2 / 2.0))
