"""One event to the rows that it is worth, as they may leave the house."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from tocsin.adapters.export.reduction import Reduction, to_quarter
from tocsin.adapters.export.tables import SCHEMAS, Table
from tocsin.model import events as e
from tocsin.model.alarms import AlarmKind, AlarmState
from tocsin.model.city import Service
from tocsin.model.events import Recorded
from tocsin.model.forecast import Demand
from tocsin.model.ids import AlarmId, CallId
from tocsin.model.plan import Choice, Plan
from tocsin.model.verification import HORIZONS, Verification
from tocsin.model.warnings import Impact
from tocsin.situation.warnings import WARNING_CHANGES


class Rows:
    """Spreads events over the tables. Free text (`what`, the `reason` of a dismissal, role and reason of a decision on
    a warning) stays in the house: it may name somebody."""

    def __init__(
        self, tables: Mapping[str, Table], reduction: Reduction, services: Mapping[str, Service | None]
    ) -> None:
        self._tables = tables
        self._reduction = reduction
        self._services = services
        self._alarms: dict[AlarmId, tuple[AlarmKind, CallId | None]] = {}
        self._verbs: dict[type, Callable[[Any, datetime], None]] = {
            e.CallReported: self._call,
            e.UnitMarked: self._mark,
            e.ReportQuarantined: self._quarantined,
            e.ForecastIssued: self._forecast,
            e.PlanProposed: self._plan,
            e.AlarmRaised: self._alarm_raised,
            e.AlarmCleared: self._alarm_changed,
            e.AlarmAcknowledged: self._alarm_changed,
            e.AlarmShelved: self._alarm_changed,
            e.AlarmDismissed: self._alarm_changed,
            e.WarningProposed: self._warning_proposed,
            e.ForecastVerified: self._forecast_verified,
            e.WarningVerified: self._warning_verified,
            **dict.fromkeys(WARNING_CHANGES, self._warning_changed),
        }

    def add(self, recorded: Recorded) -> None:
        """Add what one event is worth. Events come in the order of the log."""
        event, at, origin = recorded.event, recorded.at, recorded.origin
        # To the quarter for all, as the sequence number sets a medical call between its neighbours.
        row = (recorded.seq, to_quarter(at), type(event).__name__, origin.actor, origin.role, origin.purpose)
        self._tables["events"].add((*row, origin.mode.value), at)
        verb = self._verbs.get(type(event))
        if verb is not None:
            verb(event, at)

    def _call(self, event: e.CallReported, at: datetime) -> None:
        self._reduction.see(event)
        reduced = self._reduction.reduces(event.call)
        block = None if reduced else event.block
        service = self._services.get(event.kind)
        row = (
            self._reduction.time(event.received, event.call),
            event.call,
            event.kind,
            service.value if service else None,
            event.priority,
            event.target_s,
            block.lon if block else None,
            block.lat if block else None,
            event.area,
            None if reduced else event.incident,
            event.note,
            reduced,
        )
        self._tables["calls"].add(row, at)

    def _mark(self, event: e.UnitMarked, at: datetime) -> None:
        reduced = self._reduction.reduces(event.call)
        row = (
            self._reduction.time(event.at, event.call),
            event.call,
            event.unit,
            event.mark.value,
            None if reduced else event.hospital,
            event.inferred,
            event.because,
            reduced,
        )
        self._tables["marks"].add(row, at)

    def _quarantined(self, event: e.ReportQuarantined, at: datetime) -> None:
        # A report that was not understood may belong to any call, so its time is coarse unless the call is known.
        reduced = event.call is None or self._reduction.reduces(event.call)
        shown = to_quarter(at) if reduced else at
        self._tables["quarantined"].add((shown, event.code, event.where, event.call, event.unit, reduced), at)

    def _forecast(self, event: e.ForecastIssued, _at: datetime) -> None:
        self._tables["forecasts"].add_frame(forecast_frame(event.demand))

    def _plan(self, event: e.PlanProposed, at: datetime) -> None:
        plan = event.plan
        reduced = self._reduction.reduces(plan.call)
        made = self._reduction.time(plan.made, plan.call)
        row = (
            made,
            plan.call,
            plan.planner,
            plan.seed,
            event.stale,
            [choice.unit for choice in plan.choices],
            plan.runner_up.unit if plan.runner_up else None,
            [missing.shortfall.value for missing in plan.missing for _ in range(missing.count)],
            reduced,
        )
        self._tables["plans"].add(row, at)
        for rank, choice in enumerate(_choices_of(plan), 1):
            self._tables["plan_choices"].add(
                (made, plan.call, rank, choice is plan.runner_up, *_choice_columns(choice, reduced=reduced)), at
            )

    def _alarm_raised(self, event: e.AlarmRaised, at: datetime) -> None:
        alarm = event.alarm
        self._alarms[alarm.alarm] = (alarm.kind, alarm.call)
        row = (
            self._reduction.time(alarm.raised, alarm.call),
            self._name_of(alarm.alarm, alarm.call),
            AlarmState.RAISED.value,
            alarm.kind.value,
            alarm.level,
            self._reduction.time(alarm.due, alarm.call),
            None,
            alarm.call,
            alarm.area,
            alarm.unit_kind,
            self._reduction.reduces(alarm.call),
        )
        self._tables["alarms"].add(row, at)

    def _alarm_changed(
        self, event: e.AlarmCleared | e.AlarmAcknowledged | e.AlarmShelved | e.AlarmDismissed, at: datetime
    ) -> None:
        kind, call = self._alarms.get(event.alarm, (None, None))
        row = (
            self._reduction.time(at, call),
            self._name_of(event.alarm, call),
            type(event).__name__.removeprefix("Alarm").lower(),
            kind.value if kind else None,
            None,
            None,
            self._reduction.time(event.until, call) if isinstance(event, e.AlarmShelved) else None,
            call,
            None,
            None,
            self._reduction.reduces(call),
        )
        self._tables["alarms"].add(row, at)

    def _name_of(self, alarm: AlarmId, call: CallId | None) -> AlarmId | None:
        """An alarm's id may hold the time at which it was raised."""
        return None if self._reduction.reduces(call) else alarm

    def _forecast_verified(self, event: e.ForecastVerified, at: datetime) -> None:
        for by, key, sums in slices_of(event.verification):
            self._tables["verifications"].add((event.verification.hour, by, key, *sums), at)

    def _warning_verified(self, event: e.WarningVerified, at: datetime) -> None:
        v = event.verdict
        self._tables["verdicts"].add((at, v.warning, v.kind.value, v.came, v.proved, v.lead_s), at)

    def _warning_proposed(self, event: e.WarningProposed, at: datetime) -> None:
        w = event.warning
        fixed = (w.kind.value, w.area, w.call_kind, w.starts, w.ends, w.chance)
        limits = (w.threshold.probability, w.threshold.protocol, *_impact_columns(w.impact), w.calls_over)
        self._tables["warnings"].add((at, w.warning, "proposed", *fixed, *limits, None), at)

    def _warning_changed(
        self,
        event: e.WarningIssued | e.WarningUpdated | e.WarningDeclined | e.WarningLifted | e.WarningExpired,
        at: datetime,
    ) -> None:
        figures = event.figures if isinstance(event, e.WarningUpdated) else None
        asked = event if isinstance(event, e.WarningIssued | e.WarningUpdated) else None
        ends = asked.until if asked is not None and asked.until is not None else figures.ends if figures else None
        numbers = (*_impact_columns(figures.impact if figures else None), None)
        happened = type(event).__name__.removeprefix("Warning").lower()
        actions = list(asked.actions) if asked is not None and asked.actions else None
        empty = (None,) * 4
        chance = figures.chance if figures else None
        self._tables["warnings"].add(
            (at, event.warning, happened, *empty, ends, chance, None, None, *numbers, actions), at
        )


