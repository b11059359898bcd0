"""The page of `tocsin plan shifts --report`."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.adapters import report
from tocsin.cli.shift_plans import ShiftPlans

METHOD = (
    "The forecast's expected calls and the mean time that a call binds a unit give the units that are busy in each "
    "hour, with what is still under way from the hours before (Jennings, Mandelbaum, Massey and Whitt 1996). An hour "
    "needs the fewest units with which no more than the allowed share of calls finds all busy (Erlang's C formula, "
    "hour by hour as in Green, Kolesar and Whitt 2007). Shifts then cover the need with the fewest missing and, after "
    "that, the fewest paid hours. Many calls: in that hour alone as many as nine of ten such hours "
    "stay under."
)


def page_of(found: ShiftPlans) -> str:
    """The page as HTML."""
    parts: list[report.Part] = [
        report.Text([found.title, *found.sentences()], "In short"),
        _units(found),
        _free(found),
        report.Table(
            ["Shift from", "Hours", "Units"],
            [[start, shift.hours, shift.units] for start, shift in found.grouped()],
            "Shifts",
        ),
        _hours(found),
        report.Text([METHOD], "How this was worked out"),
    ]
    made = f"Made by tocsin plan shifts {found.city.name} with model {found.model}. Times in {found.city.timezone}."
    return report.page(f"Shifts: {found.city.title}", parts, made=made)


def _times(found: ShiftPlans) -> list[datetime]:
    zone = ZoneInfo(found.city.timezone)
    return [found.instant(i).astimezone(zone).replace(tzinfo=None) for i in range(len(found.calls))]


def _units(found: ShiftPlans) -> report.Figure:
    times = _times(found)
    curves = [
        report.Line("on duty", times, [float(n) for n in found.plan.on], ours=True),
        report.Line("needed", times, [float(n) for n in found.problem.need]),
        report.Line("busy", times, found.load.tolist()),
    ]
    return report.lines(curves, "Units needed, on duty and busy on average", x_name="hour", unit="units")


def _free(found: ShiftPlans) -> report.Figure:
    times = _times(found)
    curves = [
        report.Line("expected calls", times, (100 * found.free).tolist(), ours=True),
        report.Line("many calls", times, (100 * found.free_many).tolist()),
    ]
    return report.lines(curves, "Chance that a call finds a unit free", x_name="hour", unit="per cent")


def _hours(found: ShiftPlans) -> report.Table:
    rows: list[list[str | int | float | None]] = [
        [
            found.local(i),
            f"{found.calls[i]:.1f}",
            int(found.many[i]),
            f"{found.load[i]:.1f}",
            int(found.problem.need[i]),
            int(found.plan.on[i]),
            int(found.plan.short[i]) or None,
            f"{100 * found.free[i]:.0f} %",
            f"{100 * found.free_many[i]:.0f} %",
        ]
        for i in range(len(found.calls))
    ]
    columns = ["Hour", "Calls", "Many", "Busy", "Needed", "On duty", "Short", "Unit free", "With many calls"]
    return report.Table(columns, rows, "Hour by hour")
