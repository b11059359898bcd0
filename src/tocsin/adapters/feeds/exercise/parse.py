"""Pure: a report of the exercise's world to a command."""

from __future__ import annotations

from tocsin.model.commands import Command, ReportCall, ReportMark
from tocsin.model.ids import CommandId
from tocsin.model.origin import Origin
from tocsin.rehearsal.exercise.reports import CallCame, Report


def command_of(report: Report, origin: Origin) -> Command:
    """The command of a report. Its id is the same whenever the same report comes again."""
    if isinstance(report, CallCame):
        call = report.call
        return ReportCall(
            id=CommandId(f"exercise/call/{call.call}"),
            origin=origin,
            call=call.call,
            received=call.received,
            kind=call.kind,
            priority=call.priority,
            place=call.place,
            area=call.area,
        )
    return ReportMark(
        id=CommandId(f"exercise/mark/{report.call}/{report.unit}/{report.mark}/{report.job}"),
        origin=origin,
        call=report.call,
        unit=report.unit,
        mark=report.mark,
        at=report.at,
        hospital=report.hospital,
    )
