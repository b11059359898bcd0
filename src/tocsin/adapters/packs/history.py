"""The history that a forecaster learns from, out of a pack's own calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from tocsin.adapters.packs.load import Pack
from tocsin.errors import BadPack, BadSettings
from tocsin.forecasting.protocol import DAY, HOUR, History, Weather, first_hour
from tocsin.model.city import City

_NOT_MEASURED = frozenset({"time", "period_s", "known_at", "issued_at"})


def record_span(pack: Pack) -> tuple[datetime, datetime]:
    """When the first and the last call of a pack came in. Raises: BadPack when it has none."""
    times = pack.calls["received"]
    first, last = times.min(), times.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        raise BadPack(f"{pack.path.name}: calls.parquet has no call with a time, so there is nothing to forecast from")
    return first.astimezone(UTC), last.astimezone(UTC)


def history_of_pack(pack: Pack, now: datetime, *, step: timedelta = HOUR, kind: str | None = None) -> History:
    """Whole steps from the pack's first call to `now`, calls of `kind` alone where it is named.

    A step that the record saw only in part is left out. `step`: HOUR, or DAY for local dates.
    Raises: BadPack without calls; BadSettings for a `now` outside the record.
    """
    first, last = record_span(pack)
    if not first < now <= first_hour(last):
        raise BadSettings(f"the record runs from {_shown(first, pack)} to {_shown(last, pack)}: name a time in it")
    calls = pack.calls if kind is None else pack.calls.filter(pl.col("kind") == kind)
    city = pack.city
    start, slots = _days(first, now, calls, city) if step == DAY else _hours(first, now, calls)
    table = _counted(calls, city, *slots)
    return History(
        start=start,
        counts=table[:, :-1],
        areas=tuple(city.areas),
        timezone=city.timezone,
        unplaced=table[:, -1],
        step=step,
        country=city.country,
        subdivision=city.subdivision,
        weather=weather_of(city, ZoneInfo(city.timezone) if step == DAY else UTC),
    )


def _hours(first: datetime, now: datetime, calls: pl.DataFrame) -> tuple[datetime, tuple[int, np.ndarray[Any, Any]]]:
    start = first_hour(first)
    since_us = calls["received"].dt.epoch("us").to_numpy() - int(start.timestamp()) * 1_000_000
    return start, (max(0, (now - start) // HOUR), since_us // 3_600_000_000)


def _days(
    first: datetime, now: datetime, calls: pl.DataFrame, city: City
) -> tuple[datetime, tuple[int, np.ndarray[Any, Any]]]:
    """Local dates, as midnights of UTC a day apart."""
    zone = ZoneInfo(city.timezone)
    began = first.astimezone(zone)
    whole = began.date() if (began.hour, began.minute) == (0, 0) else began.date() + timedelta(days=1)
    start = datetime(whole.year, whole.month, whole.day, tzinfo=UTC)
    dates = calls["received"].dt.convert_time_zone(city.timezone).dt.date().cast(pl.Int32).to_numpy()
    epoch = (whole - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    return start, (max(0, (now.astimezone(zone).date() - whole).days), dates - epoch)


def _counted(calls: pl.DataFrame, city: City, steps: int, slots: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Calls per step and area, int32 (steps, A + 1); the last column holds those of no area."""
    columns = {str(area): n for n, area in enumerate(city.areas)}
    rows = [columns.get(area, len(columns)) if area is not None else len(columns) for area in calls["area"]]
    table = np.zeros((steps, len(columns) + 1), np.int32)
    inside = (slots >= 0) & (slots < steps)
    np.add.at(table, (slots[inside].astype(np.int64), np.array(rows, np.int64)[inside]), 1)
    return table


def weather_of(city: City, zone: tzinfo = UTC) -> Weather | None:
    """The pack's weather as arrays; None without any. `zone`: whose clock the times show, as those of the history:
    daily counts belong to local dates."""
    if not city.weather:
        return None
    names = [n for n, v in city.weather[0].items() if n not in _NOT_MEASURED and not isinstance(v, str | datetime)]
    rows = [row for row in city.weather if row["known_at"] is not None]
    return Weather(
        at=_instants([row["time"] for row in rows], zone),
        known_at=_instants([row["known_at"] for row in rows], zone),
        values={name: np.array([_number(row.get(name)) for row in rows], np.float64) for name in names},
    )


def _instants(times: list[datetime], zone: tzinfo) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    return np.array([time.astimezone(zone).replace(tzinfo=None) for time in times], "datetime64[us]")


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _shown(time: datetime, pack: Pack) -> str:
    return f"{time.astimezone(ZoneInfo(pack.city.timezone)):%Y-%m-%dT%H:%M}"
