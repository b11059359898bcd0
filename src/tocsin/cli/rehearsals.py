"""What `tocsin rehearse` works out: a span, or generated days, under strategies over seeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tocsin.adapters.exercises.scenario import find_span, read_scenario
from tocsin.adapters.packs import Pack
from tocsin.errors import BadSettings
from tocsin.geography.graph import StreetGraph
from tocsin.model.city import City, Period
from tocsin.ports import Executor
from tocsin.rehearsal.ensemble import (
    Against,
    SeedResult,
    Shard,
    Spread,
    against,
    run_shard,
    shards_of,
    spreads_of,
    with_noise,
)
from tocsin.rehearsal.exercise.scenario import Scenario
from tocsin.rehearsal.exercise.town import scenario_calls, scenario_town
from tocsin.rehearsal.strategies.bound import Bound, clairvoyant
from tocsin.rehearsal.strategies.scores import COUNT_UP_TO
from tocsin.rehearsal.strategies.tuning import NAMES, Budget, Tuned, tune
from tocsin.rehearsal.town import Calls, Town
from tocsin.rehearsal.towns.build import TARGET_S, with_fleet
from tocsin.rehearsal.towns.case import NOWHEN, Case, case_of
from tocsin.rehearsal.towns.fleet import Fleet, homes_of
from tocsin.rehearsal.towns.span import Split, split_of

USUAL = ("recorded_homes", "static_tuned", "dmexclp", "tocsin")
"""Strategies where nobody names any."""
LEAST_LEARNED = timedelta(hours=6)
MOST_SEEDS = 10_000
SHARDS = 20
"""Parts that an ensemble is cut into, so that its progress can be told."""
SEEDS_FROM = 1
USUAL_DAYS = 3
"""Of the pack's scored span where nobody names one: a rehearsal answers within a minute."""
LEARN_CALLS = 1_000
BUDGET = Budget(tries=5, homes=120)
"""Of tuning, for each strategy: a rehearsal is asked again and again and must answer within a minute. `tocsin bench
strategy` tunes longer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. `span` None: the first `USUAL_DAYS` of the pack's scored span, or generated
    days where it has no record. `days`: so
    many generated days instead. `fleet`: units more (or fewer)."""

    span: Period | None = None
    days: float | None = None
    strategies: tuple[str, ...] = USUAL
    fleet: int = 0
    seeds: int = 20
    scenario: Path | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the record says of the same calls: those that count and were reached by a unit of the fleet."""

    calls: int
    late: int
    late_share: float | None
    mean_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """All of it."""

    asked: Asked
    case: Case
    town: Town
    start: datetime | None
    until: datetime | None
    calls: int
    tuned: Sequence[Tuned]
    spreads: Sequence[Spread]
    pairs: Sequence[Against]
    results: Sequence[SeedResult]
    recorded: Recorded | None
    bound: Bound | None
    scenario: Scenario | None
    notes: Mapping[str, int | str]


def scenario_span(asked: Asked) -> Asked:
    """The span of the scenario where none was named."""
    if asked.scenario is None or asked.span is not None or asked.days is not None:
        return asked
    return replace(asked, span=find_span(asked.scenario))


def rehearse(
    pack: Pack,
    asked: Asked,
    executor: Executor,
    *,
    at_once: int = 1,
    stage: Callable[[str], None] = lambda _: None,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Rehearsed:
    """Work it out. `at_once`: shards that the executor takes together. `stage` is told what is done now, `told` how
    many shards are done, and of how many.

    Raises: BadSettings, BadScenario, BadTown with what cannot be and what to do.
    """
    check(asked)
    city = pack.city
    stage("Learning what came before")
    graph = None if city.streets is None else StreetGraph.of(city.streets)
    case = _case(pack, graph, asked)
    if case.empty is not None:
        raise BadSettings(f"{city.name}: {case.empty}, so there is nothing to rehearse")
    town = _fleet(case, asked.fleet)
    start, trace = _course(case, asked)
    scenario, under, ignored = _under_scenario(graph, case, town, asked, start)
    stage("Tuning strategies on generated days")
    tuned = tune(town, _learning(case), BUDGET, only=asked.strategies)
    stage(f"Running {asked.seeds} seeds")
    courses = _courses(case, asked, scenario, under, start, trace)
    results = _run(executor, shards_of(under, tuned, courses, SHARDS), at_once, told)
    plain = scenario is None and trace is not None and asked.fleet == 0
    spreads = spreads_of(results)
    return Rehearsed(
        asked=asked,
        case=case,
        town=under,
        start=start if case.split is not None else None,
        until=_until(case, asked, start),
        calls=len(courses[0][1]),
        tuned=tuned,
        spreads=spreads,
        pairs=[against(results, s.strategy, spreads[0].strategy) for s in spreads[1:]],
        results=results,
        recorded=_recorded(pack, case) if plain else None,
        bound=clairvoyant(town, trace) if plain and trace is not None else None,
        scenario=scenario,
        notes={**case.notes, **{f"scenario, {n + 1}": text for n, text in enumerate(ignored)}},
    )


def _run(
    executor: Executor, shards: Sequence[Shard], at_once: int, told: Callable[[int, int], None]
) -> list[SeedResult]:
    found: list[SeedResult] = []
    for begin in range(0, len(shards), at_once):
        for part in executor.map(run_shard, shards[begin : begin + at_once]):
            found += part
        told(min(begin + at_once, len(shards)), len(shards))
    return found


def check(asked: Asked) -> None:
    """Raises: BadSettings naming the option."""
    for name in asked.strategies:
        if name not in NAMES:
            raise BadSettings(f"--strategy {name}: there is no such strategy; there are {', '.join(NAMES)}")
    if not 1 <= asked.seeds <= MOST_SEEDS:
        raise BadSettings(f"--seeds {asked.seeds}: must be from 1 to {MOST_SEEDS:,}")
    if asked.days is not None and not 0.0 < asked.days <= 366.0:
        raise BadSettings(f"--days {asked.days:g}: must be above 0 and at most 366")
    if asked.span is not None and asked.days is not None:
        raise BadSettings("--days makes days up, --from and --until take recorded ones: name one of the two")
    if asked.span is not None and asked.span.start >= asked.span.end:
        raise BadSettings("--until must lie after --from")


def _case(pack: Pack, graph: StreetGraph | None, asked: Asked) -> Case:
    split = _usual_split(pack) if asked.span is None else _split(pack, asked.span)
    return case_of(pack.city, graph, pack.calls, pack.responses, split=split)


def _received(pack: Pack) -> pl.Series:
    """When calls came in, in time order."""
    return pack.calls["received"].drop_nulls() if pack.calls.height else pl.Series([], dtype=pl.Datetime("us", "UTC"))


def _usual_split(pack: Pack) -> Split | None:
    """The pack's own, of which the first `USUAL_DAYS` are scored; None without a record."""
    received = _received(pack)
    split = split_of(received[0], received[-1], pack.city.timezone) if len(received) else None
    if split is None:
        return None
    end = min(split.score.end, split.score.start + timedelta(days=USUAL_DAYS))
    return Split(split.learn, Period(split.score.start, end))


