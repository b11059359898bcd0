"""From a pack to everything that a comparison of strategies or an exercise needs, learned from earlier data alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from tocsin.geography.graph import StreetGraph
from tocsin.model.city import City, Period
from tocsin.rehearsal.town import Calls, Town
from tocsin.rehearsal.towns.build import Learned, demand_of, laws_of, town_of
from tocsin.rehearsal.towns.fleet import Fleet, fleet_of, homes_of
from tocsin.rehearsal.towns.generated import generated
from tocsin.rehearsal.towns.ground import Ground, ground_of
from tocsin.rehearsal.towns.recorded import NOWHERE, calls_of, zones_of_calls
from tocsin.rehearsal.towns.service import service_of
from tocsin.rehearsal.towns.span import Split, split_of
from tocsin.rehearsal.towns.table import record_of
from tocsin.rehearsal.towns.travel import learn_travel

NOWHEN = datetime(2001, 1, 1, tzinfo=UTC)
"""A Monday: where a city without a record begins its days."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One fleet of one city, ready to be simulated.

    `town`: with the recorded fleet. `split`: None where there is no record to replay, so that calls are generated.
    `trace`: recorded calls of the scored span, None likewise. `notes`: what was assumed and what was left out, with
    counts where there are any.
    """

    city: City
    ground: Ground
    learned: Learned
    fleet: Fleet
    town: Town
    split: Split | None
    trace: Calls | None
    notes: Mapping[str, int | str]

    @property
    def empty(self) -> str | None:
        """Why nothing can be compared, or None."""
        if self.town.stations == 0:
            return "there is nowhere for units to stand: the pack has neither stations nor areas"
        if self.fleet.size == 0:
            return "there are no units in the pack"
        if self.learned.per_day <= 0.0:
            return "there is neither a record of calls that ask for these units nor a rate of calls"
        if self.trace is not None and not len(self.trace):
            placed = "and has a place" if NOWHERE in self.notes else ""
            return f"no call of the scored span asks for these units {placed}".rstrip()
        return None

    def generate(self, days: float, seed: int) -> Calls:
        """Calls that might have come, by what was learned. The same seed gives the same calls."""
        learned = self.learned
        return generated(self.town, learned.service.law, learned.per_day, learned.priorities, days, seed)


def case_of(
    city: City,
    graph: StreetGraph | None,
    calls: pl.DataFrame,
    responses: pl.DataFrame | None,
    *,
    asked: Period | None = None,
    split: Split | None = None,
    size_m: float = 700.0,
    seed: int = 1,
) -> Case:
    """The case of a pack. `calls`, `responses`: as `adapters.packs` gives them. `asked`: the span to be scored;
    `split`: what is learned from and what is scored, where the caller decides."""
    received = calls["received"].drop_nulls() if calls.height else pl.Series([], dtype=pl.Datetime("us", "UTC"))
    if split is None and len(received):
        split = split_of(received[0], received[-1], city.timezone, asked)
    learn = split.learn if split is not None else Period(NOWHEN, NOWHEN)
    fleet = fleet_of(city, responses, learn)
    ground = ground_of(city, graph, size_m=size_m)
    record = record_of(city, calls, responses, fleet)
    earlier = record.within(learn)
    service = service_of(city, earlier, fleet, len(ground.hospitals))
    travel = learn_travel(city, graph, calls, responses, learn)
    lights, normal, source = laws_of(city, travel, fleet, by_road=ground.by_road)
    demand = demand_of(city, ground, earlier, zones_of_calls(city, ground, earlier), learn)
    learned = Learned(lights, normal, source, service, *demand)
    start = split.score.start if split is not None else NOWHEN
    town = town_of(city, ground, learned, fleet, start_hour=_hour_of_week(start, city.timezone, split is None))
    notes: dict[str, int | str] = {f"{name}: from": source for name, source in service.sources.items()}
    notes |= {"travel: from": source, **record.left_out}
    notes |= _notes_on_units(city, ground, fleet, town)
    trace = None
    if split is not None and record.calls.height:
        scored = calls_of(city, ground, record.within(split.score), service, split.score.start, seed)
        trace, notes = scored.calls, {**notes, **scored.assumed}
    return Case(city, ground, learned, fleet, town, split, trace, notes)


def _hour_of_week(at: datetime, timezone: str, made_up: bool) -> int:
    local = at if made_up else at.astimezone(ZoneInfo(timezone))
    return 24 * local.weekday() + local.hour


def _notes_on_units(city: City, ground: Ground, fleet: Fleet, town: Town) -> dict[str, str]:
    notes = {}
    if ground.assumed_posts:
        notes["stations"] = "none in the pack: units stand at the centres of areas"
    if homes_of(city, fleet, town.stations) is None:
        notes["homes"] = "of fewer than half of the units in the pack: all stand where MEXCLP would put them"
    if fleet.assumed:
        notes["fleet"] = "all units of the pack: neither duty nor record says how many are on duty"
    if not ground.by_road:
        notes["roads"] = "none in the pack: the straight line stands in"
    if town.hospitals == 0:
        notes["hospitals"] = "none in the pack: nobody is taken to one"
    return notes


def days_of(calls: Calls) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Day of each call since second 0, (n,)."""
    return (calls.at_s // timedelta(days=1).total_seconds()).astype(np.int64)
