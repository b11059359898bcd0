"""Reports that stand alone: one HTML file with its plots and tables, to read, print and hand on."""

from tocsin.adapters.report.page import Figure, Part, Table, Text, page
from tocsin.adapters.report.plots import (
    Band,
    Bar,
    Line,
    Spread,
    accuracy_and_cost,
    bars,
    fan_chart,
    lines,
    pit_histogram,
    reliability,
    stream,
)

__all__ = [
    "Band",
    "Bar",
    "Figure",
    "Line",
    "Part",
    "Spread",
    "Table",
    "Text",
    "accuracy_and_cost",
    "bars",
    "fan_chart",
    "lines",
    "page",
    "pit_histogram",
    "reliability",
    "stream",
]