def _split(pack: Pack, span: Period) -> Split:
    """All that was recorded before the span is learned from, however little."""
    received = _received(pack)
    if len(received) == 0:
        raise BadSettings("the pack has no record: leave --from and --until out, or take --days")
    first, last = received[0], received[-1]
    if span.start > last or span.end <= first:
        raise BadSettings(f"the record reaches from {first.isoformat()} to {last.isoformat()}: choose a span in it")
    if span.start - first < LEAST_LEARNED:
        earliest = (first + LEAST_LEARNED).isoformat()
        raise BadSettings(
            f"--from must leave {LEAST_LEARNED.seconds // 3600} hours of the record to learn from: {earliest} at least"
        )
    return Split(Period(first, span.start), Period(span.start, min(span.end, last + timedelta(microseconds=1))))


def _fleet(case: Case, more: int) -> Town:
    units = case.town.units + more
    if units < 1:
        raise BadSettings(f"--fleet {more:+}: the fleet has {case.town.units} units, and one must be left")
    if more == 0:
        return case.town
    fleet: Fleet = case.fleet
    return with_fleet(case.town, units, homes_of(case.city, fleet, case.town.stations))


def _course(case: Case, asked: Asked) -> tuple[datetime, Calls | None]:
    """When second 0 is, and the recorded calls; None where days are generated."""
    start = NOWHEN if case.split is None else case.split.score.start
    return start, None if asked.days is not None else case.trace


def _until(case: Case, asked: Asked, start: datetime) -> datetime | None:
    if case.split is None:
        return None
    return case.split.score.end if asked.days is None else start + timedelta(days=asked.days)