def _impact_columns(impact: Impact | None) -> tuple[float | int | None, ...]:
    return (None,) * 4 if impact is None else (impact.calls, impact.low, impact.high, impact.usual)


def _choices_of(plan: Plan) -> list[Choice]:
    return [*plan.choices, *([plan.runner_up] if plan.runner_up else [])]


def _choice_columns(choice: Choice, *, reduced: bool) -> tuple[Any, ...]:
    times = (choice.eta_s, choice.eta_low_s, choice.eta_high_s, choice.in_time)
    return (
        choice.unit,
        choice.kind,
        choice.for_kind,
        *((None,) * len(times) if reduced else times),
        choice.by_road,
        choice.certain,
        choice.reason.code,
        reduced,
    )


def slices_of(found: Verification) -> Iterator[tuple[str, str, list[float]]]:
    """What was verified of one hour, slice by slice: by what, which one, and `FIGURES` summed over its cells."""
    for ahead_h, areas, city in zip(HORIZONS, found.by_horizon.tolist(), found.city.tolist(), strict=True):
        yield "horizon", str(ahead_h), areas
        yield "city", str(ahead_h), city
    for area, sums in zip(found.areas, found.by_area.tolist(), strict=True):
        yield "area", area, sums
    for kind, sums in zip(found.kinds, found.by_kind.tolist(), strict=True):
        yield "kind", kind, sums


def forecast_frame(demand: Demand) -> pl.DataFrame:
    """One row per area and hour, A × S of them, and S rows for the whole city with `area` null."""
    areas, steps = len(demand.areas), demand.city_mean.shape[0]
    hours = [demand.start + timedelta(hours=step) for step in range(steps)]
    quantiles = np.concatenate([demand.quantiles.reshape(areas * steps, -1), demand.city_quantiles])
    columns = {
        "issued": pl.Series([demand.issued] * ((areas + 1) * steps)),
        "hour": pl.Series(hours * (areas + 1)),
        "area": pl.Series([a for a in demand.areas for _ in range(steps)] + [None] * steps, dtype=pl.String),
        "model": pl.Series([demand.model] * ((areas + 1) * steps)),
        "note": pl.Series([demand.note] * ((areas + 1) * steps), dtype=pl.String),
        "mean": np.concatenate([demand.mean.ravel(), demand.city_mean]),
        "dispersion": np.concatenate([demand.dispersion.ravel(), demand.city_dispersion]),
    }
    levels = [name for name in SCHEMAS["forecasts"] if name.startswith("q")]
    return pl.DataFrame(columns | {name: quantiles[:, n] for n, name in enumerate(levels)})
