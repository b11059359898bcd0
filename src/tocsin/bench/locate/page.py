"""The page of `tocsin bench locate --report`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tocsin.adapters.report import Bar, Part, Table, Text, bars, page

METHOD: Final = (
    "Every node is demand and a candidate site; distances are shortest paths. The search stops when its share of the "
    "time is spent; the published optimum is read afterwards and never enters it. Time is CPU time of one thread and "
    "counts reading, shortest paths, search and bound; the greedy rival is timed apart. Proved: our own bound, rounded "
    "up as lengths are whole numbers, equals what was found."
)


def page_of(result: Mapping[str, Any]) -> str:
    """The page as HTML, from the figures that `--json` gives."""
    rows = result["problems"]
    parts: list[Part] = [Text([in_short(result), METHOD], "In short")]
    known = [row for row in rows if row["gap_percent"] is not None]
    if known:
        gaps = [
            Bar("Ours", result["mean_gap_percent"], ours=True),
            Bar("Greedy and swap", result["greedy_mean_gap_percent"]),
        ]
        parts.append(bars(gaps, "Mean distance to the published optimum", unit="per cent", lower_is_better=True))
    parts.append(
        Table(
            ["Problem", "Nodes", "p", "Found", "Bound", "Published", "Gap %", "Greedy and swap", "Rounds", "CPU s"],
            [
                [
                    row["problem"],
                    row["nodes"],
                    row["p"],
                    f"{row['value']:g}",
                    None if row["bound"] is None else f"{row['bound']:.1f}",
                    None if row["optimum"] is None else f"{row['optimum']:g}",
                    None if row["gap_percent"] is None else f"{row['gap_percent']:.3f}",
                    None if row["greedy"] is None else f"{row['greedy']:g}",
                    row["rounds"],
                    f"{row['cpu_s']:.2f}",
                ]
                for row in rows
            ],
            "Problem by problem",
        )
    )
    if result.get("cover"):
        keys = ("model", "points", "sites", "units", "value", "exact", "bound", "gap_percent", "cpu_s", "exact_cpu_s")
        head = ["Model", "Points", "Sites", "Units", "Ours", "HiGHS", "Bound", "Gap %", "Ours, CPU s", "HiGHS, CPU s"]
        caption = "Cover on made-up towns, beside the exact answer of HiGHS"
        parts.append(Table(head, [[row[key] for key in keys] for row in result["cover"]], caption))
    about = result["about"]
    made = f"Made by tocsin bench locate, commit {about['commit']}, seed {about['seed']}, {about['machine']['cpu']}."
    return page("Where stations stand: the OR-Library's p-medians", parts, made=made)


def in_short(result: Mapping[str, Any]) -> str:
    """The result in words."""
    time = f"{result['cpu_s']:.1f} s of CPU time, {result['paths_s']:.1f} s of it for reading and shortest paths"
    proved = f"{result['proved']} of {len(result['problems'])} are proved by our own bound"
    if not result["of"]:
        return f"{len(result['problems'])} problems in {time}; {proved}. No published optimum was found beside them."
    greedy = f"{result['greedy_equal']} of {result['of']}, mean gap {result['greedy_mean_gap_percent']:.3f} %"
    return (
        f"{result['equal']} of {result['of']} equal the published optimum, mean gap "
        f"{result['mean_gap_percent']:.4f} %, worst {result['worst_gap_percent']:.3f} %, in {time}; {proved}. "
        f"Greedy and swap: {greedy}."
    )