def _days(case: Case, asked: Asked) -> float:
    if asked.days is not None:
        return asked.days
    if case.split is None:
        return 7.0
    return (case.split.score.end - case.split.score.start).total_seconds() / 86_400.0


def _under_scenario(
    graph: StreetGraph | None, case: Case, town: Town, asked: Asked, start: datetime
) -> tuple[Scenario | None, Town, tuple[str, ...]]:
    if asked.scenario is None:
        return None, town, ()
    span = Period(start, start + timedelta(days=_days(case, asked)))
    scenario = read_scenario(asked.scenario, case.city, span)
    told = scenario_town(case.city, graph, town, case.ground, case.learned, scenario, start, case.fleet.kinds)
    return scenario, told.town, told.ignored


def _courses(
    case: Case, asked: Asked, scenario: Scenario | None, town: Town, start: datetime, trace: Calls | None
) -> list[tuple[int, Calls]]:
    courses: list[tuple[int, Calls]] = []
    for seed in range(SEEDS_FROM, SEEDS_FROM + asked.seeds):
        calls = trace if trace is not None else case.generate(_days(case, asked), seed)
        if scenario is not None:
            calls = scenario_calls(case.city, town, calls, scenario, start, seed)
        courses.append((seed, with_noise(calls, seed)))
    return courses


def _learning(case: Case) -> list[Calls]:
    """Generated calls that are never scored."""
    days = max(1.0, LEARN_CALLS / max(case.learned.per_day, 1e-9))
    return [case.generate(min(days, 366.0), seed) for seed in BUDGET.seeds]


def _recorded(pack: Pack, case: Case) -> Recorded | None:
    """First unit of the fleet on scene, from the call, as recorded."""
    if pack.responses is None or case.split is None:
        return None
    span = case.split.score
    ours = [unit.unit for unit in case.city.units.values() if unit.kind in case.fleet.kinds]
    urgent = {
        (kind, priority)
        for kind, priority in pack.calls.select("kind", "priority").unique().iter_rows()
        if _urgency(case.city, kind, priority) <= COUNT_UP_TO
    }
    first = pack.responses.filter(pl.col("unit").is_in(ours)).group_by("call").agg(pl.col("on_scene").min())
    calls = pack.calls.filter((pl.col("received") >= span.start) & (pl.col("received") < span.end))
    rows = calls.join(first, on="call", how="inner").drop_nulls("on_scene")
    waits = [
        (row["on_scene"] - row["received"]).total_seconds()
        for row in rows.iter_rows(named=True)
        if (row["kind"], row["priority"]) in urgent
    ]
    known = pl.Series([s for s in waits if s >= 0.0], dtype=pl.Float64)
    late = int((known > TARGET_S).sum())
    n = len(known)
    mean_s, p90_s = known.mean(), known.quantile(0.9)
    return Recorded(
        n,
        late,
        late / n if n else None,
        float(mean_s) if isinstance(mean_s, float) else None,
        float(p90_s) if isinstance(p90_s, float) else None,
    )


def _urgency(city: City, kind: str, priority: int | None) -> int:
    card = city.find_card(kind, priority)
    return priority if priority is not None else card.priority if card is not None else 1


def as_json(found: Rehearsed, pack: str) -> dict[str, Any]:
    """JSON-ready: no number that is none, None where there is nothing to say."""
    split = found.case.split
    return {
        "pack": pack,
        "from": None if found.start is None else found.start.isoformat(),
        "until": None if found.until is None else found.until.isoformat(),
        "generated": found.asked.days is not None or found.case.trace is None,
        "learned_from": None if split is None else split.learn.start.isoformat(),
        "learned_until": None if split is None else split.learn.end.isoformat(),
        "seeds": found.asked.seeds,
        "calls_a_seed": found.calls,
        "units": found.town.units,
        "fleet": found.asked.fleet,
        "target_s": found.town.target_s,
        "scenario": None if found.scenario is None else found.scenario.name,
        "strategies": [asdict(spread) for spread in found.spreads],
        "pairs": [asdict(pair) for pair in found.pairs],
        "recorded": None if found.recorded is None else asdict(found.recorded),
        "bound": None if found.bound is None else {**asdict(found.bound), "late_share": found.bound.late_share},
        "tuned": {t.name: {"parameters": dict(t.parameters), "tries": t.tries} for t in found.tuned},
        "notes": dict(found.notes),
    }
