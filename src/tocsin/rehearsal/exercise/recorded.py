"""Calls of a pack's record as calls of an exercise, and made-up ones after their likeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from tocsin.errors import BadScenario
from tocsin.geography.places import Places
from tocsin.model.city import City, Period
from tocsin.model.ids import AreaId, CallId, HospitalId
from tocsin.model.place import Point
from tocsin.model.service import ServiceLaw
from tocsin.rehearsal.exercise.course import CALL_TAKING_S, ExerciseCall, resolved
from tocsin.rehearsal.towns.demand import shape_of
from tocsin.rehearsal.towns.draws import quantile_s
from tocsin.rehearsal.towns.service import ASSUMED, FEWEST

SHORTEST_S, LONGEST_S = 30.0, 6 * 3600.0
"""Recorded durations outside are taken for missing marks."""
LONGEST_DELAY_S = 1_800.0
"""A longer wait until units were sent is no call taking."""
NEAR_H = 2
"""A made-up call looks like a recorded one of an hour of the day at most so far away."""


@dataclass(frozen=True, slots=True)
class Course:
    """The calls of a span. `left_out`: calls without any place. `drawn`: calls of which a duration was drawn, since
    the record does not have it."""

    calls: tuple[ExerciseCall, ...]
    left_out: int = 0
    drawn: int = 0


def recorded_course(city: City, calls: pl.DataFrame, responses: pl.DataFrame | None, span: Period, seed: int) -> Course:
    """The recorded calls of a span, half-open. What the record does not say of a call's service is drawn from what it
    says of other calls of the kind, else of all, else from the pack's or the assumed law.

    Raises: BadScenario for a span without calls.
    """
    rows = calls.filter((pl.col("received") >= span.start) & (pl.col("received") < span.end))
    if not rows.height:
        raise BadScenario("start", _no_calls(calls, span))
    table = rows.join(_service(responses), on="call", how="left")
    pool, places = _Pool(city, calls, responses), Places(city)
    made = [_call(city, places, row, pool, seed, n) for n, row in enumerate(table.iter_rows(named=True))]
    kept = [call for call, _ in (m for m in made if m is not None)]
    drawn = sum(drew for _, drew in (m for m in made if m is not None))
    return Course(tuple(sorted(kept, key=_by_time)), len(made) - len(kept), drawn)


def generated_course(
    city: City, calls: pl.DataFrame, responses: pl.DataFrame | None, span: Period, seed: int
) -> Course:
    """Calls that might have come in a span: a Poisson process at the rate of the hour of the week, learned from the
    record (where the pack has none, as `[calls] per_day` says), each after the likeness of a recorded call of about
    the same hour of the day. The same seed gives the same calls.

    Raises: BadScenario for a pack that has neither calls nor `[calls] per_day`.
    """
    if not calls.height:
        return _from_rate(city, span, seed)
    first, last = calls["received"].drop_nulls().min(), calls["received"].drop_nulls().max()
    if not isinstance(first, datetime) or not isinstance(last, datetime) or last <= first:
        raise BadScenario("source", "the record holds no two calls at different times: nothing can be learned from it")
    likes = recorded_course(city, calls, responses, Period(first, last + timedelta(seconds=1)), seed)
    rate = shape_of(calls["received"].drop_nulls(), Period(first, last), city.timezone)
    by_hour = _by_hour(likes.calls, city.timezone)
    rng = np.random.default_rng([seed, 2])
    made: list[ExerciseCall] = []
    for at in _times(span, rate, city.timezone, rng):
        near = by_hour[at.astimezone(ZoneInfo(city.timezone)).hour]
        like = (near or likes.calls)[int(rng.integers(len(near or likes.calls)))]
        made.append(_like(like, len(made), at, rng))
    if not made:
        raise BadScenario("until", "no call came in the span that was drawn: make it longer, or take another seed")
    return Course(tuple(made), 0, len(made))


def _by_time(call: ExerciseCall) -> tuple[datetime, CallId]:
    return call.received, call.call


def _no_calls(calls: pl.DataFrame, span: Period) -> str:
    said = f"the record has no call from {span.start.isoformat()} to {span.end.isoformat()}"
    first, last = (calls["received"].min(), calls["received"].max()) if calls.height else (None, None)
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return f"{said}, nor at any other time: take a generated day"
    return f"{said}: it reaches from {first.isoformat()} to {last.isoformat()}"


def _service(responses: pl.DataFrame | None) -> pl.DataFrame:
    """By call: seconds on scene (median over its units), whether a patient was taken away, seconds of the hand-over,
    the hospital, and when the first unit was sent and was there."""
    marks = ("dispatched", "on_scene", "transporting", "at_hospital", "available")
    if responses is None or not responses.height:
        schema: Mapping[str, Any] = {
            "call": pl.String,
            "on_scene_s": pl.Float64,
            "transport": pl.Boolean,
            "handover_s": pl.Float64,
            "hospital": pl.String,
            "first_there": pl.Datetime("us", "UTC"),
            "first_sent": pl.Datetime("us", "UTC"),
        }
        return pl.DataFrame(schema=schema)
    missing = [pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias(m) for m in marks if m not in responses.columns]
    table = responses.with_columns(missing)
    if "hospital" not in table.columns:
        table = table.with_columns(pl.lit(None, dtype=pl.String).alias("hospital"))
    carried = pl.col("transporting").is_not_null() | pl.col("at_hospital").is_not_null()
    left = pl.when(carried).then(pl.col("transporting")).otherwise(pl.col("available"))
    timed = table.with_columns(
        _sound((left - pl.col("on_scene")).dt.total_seconds(fractional=True)).alias("scene"),
        _sound((pl.col("available") - pl.col("at_hospital")).dt.total_seconds(fractional=True)).alias("over"),
        carried.alias("carried"),
    )
    return timed.group_by("call").agg(
        pl.col("scene").median().alias("on_scene_s"),
        pl.col("carried").any().alias("transport"),
        pl.col("over").max().alias("handover_s"),
        pl.col("hospital").drop_nulls().first(),
        pl.col("on_scene").min().alias("first_there"),
        pl.col("dispatched").min().alias("first_sent"),
    )


def _sound(seconds: pl.Expr) -> pl.Expr:
    return pl.when(seconds.is_between(SHORTEST_S, LONGEST_S)).then(seconds)


class _Pool:
    """What the record says of service, by kind of call and of all, for the calls of which it says nothing."""

    def __init__(self, city: City, calls: pl.DataFrame, responses: pl.DataFrame | None) -> None:
        table = calls.select("call", "kind").join(_service(responses), on="call", how="inner")
        self._scene = _samples(table, "on_scene_s")
        self._over = _samples(table, "handover_s")
        known = table.filter(pl.col("first_there").is_not_null() | pl.col("transport"))
        shares = known.group_by("kind").agg(pl.col("transport").cast(pl.Float64).mean(), pl.len())
        self._share = {kind: share for kind, share, n in shares.iter_rows() if n >= FEWEST}
        self._law = _stated(city)

    def on_scene_s(self, kind: str, luck: float) -> float:
        return self._of(self._scene, kind, luck, "on_scene")

    def handover_s(self, kind: str, luck: float) -> float:
        return self._of(self._over, kind, luck, "handover")

    def transport(self, kind: str, luck: float) -> bool:
        return bool(luck < self._share.get(kind, self._law.transport_share))

    def _of(
        self, samples: Mapping[str | None, np.ndarray[Any, np.dtype[np.float64]]], kind: str, luck: float, law: str
    ) -> float:
        sample = samples.get(kind, samples.get(None))
        if sample is not None:
            return float(np.quantile(sample, luck))
        return float(quantile_s(getattr(self._law, law), np.array([luck]))[0])


def _samples(table: pl.DataFrame, column: str) -> dict[str | None, np.ndarray[Any, np.dtype[np.float64]]]:
    """Samples of `FEWEST` or more, by kind; under None of all calls."""
    known = table.filter(pl.col(column).is_not_null())
    found: dict[str | None, np.ndarray[Any, np.dtype[np.float64]]] = {}
    if known.height >= FEWEST:
        found[None] = known[column].to_numpy()
    for (kind,), rows in known.group_by("kind", maintain_order=True):
        if rows.height >= FEWEST:
            found[str(kind)] = rows[column].to_numpy()
    return found


def _stated(city: City) -> ServiceLaw:
    laws = [law for kind in city.unit_kinds if (law := city.find_service(None, kind)) is not None]
    return laws[0] if laws else ASSUMED


def _call(
    city: City, places: Places, row: Mapping[str, Any], pool: _Pool, seed: int, n: int
) -> tuple[ExerciseCall, bool] | None:
    """The call, and whether something of it was drawn; None where it has no place at all."""
    place, area = _where(city, places, row)
    if place is None:
        return None
    rng = np.random.default_rng([seed, 0, n])
    luck = rng.random(3)
    kind = row["kind"]
    priority, target_s = resolved(city, kind, row["priority"])
    there = row["first_there"]
    recorded_s = None if there is None else (there - row["received"]).total_seconds()
    scene_s, over_s, carried = row["on_scene_s"], row["handover_s"], row["transport"]
    call = ExerciseCall(
        call=CallId(row["call"]),
        received=row["received"],
        kind=kind,
        priority=priority,
        target_s=target_s,
        place=place,
        area=area,
        on_scene_s=pool.on_scene_s(kind, luck[0]) if scene_s is None else scene_s,
        transport=pool.transport(kind, luck[1]) if carried is None else carried,
        handover_s=pool.handover_s(kind, luck[2]) if over_s is None else over_s,
        delay_s=_delay_s(row["received"], row["first_sent"]),
        hospital=None if row["hospital"] is None else HospitalId(row["hospital"]),
        luck=float(rng.standard_normal()),
        recorded=True,
        recorded_s=recorded_s if recorded_s is not None and recorded_s >= 0.0 else None,
    )
    return call, scene_s is None or carried is None or (over_s is None and bool(carried))


def _delay_s(received: datetime, sent: datetime | None) -> float:
    """Seconds from the call until units were sent; those of call taking where the record does not say, or says what
    cannot be."""
    delay_s = CALL_TAKING_S if sent is None else (sent - received).total_seconds()
    return delay_s if 0.0 <= delay_s <= LONGEST_DELAY_S else CALL_TAKING_S


def _where(city: City, places: Places, row: Mapping[str, Any]) -> tuple[Point | None, AreaId | None]:
    if row["lon"] is not None and row["lat"] is not None:
        point = Point(row["lon"], row["lat"])
        return point, places.area_of(point)
    area = city.areas.get(AreaId(row["area"])) if row["area"] is not None else None
    return (None, None) if area is None else (area.centre, area.area)


def _by_hour(calls: Sequence[ExerciseCall], timezone: str) -> dict[int, list[ExerciseCall]]:
    """For each local hour of the day the calls of hours at most `NEAR_H` away."""
    zone, found = ZoneInfo(timezone), {hour: list[ExerciseCall]() for hour in range(24)}
    for call in calls:
        hour = call.received.astimezone(zone).hour
        for away in range(-NEAR_H, NEAR_H + 1):
            found[(hour + away) % 24].append(call)
    return found


def _times(
    span: Period, rate: np.ndarray[Any, np.dtype[np.float64]], timezone: str, rng: np.random.Generator
) -> list[datetime]:
    """When calls come, in time order. `rate`: calls per hour by local hour of the week, (168,)."""
    zone, found = ZoneInfo(timezone), list[datetime]()
    hour = span.start.replace(minute=0, second=0, microsecond=0)
    while hour < span.end:
        local = hour.astimezone(zone)
        n = rng.poisson(rate[24 * local.weekday() + local.hour])
        found += [hour + timedelta(seconds=int(s)) for s in np.sort(rng.integers(0, 3600, n))]
        hour += timedelta(hours=1)
    return [at for at in found if span.start <= at < span.end]


def _like(like: ExerciseCall, n: int, at: datetime, rng: np.random.Generator) -> ExerciseCall:
    return ExerciseCall(
        call=CallId(f"made-{n + 1:05}"),
        received=at,
        kind=like.kind,
        priority=like.priority,
        target_s=like.target_s,
        place=like.place,
        area=like.area,
        on_scene_s=like.on_scene_s,
        transport=like.transport,
        handover_s=like.handover_s,
        delay_s=like.delay_s,
        luck=float(rng.standard_normal()),
    )


def _from_rate(city: City, span: Period, seed: int) -> Course:
    """For a pack that states how many calls come in: kinds alike, areas by population, at the areas' centres."""
    rate, cards = city.call_rate, [card for card in city.call_kinds if card.needs]
    if rate is None or not cards or not city.areas:
        raise BadScenario("source", "the pack has no record: state `[calls] per_day` and run cards in pack.toml")
    rng, law = np.random.default_rng([seed, 2]), _stated(city)
    areas = list(city.areas.values())
    people = np.array([float(area.population or 0) for area in areas])
    share = people / people.sum() if people.sum() > 0 else np.full(len(areas), 1 / len(areas))
    made: list[ExerciseCall] = []
    for at in _times(span, np.full(168, rate.per_day / 24.0), city.timezone, rng):
        priority = 1 + int(rng.choice(len(rate.priorities), p=np.array(rate.priorities) / sum(rate.priorities)))
        card = cards[int(rng.integers(len(cards)))]
        area, luck = areas[int(rng.choice(len(areas), p=share))], rng.random(3)
        urgency, target_s = resolved(city, card.kind, priority)
        made.append(
            ExerciseCall(
                CallId(f"made-{len(made) + 1:05}"),
                at,
                card.kind,
                urgency,
                target_s,
                area.centre,
                area.area,
                float(quantile_s(law.on_scene, luck[:1])[0]),
                bool(luck[1] < law.transport_share),
                float(quantile_s(law.handover, luck[2:])[0]),
                luck=float(rng.standard_normal()),
            )
        )
    return Course(tuple(made), 0, len(made))
