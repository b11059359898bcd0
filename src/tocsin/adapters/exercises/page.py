"""The after-action report as one HTML page."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.adapters.report import Bar, Part, Table, Text, bars, page
from tocsin.model.messages import EXERCISE
from tocsin.rehearsal.exercise.after_action import AfterAction, InjectResult
from tocsin.rehearsal.exercise.branch import Branch, Score
from tocsin.rehearsal.exercise.scenario import ExerciseSpec

MOST_LATE, MOST_LINES = 200, 300


def after_action_page(report: AfterAction, spec: ExerciseSpec, *, city: str, timezone: str, made: datetime) -> str:
    """The page of a report. Times are the city's local ones, each marked X.

    Args:
        city: its title. made: when, UTC.
    """
    clock = _Clock(timezone)
    title = f"{EXERCISE} {report.exercise}: {spec.title}"
    parts: list[Part] = [_head(report, spec, city, clock)]
    parts += _scores(report)
    parts += _facts(report)
    parts += _script(report, clock)
    parts += _decisions(report, clock)
    parts += _late(report, clock)
    parts += [part for branch in report.branches for part in _branch(branch)]
    parts += _timeline(report, clock)
    parts.append(Text(report.notes, "What the figures rest on"))
    return page(title, parts, made=f"Made by Tocsin on {made:%Y-%m-%d %H:%M} UTC. Exercise, not real.")


class _Clock:
    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def __call__(self, at: datetime) -> str:
        return f"X {at.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"


def _head(report: AfterAction, spec: ExerciseSpec, city: str, clock: _Clock) -> Text:
    source = "recorded calls" if spec.recorded else "generated calls"
    far = "" if report.complete else f" It still runs and stands at {clock(report.until)}."
    return Text(
        [
            f"{EXERCISE}. Nothing of this happened, and nothing of it left the house.",
            (
                f"{city}, {clock(spec.start)} to {clock(spec.until)}, {source}, scenario “{spec.scenario.title}”, "
                f"seed {spec.seed}.{far}"
            ),
            *([spec.scenario.text] if spec.scenario.text else []),
            (
                "This report holds facts about calls, areas and orders. It scores no person and ranks no crew, unit or "
                "station."
            ),
        ]
    )


def _scores(report: AfterAction) -> list[Part]:
    rows = [
        (s.title, s.calls, s.late, _pct(s.late_share), s.waiting, _mss(s.mean_s), _mss(s.p90_s)) for s in report.scores
    ]
    table = Table(
        ["course", "calls with a target", "late", "share", "nobody there", "mean", "9 of 10 within"],
        rows,
        "From call to the first unit on scene",
    )
    shown = [
        Bar(s.title, 100.0 * s.late_share, ours=n == 0) for n, s in enumerate(report.scores) if s.late_share is not None
    ]
    if len(shown) < 2:
        return [table]
    return [table, bars(shown, "Calls past their target, of 100", unit="of 100 calls", lower_is_better=True)]


def _facts(report: AfterAction) -> list[Part]:
    parts: list[Part] = []
    if report.objectives:
        rows = [(o.objective, o.text, o.capability) for o in report.objectives]
        parts.append(Table(["objective", "what it is to show", "core capability"], rows, "Objectives"))
    parts.append(Text(report.strengths or ["Nothing was noted."], "Strengths"))
    parts.append(Text(report.areas_to_improve or ["Nothing was noted."], "Areas for improvement"))
    return parts


def _script(report: AfterAction, clock: _Clock) -> list[Part]:
    if not report.injects:
        return []
    rows = [
        (
            r.inject.inject,
            clock(r.inject.at),
            r.inject.title,
            f"{r.inject.source} to {r.inject.to}, {r.inject.method}",
            r.inject.expects,
            _met(r),
            r.note,
            r.orders_within_10_min,
        )
        for r in report.injects
    ]
    columns = ["inject", "time", "what", "who to whom", "expected action", "seen", "note", "orders within 10 min"]
    return [Table(columns, rows, "Master scenario events list")]


def _met(result: InjectResult) -> str:
    if not result.played:
        return "not played yet"
    return {True: "yes", False: "no", None: "not noted"}[result.met]


def _decisions(report: AfterAction, clock: _Clock) -> list[Part]:
    rows = [
        (
            clock(d.at),
            f"X {d.call}",
            ", ".join(d.units),
            ", ".join(d.proposed) or None,
            {True: "yes", False: "no", None: None}[d.as_proposed],
            _mss(d.after_s),
        )
        for d in report.decisions
    ]
    columns = ["time", "call", "sent", "proposed by the desk", "as proposed", "after the call"]
    return [Table(columns, rows, "What was decided")] if rows else []


def _late(report: AfterAction, clock: _Clock) -> list[Part]:
    rows = [
        (
            f"X {c.call}",
            clock(c.received),
            c.kind,
            c.area,
            _mss(c.target_s),
            _mss(c.exercise_s),
            _mss(c.rule_s),
            _mss(c.recorded_s),
        )
        for c in report.late[:MOST_LATE]
    ]
    columns = ["call", "received", "kind", "area", "target", "exercise", "nearest-unit rule", "recorded"]
    more = f"; the first {MOST_LATE} of {len(report.late)}" if len(report.late) > MOST_LATE else ""
    return [Table(columns, rows, f"Calls past their target{more}")] if rows else []


def _branch(branch: Branch) -> list[Part]:
    def row(s: Score) -> tuple[str, int, int, int, str | None, str | None]:
        return s.title, s.calls, s.late, s.waiting, _mss(s.mean_s), _mss(s.p90_s)

    columns = ["course", "calls with a target", "late", "nobody there", "mean", "9 of 10 within"]
    return [
        Table(columns, [row(branch.trunk), row(branch.result)], f"What if: {branch.title}"),
        Text([f"{len(branch.changed)} calls were reached at another time."]),
    ]


def _timeline(report: AfterAction, clock: _Clock) -> list[Part]:
    rows = [(clock(line.at), line.text) for line in report.timeline[:MOST_LINES]]
    more = f", the first {MOST_LINES} of {len(report.timeline)} lines" if len(report.timeline) > MOST_LINES else ""
    return [Table(["time", "what"], rows, f"Course of the exercise{more}")] if rows else []


def _mss(seconds: float | None) -> str | None:
    return None if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _pct(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.1f} %"
