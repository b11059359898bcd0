"""The page of `tocsin plan stations --report`: figures, maps before and after, who gains and who pays."""

from __future__ import annotations

import numpy as np

from tocsin.adapters import report
from tocsin.adapters.report.maps import Ground, Spot, zone_map
from tocsin.cli.station_plans import StationPlan, StationPlans, percent

STEPS = (10.0, 25.0, 50.0, 75.0)
"""Bounds of the map's shades, per cent of late calls."""
METHOD = (
    "Every zone's calls go to the first free unit in the order of expected time. A unit is busy for the same share of "
    "its time, independently of the others: the work of the hour over the units on duty. A call is late when the first "
    "unit takes longer than the target, by the travel law with its error, or when all are busy. Source: Daskin 1983, "
    "MEXCLP. pmedian: least mean time to the nearest unit; mclp: most calls with a unit in reach; mexclp: most calls "
    "with a free unit in reach; lateness: fewest late calls by the model above."
)


def page_of(found: StationPlans) -> str:
    """The page as HTML."""
    parts: list[report.Part] = [
        report.Text([found.title, *found.sentences()], "In short"),
        report.Table(
            [
                "Plan",
                "Units",
                "Mean min",
                "Late %",
                "Worst tenth of areas %",
                "Low / middle / high density %",
                "Later %",
            ],
            [found.row(plan) for plan in found.plans],
            "Side by side",
        ),
        _bars(found),
        *(_income(found)),
        report.Text(["Late calls of each zone, as expected; numbers are units."], "Maps"),
        *(_map(found, plan) for plan in _drawn(found)),
        _areas(found),
        _stations(found),
        report.Text([METHOD], "How this was worked out"),
    ]
    made = f"Made by tocsin plan stations {found.city.name}; zones of {found.case.ground.zones.size_m:.0f} m."
    return report.page(f"Where units stand: {found.city.title}", parts, made=made)


def _drawn(found: StationPlans) -> list[StationPlan]:
    """Today, what is asked, and the best of the rest by expected late calls."""
    named = [plan for plan in found.plans if plan.name in ("today", "asked")]
    others = [plan for plan in found.plans if plan.name not in ("today", "asked")]
    best = min(others, key=lambda plan: plan.expected.late_share() or 0.0)
    same = any(np.array_equal(np.sort(best.deployment.homes), np.sort(plan.deployment.homes)) for plan in named)
    return named if same else [*named, best]


def _bars(found: StationPlans) -> report.Figure:
    rows = [
        report.Bar(plan.name, 100 * (plan.expected.late_share() or 0.0), ours=plan.name not in ("today", "asked"))
        for plan in found.plans
    ]
    return report.bars(rows, "Expected late calls", unit="per cent of calls", lower_is_better=True)


def _income(found: StationPlans) -> list[report.Part]:
    if found.plans[0].fairness.by_income is None:
        return []
    rows = [[plan.name, *map(percent, (plan.fairness.by_income or {}).values())] for plan in found.plans]
    return [report.Table(["Plan", "Low %", "Middle %", "High %"], rows, "Late calls by the median income of the areas")]


def _map(found: StationPlans, plan: StationPlan) -> report.Figure:
    zones, calls, late = found.case.ground.zones, plan.expected.calls, plan.expected.late
    values = [100.0 * x / n if n > 0.0 else None for x, n in zip(late.tolist(), calls.tolist(), strict=True)]
    ground = Ground(
        zones.lon.tolist(), zones.lat.tolist(), zones.size_m, [dict(a.geometry) for a in found.city.areas.values()]
    )
    return zone_map(ground, values, _spots(found, plan), f"{plan.name}: late calls", unit="late %", steps=STEPS)


def _spots(found: StationPlans, plan: StationPlan) -> list[Spot]:
    text: dict[int, str] = {}
    for row, units, night in found.counted(plan):
        text[row] = f"{text[row]} + {units} nights" if row in text else f"{units}{' nights' if night else ''}"
    shut = set(found.closed) if plan.name != "today" else set()
    return [
        Spot(name, lon, lat, text.get(row, ""), row >= found.today, row in shut)
        for row, (name, (lon, lat)) in enumerate(zip(found.stations, found.place.tolist(), strict=True))
        if row < found.today or plan.name != "today"
    ]


def _areas(found: StationPlans) -> report.Table:
    plans = _drawn(found)
    rows: list[list[str]] = []
    for row, area in enumerate(found.city.areas.values()):
        inside = found.case.town.area == row
        shares = [plan.expected.late_share(inside) for plan in plans]
        if shares[0] is not None:
            rows.append([area.name, *map(percent, shares)])
    return report.Table(["Area", *(f"{plan.name}, late %" for plan in plans)], rows, "Area by area")


def _stations(found: StationPlans) -> report.Table:
    plans = found.plans
    counts = [plan.deployment.count(len(found.stations)) for plan in plans]
    rows: list[list[str | int]] = [
        [name, *(int(count[row]) for count in counts)] for row, name in enumerate(found.stations)
    ]
    return report.Table(["Station", *(plan.name for plan in plans)], rows, "Units by station")
