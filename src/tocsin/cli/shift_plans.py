"""Everything that `tocsin plan shifts` says, worked out once for table, JSON and page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from scipy.stats import poisson

from tocsin.adapters.forecasters.plugged import get_forecaster
from tocsin.adapters.packs import Pack, find_pack, load_pack
from tocsin.adapters.packs.history import history_of_pack, record_span
from tocsin.adapters.solvers.cp_sat import shift_solver
from tocsin.bootstrap import local_time
from tocsin.cli.bound_s import busy_s_of
from tocsin.errors import BadSettings
from tocsin.forecasting.protocol import HOUR, first_hour
from tocsin.geography.graph import StreetGraph
from tocsin.geography.metric import Floats
from tocsin.model.city import City
from tocsin.planning.location.kernels import Rows
from tocsin.planning.shifts.cover import Shift, ShiftPlan, ShiftProblem
from tocsin.planning.shifts.required import delay_chance, offered, offered_alone, required
from tocsin.rehearsal.towns.case import Case, case_of
from tocsin.rehearsal.towns.table import record_of

DAYS = 7
FURTHEST_H = 2016
OURS = "ours"
CHANGE_HOUR = 7
"""Local hour at which shifts may change, and every so many hours from there."""


@dataclass(frozen=True, slots=True)
class AskedShifts:
    """What stands on the command line."""

    start: str | None = None
    until: str | None = None
    lengths: tuple[int, ...] = (8, 12)
    every_h: int = 4
    most: int | None = None
    delay: float = 0.05
    least: int = 1
    model: str = "tocsin"


@dataclass(frozen=True, eq=False)
class ShiftPlans:
    """H hours from `start`. `calls`: expected calls that ask for the fleet, `many`: the number that nine of ten such
    hours stay under, both (H,). `load`: units kept busy, (H,). `free`, `free_many`: chance that a call finds a unit
    free, with the expected calls and with many in that hour alone, (H,)."""

    case: Case
    asked: AskedShifts
    start: datetime
    model: str
    now: datetime
    busy_s: float
    calls: Floats
    many: Floats
    load: Floats
    problem: ShiftProblem
    plan: ShiftPlan
    free: Floats
    free_many: Floats

    @property
    def city(self) -> City:
        return self.case.city

    @property
    def title(self) -> str:
        kinds = ", ".join(self.city.unit_kinds[kind].name for kind in self.case.fleet.kinds)
        return f"{self.city.title}: shifts of {kinds} from {self.local(0)} to {self.local(len(self.calls))}"

    def local(self, hour: int) -> str:
        """The local time at which an hour of the span begins."""
        return self.instant_local(self.instant(hour))

    def instant(self, hour: int) -> datetime:
        """When an hour of the span begins."""
        return self.start + hour * HOUR

    def free_share(self) -> float | None:
        """Share of the expected calls that find a unit free; None where none is expected."""
        whole = float(self.calls.sum())
        return float(self.calls @ self.free) / whole if whole > 0.0 else None

    def grouped(self) -> list[tuple[str, Shift]]:
        """Shifts with the local time of their start."""
        return [(self.local(shift.start), shift) for shift in self.plan.shifts]

    def sentences(self) -> list[str]:
        """What must be said beside the figures."""
        plan, need = self.plan, int(self.problem.need.sum())
        share = self.free_share()
        lines = [
            f"{plan.paid_h:,} paid unit hours for {need:,} needed; at most {plan.on.max(initial=0)} units at once.",
            f"A call binds a unit for {self.busy_s / 60:.0f} min on average.",
        ]
        if share is not None:
            asked = 100.0 - 100.0 * self.asked.delay
            lines.append(f"Expected: {100 * share:.1f} of 100 calls find a unit free; asked for {asked:.1f}.")
        short = np.flatnonzero(plan.short)
        if len(short):
            lines.append(
                f"Short by {int(plan.short.sum())} unit hours in {len(short)} hours, the most "
                f"{int(plan.short.max())} at {self.local(int(plan.short.argmax()))}."
            )
        proof = "no plan is better" if plan.proved else "a better plan may exist: the solver was stopped"
        lines.append(f"Solved by {plan.solver}: {proof}.")
        lines.append(
            f"Forecast by {self.model}, made at {self.instant_local(self.now)}, of calls that ask for these units."
        )
        return lines

    def instant_local(self, at: datetime) -> str:
        """A moment in the city's own time."""
        return f"{at.astimezone(ZoneInfo(self.city.timezone)):%a %Y-%m-%d %H:%M}"


