"""The page of `tocsin plan relocate --report`: the move-ups of the moment, and the frontier drawn."""

from __future__ import annotations

from tocsin.adapters import report
from tocsin.cli.relocation import Relocation
from tocsin.cli.relocation_texts import BESIDE, COLUMNS, local_text, rows, sentences, span_text

NOW = (
    "At the moment: of the next hour's forecast calls, how many are expected to be late given the free units at their "
    "stations, the share of time that a unit is busy and the error of travel times; every move of one unit is weighed "
    "by how many of them it saves and how long it drives."
)
SPAN = (
    "Over the span: the same calls are simulated under each cap of idle moves an hour; a move is made when it saves "
    f"more than 0.1 % of late calls a minute of driving. {BESIDE} A point is on the "
    "frontier when no other has as few late calls for less driving. The busy share is measured on calls drawn from "
    "what was learned before the span."
)


def page_of(found: Relocation) -> str:
    """The page as HTML."""
    parts: list[report.Part] = [report.Text(sentences(found), "Now" if found.at is None else f"At {local_text(found)}")]
    if found.why_no_frontier is not None:
        parts.append(report.Text([f"Nothing can be simulated: {found.why_no_frontier}."], "Over a span"))
    else:
        parts.append(report.Text([span_text(found)], "Over a span"))
        parts.append(report.Table(list(COLUMNS), [list(row) for row in rows(found)], "Late calls against driving"))
        parts += _drawn(found)
    parts.append(report.Text([NOW, SPAN], "How this was worked out"))
    return report.page(f"Move-ups: {found.city.title}", parts, made=f"Made by tocsin plan relocate {found.city.name}.")


def _drawn(found: Relocation) -> list[report.Part]:
    known = [point for point in found.frontier if point.late_share is not None and not point.home]
    if len(known) < 2:
        return []
    minutes = [round(point.empty_min_per_h, 2) for point in known]
    late = [100.0 * (point.late_share or 0.0) for point in known]
    line = report.Line("move-ups", minutes, late, ours=True)
    caption = "What minutes of empty driving buy."
    return [report.lines([line], caption, x_name="Empty minutes an hour, whole city", unit="Late calls, %")]
