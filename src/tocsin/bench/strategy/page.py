"""The page of `tocsin bench strategy --report`, and the result in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tocsin.adapters.report import Bar, Part, Table, Text, bars, page
from tocsin.bench.strategy.bench import by_fleet
from tocsin.rehearsal.strategies.pairs import LEAST_BLOCKS

METHOD: Final = (
    "Late means more than 8 minutes from call to first unit on scene; calls of priority 1 and 2 count. Every strategy "
    "meets the same calls with the same luck. Parameters are chosen on other calls and written down before anything is "
    "scored. Differences are paired by call, with 95 % intervals from 2,000 draws of whole days. A difference with an "
    "interval that holds 0, or with fewer than six days, claims nothing."
)
HEAD: Final = [
    *("Pack", "Fleet", "Units", "Strategy", "Busy", "Calls", "Late", "Mean s", "p90 s", "Worst tenth late", "Moves/h")
]
NAMES: Final = {
    "recorded_homes": "Closest unit, recorded homes",
    "static_tuned": "Closest unit, homes tuned by simulation",
    "dmexclp": "DMEXCLP",
    "dmexclp_dispatch": "DMEXCLP and its dispatch",
    "compliance_table": "Compliance table",
    "tocsin": "Tocsin",
    "tocsin_capped": "Tocsin, at most 4 moves an hour",
    "clairvoyant_bound": "Nobody can do better than",
}


def page_of(result: Mapping[str, Any]) -> str:
    """The page as HTML, from the figures that `--json` gives."""
    parts: list[Part] = [Text([*in_short(result), METHOD], "In short")]
    for (pack, fleet), rows in by_fleet(result["cases"]):
        shown = [
            Bar(NAMES[row["strategy"]], 100.0 * row["late_share"], ours=row["strategy"] == "tocsin")
            for row in rows
            if row["late_share"] is not None
        ]
        if fleet == 0 and shown:
            parts.append(
                bars(shown, f"{pack}: late calls with the recorded fleet", unit="per cent", lower_is_better=True)
            )
    parts += [_cases(result), _pairs(result), _hard(result), _goals(result)]
    about = result["about"]
    made = f"Made by tocsin bench strategy, commit {about['commit']}, {about['machine']['cpu']}."
    return page("Who goes where: strategies side by side", parts, made=made)


def with_bounds(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The cases, every fleet followed by its bound where there is one."""
    bounds = {(row["pack"], row["fleet"]): row for row in result["bounds"]}
    listed: list[Mapping[str, Any]] = []
    for fleet, rows in by_fleet(result["cases"]):
        listed += [*rows, *([bounds[fleet]] if fleet in bounds else [])]
    return listed


def in_short(result: Mapping[str, Any]) -> list[str]:
    """The result in words, a sentence a line."""
    lines = []
    for row in result["pairs"]:
        if row["a"] == "tocsin" and row["b"] in ("static_tuned", "dmexclp") and row["scope"] in ("band", "all"):
            where = "over everything" if row["scope"] == "all" else f"utilisation {row['band']}"
            few = f"; {row['days']} days are too few for a claim" if row["days"] < LEAST_BLOCKS else ""
            lines.append(f"Tocsin against {NAMES[row['b']]}, {where}: {_change(row)} late calls{few}.")
    lost = [row for row in result["pairs"] if (row["a"], row["scope"], row["result"]) == ("tocsin", "fleet", "more")]
    lines += [
        f"Lost: {row['pack']}, fleet {row['fleet']:+d} %, against {NAMES[row['b']]}: {_change(row)}." for row in lost
    ]
    lines += [f"{p['pack']} is not compared: {p['not_compared']}." for p in result["packs"] if p["not_compared"]]
    return lines or ["Nothing could be compared."]


def _change(row: Mapping[str, Any]) -> str:
    if row["late_relative"] is None:
        return "no"
    low, high = (f"{100 * row[name]:+.1f}" for name in ("low", "high"))
    return f"{100 * row['late_relative']:+.1f} % ({low} to {high})"


def _cases(result: Mapping[str, Any]) -> Table:
    rows = [
        [
            row["pack"],
            f"{row['fleet']:+d} %",
            row["units"],
            NAMES[row["strategy"]],
            _percent(row.get("utilisation")),
            row["calls"],
            _percent(row["late_share"]),
            _seconds(row.get("mean_s")),
            _seconds(row.get("p90_s")),
            _percent(row.get("worst_decile_late")),
            None if row.get("moves_per_unit_hour") is None else f"{row['moves_per_unit_hour']:.2f}",
        ]
        for row in with_bounds(result)
    ]
    return Table(HEAD, rows, "Every strategy on every fleet")


def _pairs(result: Mapping[str, Any]) -> Table:
    rows = [
        [
            NAMES[row["a"]],
            NAMES[row["b"]],
            " ".join(str(row[k]) for k in ("pack", "fleet", "band") if row[k] is not None) or "everything",
            _change(row),
            f"{row['mean_s_difference']:+.1f}",
            f"{row['p90_s_difference']:+.1f}",
            row["result"],
            "yes" if row["bought_by_the_worst_decile"] else "no",
        ]
        for row in result["pairs"]
    ]
    head = ["One", "Other", "Over", "Late calls", "Mean s", "p90 s", "Result", "Paid by the worst tenth"]
    return Table(head, rows, "Pairs, losses too")


def _hard(result: Mapping[str, Any]) -> Table:
    rows = [
        [row["pack"], row["variant"], NAMES[row["b"]], _change(row), f"{row['mean_s_difference']:+.1f}", row["result"]]
        for row in result["sensitivity"]["pairs"]
    ]
    head = ["Pack", "World", "Tocsin against", "Late calls", "Mean s", "Result"]
    return Table(head, rows, "Where the world drives otherwise than believed")


def _goals(result: Mapping[str, Any]) -> Table:
    rows = [[row["goal"], str(row["measured"]), _reached(row["reached"])] for row in result["goals"]]
    return Table(["Goal", "Measured", "Reached"], rows, "Goals")


def _reached(reached: bool | None) -> str:
    return "cannot be said" if reached is None else "yes" if reached else "no"


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.1f} %"


def _seconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.0f}"