def plan_shifts(pack_name: str, asked: AskedShifts, *, seed: int) -> ShiftPlans:
    """Forecast, need by hour, and the shifts that cover it.

    Raises: BadPack; BadSettings for times and numbers that cannot be, and for a pack whose fleet has no calls.
    """
    pack = load_pack(find_pack(pack_name))
    city = pack.city
    graph = StreetGraph.of(city.streets) if city.streets is not None else None
    case = case_of(city, graph, pack.calls, pack.responses, seed=seed)
    if case.empty is not None:
        raise BadSettings(f"{pack.path.name}: {case.empty}: add them to the pack")
    start, until, now = _span(pack, asked) if pack.calls.height else _span_without_record(pack, asked)
    if pack.calls.height:
        calls, many, model = _forecast(pack, case, asked.model, now, start, until)
    else:
        calls, many, model = _stated(case, (until - start) // HOUR)
    busy_s = busy_s_of(case)
    load = offered(calls, busy_s)
    local_hour = start.astimezone(ZoneInfo(city.timezone)).hour
    problem = ShiftProblem(
        required(load, asked.delay, asked.least),
        asked.lengths,
        asked.every_h,
        (CHANGE_HOUR - local_hour) % asked.every_h,
        asked.most,
    )
    plan = shift_solver()(problem)
    return ShiftPlans(
        case,
        asked,
        start,
        model,
        now,
        busy_s,
        calls,
        many,
        load,
        problem,
        plan,
        _free(plan.on, load),
        _free(plan.on, offered_alone(calls, many, busy_s)),
    )


def _span(pack: Pack, asked: AskedShifts) -> tuple[datetime, datetime, datetime]:
    """Start and end of the plan and the time at which the forecast is made: all whole hours."""
    zone = ZoneInfo(pack.city.timezone)
    first, last = record_span(pack)
    last = first_hour(last)
    told = local_time(asked.start, pack.city, "--from")
    start = first_hour(told) if told is not None else _midnight_after(last, zone)
    end = local_time(asked.until, pack.city, "--until")
    until = first_hour(end) if end is not None else start + timedelta(days=DAYS)
    now = min(start, last)
    if until <= start:
        raise BadSettings(f"--until {asked.until} is not after the start, {start.astimezone(zone):%Y-%m-%dT%H:%M}")
    if now <= first:
        raise BadSettings(
            f"--from {asked.start}: the record begins at {first.astimezone(zone):%Y-%m-%dT%H:%M}: name a later time"
        )
    if (until - now) // HOUR > FURTHEST_H:
        raise BadSettings(f"the plan would end {(until - now).days} days after the record: {FURTHEST_H // 24} at most")
    return start, until, now


def _span_without_record(pack: Pack, asked: AskedShifts) -> tuple[datetime, datetime, datetime]:
    """The same for a pack that states a rate of calls and has no record."""
    told = local_time(asked.start, pack.city, "--from")
    if told is None:
        raise BadSettings(f"{pack.path.name} has no record of calls: say with --from when the shifts begin")
    start = first_hour(told)
    end = local_time(asked.until, pack.city, "--until")
    until = first_hour(end) if end is not None else start + timedelta(days=DAYS)
    if not start < until <= start + FURTHEST_H * HOUR:
        raise BadSettings(f"--until {asked.until}: name a time after the start, {FURTHEST_H // 24} days on at most")
    return start, until, start


def _stated(case: Case, hours: int) -> tuple[Floats, Floats, str]:
    """The pack's rate of calls, the same in every hour, as a Poisson law."""
    rate = case.learned.per_day / 24.0
    return np.full(hours, rate), np.full(hours, float(poisson.ppf(0.9, rate))), "the rate that the pack states"


def _midnight_after(at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    day = local.date() if local.time() == time(0) else local.date() + timedelta(days=1)
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(at.tzinfo)


def _forecast(
    pack: Pack, case: Case, model: str, now: datetime, start: datetime, until: datetime
) -> tuple[Floats, Floats, str]:
    """Expected calls that ask for the fleet and what nine of ten hours stay under, (H,) each, and the model's name."""
    marked = _marked(pack, case)
    if not marked.calls.filter((pl.col("kind") == OURS) & (pl.col("received") < now)).height:
        raise BadSettings(
            f"{pack.path.name}: no call before {now.isoformat()} asks for these units: name a later --from"
        )
    history = history_of_pack(marked, now, kind=OURS)
    demand = get_forecaster(model, pack.city.week_shape).learn(history).forecast(now, (until - now) // HOUR)
    skipped = (start - demand.start) // HOUR
    hours = (until - start) // HOUR
    return (
        np.asarray(demand.city_mean[skipped : skipped + hours], dtype=np.float64),
        np.asarray(demand.city_quantiles[skipped : skipped + hours, -1], dtype=np.float64),
        demand.model,
    )


def _marked(pack: Pack, case: Case) -> Pack:
    """The pack with calls of two kinds alone: those that ask for the fleet, and all others. The others stay, since
    the record knows the hours between them too."""
    asking = record_of(pack.city, pack.calls, pack.responses, case.fleet).calls.select("at", "kind").unique()
    joined = pack.calls.join(
        asking.with_columns(pl.lit(OURS).alias("asks")),
        left_on=["received", "kind"],
        right_on=["at", "kind"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return replace(pack, calls=joined.with_columns(pl.col("asks").fill_null("others").alias("kind")).drop("asks"))


def _free(on: Rows, load: Floats) -> Floats:
    return np.array([1.0 - delay_chance(n, work) for n, work in zip(on.tolist(), load.tolist(), strict=True)])
