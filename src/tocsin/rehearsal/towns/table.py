"""A pack's record as one table: a row for each call that asks for the fleet, with what is known of its service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tocsin.model.city import City, Period
from tocsin.rehearsal.towns.fleet import MARKS, Fleet

LONGEST_DELAY_S = 1_800.0
"""Longer from received to dispatched is taken for a missing mark, or for waiting and not for call-taking."""
SHORTEST_S, LONGEST_SCENE_S, LONGEST_HANDOVER_S = 30.0, 6 * 3600.0, 6 * 3600.0
SERVICE = ("delay_s", "on_scene_s", "transport", "handover_s", "hospital")
COLUMNS = ("at", "kind", "priority", "lon", "lat", "area", *SERVICE)
_TIME = pl.Datetime("us", "UTC")
_LATER = tuple(mark for mark in MARKS if mark != "dispatched")
_SERVED: dict[str, pl.DataType] = {
    "call": pl.String(),
    "first_sent": _TIME,
    "sent": pl.Boolean(),
    "hospital": pl.String(),
    **dict.fromkeys(_LATER, _TIME),
}


@dataclass(frozen=True, slots=True)
class Record:
    """`calls`: a row a call, in time order; seconds null where not recorded or absurd.

    `left_out`: how many values or calls were not taken, by reason."""

    calls: pl.DataFrame
    left_out: Mapping[str, int]

    def within(self, period: Period) -> pl.DataFrame:
        """The calls received in a period."""
        return self.calls.filter((pl.col("at") >= period.start) & (pl.col("at") < period.end))


def record_of(city: City, calls: pl.DataFrame, responses: pl.DataFrame | None, fleet: Fleet) -> Record:
    """The record of one fleet: calls whose run card asks for one of its kinds, and calls without a card to which one
    of its units was sent. Several units at a call are one response."""
    if not calls.height:
        return Record(_empty(), {})
    asked = calls.select("call", pl.col("received").alias("at"), "kind", "priority", "lon", "lat", "area").filter(
        pl.col("at").is_not_null()
    )
    asked = asked.join(_cards(city, asked, fleet), on=["kind", "priority"], how="left", nulls_equal=True)
    served = _service(city, responses, fleet)
    joined = asked.join(served, on="call", how="left").with_columns(pl.col("sent").fill_null(value=False))
    wanted = joined.filter(pl.when(pl.col("carded")).then(pl.col("asks")).otherwise(pl.col("sent")))
    checked, left_out = _without_absurd(wanted, hospitals=bool(city.hospitals))
    left_out["calls that ask for other units"] = joined.height - wanted.height
    table = checked.with_columns(pl.col("urgency").alias("priority")).select(COLUMNS).sort("at")
    return Record(table, {reason: n for reason, n in left_out.items() if n})


def _empty() -> pl.DataFrame:
    texts, flags = {"kind", "area", "hospital"}, {"transport"}
    schema: dict[str, pl.DataType] = {
        name: pl.String() if name in texts else pl.Boolean() if name in flags else pl.Float64() for name in COLUMNS
    }
    return pl.DataFrame(schema=schema | {"at": pl.Datetime("us", "UTC"), "priority": pl.Int64()})


def _cards(city: City, calls: pl.DataFrame, fleet: Fleet) -> pl.DataFrame:
    """For each kind and priority: whether there is a run card, whether it asks for the fleet, and how urgent it is."""
    rows = []
    for kind, priority in calls.select("kind", "priority").unique().iter_rows():
        card = city.find_card(kind, priority)
        asks = card is not None and any(
            name in fleet.kinds for need in card.needs for name in (need.kind, *need.substitutes)
        )
        urgency = priority if priority is not None else card.priority if card is not None else 1
        rows.append((kind, priority, card is not None and bool(card.needs), asks, urgency))
    given = calls.select("kind", "priority").schema
    schema: dict[str, pl.DataType] = {**given, "carded": pl.Boolean(), "asks": pl.Boolean(), "urgency": pl.Int64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _service(city: City, responses: pl.DataFrame | None, fleet: Fleet) -> pl.DataFrame:
    """Per call: first dispatch of any unit, and the service of the unit of the fleet that carried or came first."""
    if responses is None or not responses.height:
        return pl.DataFrame(schema=_SERVED)
    missing = [pl.lit(None, dtype=_TIME).alias(m) for m in MARKS if m not in responses.columns]
    kinds = pl.DataFrame(
        [(unit.unit, unit.kind in fleet.kinds) for unit in city.units.values()],
        schema={"unit": pl.String, "ours": pl.Boolean},
        orient="row",
    )
    marked = responses.with_columns(missing).join(kinds, on="unit", how="left")
    marked = marked.with_columns(pl.col("ours").fill_null(value=False))
    dispatched, sent = pl.col("dispatched").min().alias("first_sent"), pl.col("ours").any().alias("sent")
    first = marked.group_by("call").agg(dispatched, sent)
    ours = marked.filter(pl.col("ours")).sort(
        pl.col("transporting").is_null() & pl.col("at_hospital").is_null(), "on_scene", "dispatched", nulls_last=True
    )
    chosen = ours.group_by("call", maintain_order=True).first()
    return first.join(chosen.select("call", "hospital", *_LATER), on="call", how="left")


def _without_absurd(table: pl.DataFrame, *, hospitals: bool) -> tuple[pl.DataFrame, dict[str, int]]:
    """Durations in seconds, null where a mark is missing or what they say cannot be; how many of the latter. Without
    hospitals in the pack the drive to one and the time there count as time on scene."""
    carried = pl.lit(hospitals) & (pl.col("transporting").is_not_null() | pl.col("at_hospital").is_not_null())
    left = pl.when(carried).then(pl.col("transporting")).otherwise(pl.col("available"))
    table = table.with_columns(
        _between("at", "first_sent").alias("delay_s"),
        (left - pl.col("on_scene")).dt.total_microseconds().truediv(1e6).alias("on_scene_s"),
        _between("at_hospital", "available").alias("handover_s"),
        pl.when(pl.col("on_scene").is_not_null() | carried).then(carried).alias("transport"),
    )
    bounds = {
        "delay_s": (0.0, LONGEST_DELAY_S),
        "on_scene_s": (SHORTEST_S, LONGEST_SCENE_S),
        "handover_s": (SHORTEST_S, LONGEST_HANDOVER_S),
    }
    left_out = {}
    for name, (least, most) in bounds.items():
        sound = pl.col(name).is_between(least, most)
        left_out[f"{name} outside {least:g} to {most:g} s"] = int(table.select((~sound).sum()).item() or 0)
        table = table.with_columns(pl.when(sound).then(pl.col(name)).alias(name))
    return table, left_out


def _between(start: str, end: str) -> pl.Expr:
    return (pl.col(end) - pl.col(start)).dt.total_microseconds().truediv(1e6)
