"""A recorded city from end to end, as fast as it goes, and what it says of the forecasts and plans.

The two late shares set a model beside a record. No gain is claimed from them: the record is what happened, the
other is what a calibrated travel model says of the unit that would have been proposed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tocsin.desk.account import Account
from tocsin.desk.engine import Engine
from tocsin.desk.forecast import HORIZON_H
from tocsin.forecasting.protocol import Forecaster
from tocsin.forecasting.scoring.scores import ReplayScore
from tocsin.forecasting.scoring.summary import plain
from tocsin.model.ids import CallId
from tocsin.model.plan import Plan
from tocsin.situation.picture import CallState, Situation

Progress = Callable[[datetime], None]


@dataclass(slots=True)
class _CallRecord:
    """What became of one call, and how long the first proposed unit was expected to take."""

    state: CallState
    planned: bool
    proposed_s: float | None


class ReplayRun:
    """Runs an engine hour by hour and keeps the score.

    Args:
        without_history: a second forecaster that does not get the pack's `history.parquet`; scored beside.
        seed: of the randomised PIT.
        account: whose ledger follows; None: nothing is accounted for.
    """

    def __init__(
        self, engine: Engine, *, without_history: Forecaster | None, seed: int, account: Account | None = None
    ) -> None:
        self._engine = engine
        self._account = account
        self._without = without_history
        self._score = ReplayScore(seed=seed)
        self._score_without = ReplayScore(seed=seed)
        self._calls: dict[CallId, _CallRecord] = {}

    @property
    def now(self) -> datetime:
        """The desk's clock."""
        return self._engine.now

    def run(self, until: datetime, progress: Progress) -> dict[str, Any]:
        """Run to `until`; the report, without the wall time."""
        while self._engine.now < until:
            hour = self._engine.now - timedelta(seconds=self._engine.now.timestamp() % 3600)
            self._engine.advance(min(hour + timedelta(hours=1), until))
            situation = self._engine.writer.situation
            self._keep_score(situation)
            self._keep_calls(situation)
            if self._account is not None:
                self._account.follower.step()
            progress(self._engine.now)
        entries = self._close()
        return {**self._report(), "ledger_entries": entries}

    def _close(self) -> int | None:
        """Make everything durable, then account for it; how many entries the ledger holds, None without one."""
        if self._account is None:
            self._engine.close()
            return None
        self._engine.flush()
        self._account.follower.close()
        self._engine.close()
        entries = self._account.ledger.size()
        self._account.close()
        return entries

    def _keep_score(self, situation: Situation) -> None:
        history = self._engine.forecasts.history(situation, self._engine.now)
        self._score.arrived(history)
        self._score_without.arrived(history)
        if situation.demand is not None:
            self._score.issued(situation.demand)
        if self._without is not None:
            self._without = self._without.learn(history)
            self._score_without.issued(self._without.forecast(self._engine.now, HORIZON_H))

    def _keep_calls(self, situation: Situation) -> None:
        for call, state in situation.calls.items():
            known = self._calls.get(call)
            if known is None:
                plan = situation.plans.get(call)
                self._calls[call] = _CallRecord(state, plan is not None, first_unit_s(plan))
            else:
                known.state = state

    def _report(self) -> dict[str, Any]:
        situation = self._engine.writer.situation
        tally = situation.tally
        return {
            "pack": self._engine.city.name,
            "mode": str(situation.mode) if situation.mode else "replay",
            "calls": tally.calls,
            "responses": tally.responses,
            "events": tally.events,
            "forecast": self._forecast_report(),
            **late_shares([(r.state, r.proposed_s) for r in self._calls.values()]),
            "calibration_error_s": self._engine.travel.model.calibration_error_s,
            "plans": sum(record.planned for record in self._calls.values()),
            "proposals": tally.plans,
            "forecasts": tally.forecasts,
            "corrections": tally.corrections,
            "quarantined": tally.quarantined,
            "quarantined_by": dict(tally.quarantined_by),
            "alarms": tally.alarms,
            "warnings": tally.warnings,
            "track": plain(situation.track),
        }

    def _forecast_report(self) -> dict[str, Any]:
        report = self._score.report()
        shape = self._engine.city.week_shape
        if shape is not None:
            report["history_learned_from"] = shape.learned_from.isoformat() if shape.learned_from else None
            report["history_learned_until"] = shape.learned_until.isoformat() if shape.learned_until else None
        if self._without is not None:
            report["without_history"] = self._score_without.report()
        return report


def first_unit_s(plan: Plan | None) -> float | None:
    """Seconds from the proposal until its first unit would be on scene; None without a unit."""
    return min((choice.eta_s for choice in plan.choices), default=None) if plan else None


def late_shares(calls: list[tuple[CallState, float | None]]) -> dict[str, Any]:
    """Late calls as recorded, and with the proposed first unit in the place of the recorded one.

    `late_n`: calls with a target and an on-scene mark; `late_unknown`: those with a target and without the mark.
    The model's share stands on the `late_closest_n` of them that also have a dispatch and a proposal;
    `late_share_recorded_same` is the record over just these, so that like stands beside like."""
    with_target = [(c, s) for c, s in calls if c.target_s is not None]
    seen = [(c, s) for c, s in with_target if c.first_on_scene is not None]
    both = [(c, s) for c, s in seen if c.first_dispatched is not None and s is not None]
    return {
        "late_share_recorded": _share([_late_as_recorded(c) for c, _ in seen]),
        "late_share_closest": _share([_late_as_proposed(c, s) for c, s in both]),
        "late_share_recorded_same": _share([_late_as_recorded(c) for c, _ in both]),
        "late_n": len(seen),
        "late_closest_n": len(both),
        "late_unknown": len(with_target) - len(seen),
    }


def _late_as_recorded(call: CallState) -> bool:
    return _after(call, call.first_on_scene, 0.0)


def _late_as_proposed(call: CallState, proposed_s: float | None) -> bool:
    return _after(call, call.first_dispatched, proposed_s or 0.0)


def _after(call: CallState, mark: datetime | None, more_s: float) -> bool:
    return mark is not None and (mark - call.received).total_seconds() + more_s > (call.target_s or 0.0)


def _share(late: list[bool]) -> float | None:
    return sum(late) / len(late) if late else None
