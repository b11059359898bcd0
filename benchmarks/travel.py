"""What speeds by hour, light and class of road are worth: `python -m benchmarks.travel [PACK] [--days 3]`.

The travel law is learned on a pack's first days, and so are factors by part of the day, by light, and slopes by class
of road; all are frozen and scored on the days that are left: mean absolute error of the seconds from en route to on
scene, of ways whose two ends are known.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.machine import about, keep
from tocsin.adapters.packs import Pack, find_pack, load_pack
from tocsin.geography.graph import StreetGraph
from tocsin.geography.laws import fit_line
from tocsin.geography.light import is_dark
from tocsin.geography.metric import Floats
from tocsin.geography.speeds import DayPart, day_part, learn_class_speeds, learn_factors
from tocsin.geography.travel import LONGEST_TRAVEL_S
from tocsin.model.city import Period
from tocsin.rehearsal.towns.travel import Way, list_ways


@dataclass(frozen=True)
class Drives:
    """n drives: who, when (days since the first), what they took, network seconds by class (n, C)."""

    unit: list[str]
    day: Floats
    urgent: np.ndarray[Any, np.dtype[np.bool_]]
    travel_s: Floats
    class_s: Floats
    part: np.ndarray[Any, np.dtype[np.int64]]
    dark: np.ndarray[Any, np.dtype[np.int64]]


def main() -> None:
    """Learn, score and keep one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="?", default="san_francisco")
    parser.add_argument("--days", type=float, default=3.0, help="days to learn from; the rest is scored")
    asked = parser.parse_args()
    pack = load_pack(find_pack(asked.pack))
    if pack.city.streets is None or pack.responses is None:
        parser.error("the pack has no streets or no responses")
    drives = drives_of(pack, StreetGraph.of(pack.city.streets))
    learned = drives.day < asked.days
    result = about() | {"pack": pack.city.name, "days": asked.days, **score(drives, learned, pack.city.streets.classes)}
    keep("travel", result)


def drives_of(pack: Pack, graph: StreetGraph) -> Drives:
    """Every way of the record whose ends are known and whose time is possible."""
    assert pack.responses is not None  # main has seen to it
    times = pack.calls["received"]
    first, last = cast(datetime, times.min()), cast(datetime, times.max())
    span = Period(first, last + timedelta(days=2))
    zone, rows = ZoneInfo(pack.city.timezone), []
    for way in list_ways(pack.city, pack.calls, pack.responses, span):
        class_s = _class_seconds(graph, way)
        if class_s is not None and way.travel_s is not None and 0.0 < way.travel_s <= LONGEST_TRAVEL_S:
            rows.append((way, class_s))
    return Drives(
        [way.unit for way, _ in rows],
        np.array([(way.sent - first).total_seconds() / 86_400.0 for way, _ in rows]),
        np.array([way.urgent for way, _ in rows]),
        np.array([way.travel_s for way, _ in rows], dtype=np.float64),
        np.array([class_s for _, class_s in rows]),
        np.array([day_part(way.sent.astimezone(zone)) for way, _ in rows], dtype=np.int64),
        np.array([way.goal is not None and is_dark(way.goal, way.sent) for way, _ in rows], dtype=np.int64),
    )


def score(d: Drives, learned: np.ndarray[Any, np.dtype[np.bool_]], classes: tuple[str, ...]) -> dict[str, Any]:
    """Errors on what was not learned from, and what was learned, each with its own error."""
    network_s, law = d.class_s.sum(axis=1), {}
    pooled = fit_line(network_s[learned], d.travel_s[learned], (60.0, 1.0), (60.0, 0.5))
    for urgent in (True, False):
        rows = learned & (d.urgent == urgent)
        law[urgent] = fit_line(network_s[rows], d.travel_s[rows], pooled, (20.0, 0.15))
    base = np.array([law[u][0] + law[u][1] * n for u, n in zip(d.urgent.tolist(), network_s, strict=True)])
    ratio = np.log(d.travel_s / np.maximum(base, 1.0))
    middle = float(np.median(ratio[learned]))
    said: dict[str, Floats] = {
        "constant": np.full(len(base), np.median(d.travel_s[learned])),
        "law": base * np.exp(middle),
    }
    told: dict[str, Any] = {}
    for name, group, names in (
        ("hour", d.part, [p.name.lower() for p in DayPart]),
        ("light", d.dark, ["light", "dark"]),
        ("hour and light", 2 * d.part + d.dark, [f"{p.name.lower()}, {x}" for p in DayPart for x in ("light", "dark")]),
    ):
        units = [unit for unit, kept in zip(d.unit, learned, strict=True) if kept]
        found = learn_factors(ratio[learned] - middle, group[learned], units, len(names))
        said[name] = base * np.exp(middle) * found.factor[group]
        told[name] = {
            n: {"factor": round(float(f), 4), "error": round(float(e), 4) if np.isfinite(e) else None, "drives": int(r)}
            for n, f, e, r in zip(names, found.factor, found.error, found.rows, strict=True)
        } | {"spread": round(found.spread, 4)}
    said["class"] = _by_class(d, learned, law, classes, told)
    rest = ~learned
    return {
        "learned_from": int(learned.sum()),
        "scored": int(rest.sum()),
        "mae_s": _each(said, lambda s: float(np.abs(s - d.travel_s)[rest].mean())),
        "mae_urgent_s": _each(said, lambda s: float(np.abs(s - d.travel_s)[rest & d.urgent].mean())),
        "learned": told,
    }


def _by_class(
    d: Drives,
    learned: np.ndarray[Any, np.dtype[np.bool_]],
    law: dict[bool, tuple[float, float]],
    classes: tuple[str, ...],
    told: dict[str, Any],
) -> Floats:
    said = np.zeros(len(d.travel_s))
    for urgent in (True, False):
        rows = d.urgent == urgent
        found = learn_class_speeds(d.class_s[rows & learned], d.travel_s[rows & learned], law[urgent])
        said[rows] = found.seconds(d.class_s[rows])
        told[f"class, {'urgent' if urgent else 'not urgent'}"] = {
            name: {"slope": round(float(s), 3), "error": round(float(e), 3)}
            for name, s, e in zip(classes, found.slope, found.error, strict=True)
        }
    return said * float(np.exp(np.median(np.log(d.travel_s[learned] / said[learned]))))


def _each(said: dict[str, Floats], measure: Callable[[Floats], float]) -> dict[str, float]:
    return {name: round(measure(seconds), 2) for name, seconds in said.items()}


def _class_seconds(graph: StreetGraph, way: Way) -> Floats | None:
    if way.start is None or way.goal is None:
        return None
    ways, at = graph.ways_to(way.goal), graph.snap(way.start)
    return None if ways is None or at is None else ways.class_seconds_from(at)


if __name__ == "__main__":
    main()
