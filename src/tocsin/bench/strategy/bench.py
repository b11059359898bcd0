"""From packs to the result: learn, tune, freeze, then score once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count, groupby
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tocsin.adapters.packs.load import Pack
from tocsin.bench.progress import Tell
from tocsin.bench.strategy.jobs import FLEETS, Done, Effort, Job, Scored, jobs_of, score_job, tune_job
from tocsin.bench.strategy.verdict import band_of, goals_of, hard_pairs_of, pairs_of
from tocsin.geography.graph import StreetGraph
from tocsin.model.city import Period
from tocsin.ports import Executor
from tocsin.rehearsal.strategies.tuning import STEPS, Tuned, frozen
from tocsin.rehearsal.towns.case import Case, case_of

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared. `since`, `until`: local to each city; None: what `rehearsal.towns.span` makes of its
    record."""

    effort: Effort
    fleets: tuple[int, ...] = FLEETS
    since: datetime | None = None
    until: datetime | None = None


def bench(packs: Sequence[Callable[[], Pack]], asked: Asked, executor: Executor, tell: Tell) -> dict[str, Any]:
    """Everything, JSON-ready. `packs`: read one after the other, so that no two lie in memory at a time."""
    told: list[dict[str, Any]] = []
    jobs: list[Job] = []
    for n, read in enumerate(packs):
        tell("learning", n, len(packs))
        case = _case(read(), asked)
        name = _named(case.city.name, [row["pack"] for row in told])
        told.append({"pack": name, **_about(case)})
        if case.empty is None:
            jobs += jobs_of(case, name, asked.effort, asked.fleets)
    tuned = _mapped(executor, tune_job, jobs, lambda done: tell("tuning", done, len(jobs)))
    parameters = _parameters(jobs, tuned, asked.effort)
    sealed = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
    pairs = list(zip(jobs, tuned, strict=True))
    fleets = _mapped(executor, score_job, pairs, lambda done: tell("scoring", done, len(jobs)))
    compared = pairs_of(fleets)
    return {
        "frozen": {"sha256": sealed, "parameters": parameters},
        "packs": told,
        "cases": [row for done in fleets for row in _rows(done)],
        "bounds": [row for done in fleets for row in _bounds(done)],
        "pairs": compared,
        "sensitivity": {"cases": [row for d in fleets for row in _hard_rows(d)], "pairs": hard_pairs_of(fleets)},
        "goals": goals_of(compared),
    }


def _named(name: str, taken: Sequence[str]) -> str:
    """A name of its own for each pack: days of packs with one name would be taken for the same days."""
    return name if name not in taken else next(f"{name}-{n}" for n in count(2) if f"{name}-{n}" not in taken)


def _mapped(
    executor: Executor, function: Callable[[T], R], shards: Sequence[T], told: Callable[[int], None]
) -> list[R]:
    """As many shards at a time as keep every worker busy and something to tell."""
    found: list[R] = []
    at_a_time = 4
    for start in range(0, len(shards), at_a_time):
        told(start)
        found += executor.map(function, shards[start : start + at_a_time])
    return found


def _case(pack: Pack, asked: Asked) -> Case:
    city = pack.city
    graph = StreetGraph.of(city.streets) if city.streets is not None else None
    return case_of(city, graph, pack.calls, pack.responses, asked=_period(pack, asked))


def _period(pack: Pack, asked: Asked) -> Period | None:
    """The asked span in the pack's own time; open ends are those of the record."""
    received = pack.calls["received"].drop_nulls() if pack.calls.height else None
    if (asked.since is None and asked.until is None) or received is None or not len(received):
        return None
    zone = ZoneInfo(pack.city.timezone)
    since, until = (None if t is None else t.replace(tzinfo=t.tzinfo or zone) for t in (asked.since, asked.until))
    return Period(since or received[0], until or received[-1])


def _about(case: Case) -> dict[str, Any]:
    split = case.split if case.trace is not None else None
    return {
        "kinds": list(case.fleet.kinds),
        "units": case.fleet.size,
        "zones": case.town.zones,
        "stations": case.town.stations,
        "hospitals": case.town.hospitals,
        "calls_per_day": case.learned.per_day,
        "priorities": list(case.learned.priorities),
        "calls": "recorded" if split is not None else "generated",
        "learned_from": None if split is None else split.learn.start.isoformat(),
        "learned_until": None if split is None else split.learn.end.isoformat(),
        "scored_from": None if split is None else split.score.start.isoformat(),
        "scored_until": None if split is None else split.score.end.isoformat(),
        "notes": dict(case.notes),
        "not_compared": case.empty,
    }


def _parameters(jobs: Sequence[Job], tuned: Sequence[list[Tuned]], effort: Effort) -> dict[str, Any]:
    chosen: dict[str, dict[str, Any]] = {}
    for job, ours in zip(jobs, tuned, strict=True):
        chosen.setdefault(job.pack, {})[str(job.fleet)] = frozen(ours)
    return {"chosen": chosen, "effort": asdict(effort), "tried": {name: list(values) for name, values in STEPS.items()}}


def _head(done: Done) -> dict[str, Any]:
    return {"pack": done.job.pack, "fleet": done.job.fleet, "units": done.job.town.units, "band": band_of(done)}


def _rows(done: Done) -> list[dict[str, Any]]:
    """One row a strategy."""
    return [{**_head(done), **_row(scored)} for scored in done.strategies.values()]


def _bounds(done: Done) -> list[dict[str, Any]]:
    """What nobody can do better than on the first set of calls, and how much of the way there each strategy goes."""
    if done.bound is None:
        return []
    late = {name: int(scored.first.late.sum()) for name, scored in done.strategies.items()}
    gap = late["static_tuned"] - done.bound.late
    return [
        {
            **_head(done),
            "strategy": "clairvoyant_bound",
            "calls": done.bound.calls,
            "late": done.bound.late,
            "late_share": done.bound.late_share,
            "gap_closed": {n: (late["static_tuned"] - m) / gap if gap > 0 else None for n, m in late.items()},
        }
    ]


def _row(scored: Scored) -> dict[str, Any]:
    return {
        "strategy": scored.tuned.name,
        **asdict(scored.score),
        "decision_ms_p50": scored.spent.p50_ms,
        "decision_ms_p99": scored.spent.p99_ms,
        "tries": scored.tuned.tries,
        "parameters": dict(scored.tuned.parameters),
    }


def _hard_rows(done: Done) -> list[dict[str, Any]]:
    return [
        {"pack": done.job.pack, "variant": variant, "strategy": name, **asdict(score)}
        for variant, by_name in done.hard.items()
        for name, (score, _) in by_name.items()
    ]


def by_fleet(cases: Sequence[Mapping[str, Any]]) -> list[tuple[tuple[str, int], list[Mapping[str, Any]]]]:
    """The rows of a result, put together by pack and fleet, in their order."""
    return [(key, list(rows)) for key, rows in groupby(cases, key=lambda row: (row["pack"], row["fleet"]))]
