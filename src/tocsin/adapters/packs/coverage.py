"""How much of the record can be used: shares of calls with a place, an area, marks; and how many share a place."""

from __future__ import annotations

from typing import Any

import polars as pl

from tocsin.adapters.packs.records import MARKS
from tocsin.model.city import City


def coverage_of(city: City, calls: pl.DataFrame | None, responses: pl.DataFrame | None) -> dict[str, Any]:
    """Counts, and shares 0..1 rounded to four digits, None where there is nothing to take a share of.

    Keys: `calls`, `responses`, `units`, `units_with_station`, `areas`, `streets`, `from`, `until`;
    `calls_with` (place, area, priority, card and each mark: at least one unit has it),
    `responses_with` (each mark, hospital), `kinds`: for each kind `calls`, `share_with_place`,
    `share_with_on_scene`, `distinct_places`, `largest_group` (most calls at one place).
    """
    homes = [unit for unit in city.units.values() if unit.station is not None]
    counts: dict[str, Any] = {
        "calls": 0 if calls is None else calls.height,
        "responses": 0 if responses is None else responses.height,
        "areas": len(city.areas),
        "units": len(city.units),
        "units_with_station": _share(len(homes), len(city.units)),
        "streets": 0 if city.streets is None else len(city.streets.length_m),
        "from": None,
        "until": None,
        "calls_with": {},
        "responses_with": {},
        "kinds": [],
    }
    if responses is not None:
        counts["responses_with"] = {
            name: _share(responses[name].count(), responses.height) for name in (*MARKS, "hospital")
        }
    if calls is None:
        return counts
    marked = _with_marks(calls, responses)
    times = marked["received"].drop_nulls().sort().to_list()
    if times:
        counts["from"], counts["until"] = times[0].isoformat(), times[-1].isoformat()
    return counts | {"calls_with": _shares_of_calls(city, marked), "kinds": _list_kinds(marked)}


def _shares_of_calls(city: City, marked: pl.DataFrame) -> dict[str, float | None]:
    kinds = marked.group_by("kind", "priority").len().iter_rows()
    with_card = sum(count for kind, priority, count in kinds if city.find_card(kind, priority) is not None)
    return {
        "place": _share(marked["lon"].count(), marked.height),
        "area": _share(marked["area"].count(), marked.height),
        "priority": _share(marked["priority"].count(), marked.height),
        "card": _share(with_card, marked.height),
        **{mark: _share(int(marked[mark].sum()), marked.height) for mark in MARKS},
    }


def _with_marks(calls: pl.DataFrame, responses: pl.DataFrame | None) -> pl.DataFrame:
    """The calls with one boolean column a mark: whether any unit has it."""
    if responses is None:
        return calls.with_columns(pl.lit(value=False).alias(mark) for mark in MARKS)
    seen = responses.group_by("call").agg(pl.col(mark).is_not_null().any() for mark in MARKS)
    return calls.join(seen, on="call", how="left").with_columns(pl.col(mark).fill_null(value=False) for mark in MARKS)


def _list_kinds(marked: pl.DataFrame) -> list[dict[str, Any]]:
    placed = marked.drop_nulls(["lon", "lat"]).group_by("kind", "lon", "lat").len("at_place")
    groups = placed.group_by("kind").agg(
        pl.len().alias("distinct_places"), pl.col("at_place").max().alias("largest_group")
    )
    kinds = (
        marked.group_by("kind")
        .agg(pl.len().alias("calls"), pl.col("lon").count().alias("placed"), pl.col("on_scene").sum())
        .join(groups, on="kind", how="left")
        .sort(["calls", "kind"], descending=[True, False])
    )
    return [
        {
            "kind": row["kind"],
            "calls": row["calls"],
            "share_with_place": _share(row["placed"], row["calls"]),
            "share_with_on_scene": _share(row["on_scene"], row["calls"]),
            "distinct_places": row["distinct_places"] or 0,
            "largest_group": row["largest_group"] or 0,
        }
        for row in kinds.iter_rows(named=True)
    ]


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
