"""Measure the forecasters on named data: `python benchmarks/forecasting.py TASK FILE`.

    montgomery_weekly, dublin_weekly   the last 8 weeks, weekly origins, 168 h ahead, everything before as history
    montgomery_first, dublin_first     the first ten days, hourly origins, 24 h ahead; the week shape is learned from
                                       the same series after day 60. Constants of the wide prior were set on these.
    san_francisco                      the whole-city week of New Year 2017, the same; the week shape is learned from
                                       six neighbourhoods in 2018. Scored four times after the constants were frozen,
                                       while code changed; the first run counted a 42nd area that is none.

Prints one JSON object with machine, seed and commit. The data are not in the repository.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.forecasting.demand.climatology import Climatology
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.hours import WEEK, hours_of_week
from tocsin.forecasting.protocol import HOUR, Forecaster, History
from tocsin.forecasting.scoring.scores import ReplayScore
from tocsin.model.city import WeekShape
from tocsin.model.ids import AreaId

SEED = 1
DAYS = {  # first and past-the-last whole day, on the city's own clock
    "montgomery": ("2015-12-11", "2016-07-01"),
    "dublin": ("2020-01-01", "2022-01-01"),
}


@dataclass(frozen=True)
class Series:
    """A city's whole record. Local clock times without a zone are read as that zone's standard time all year, so that
    every day has 24 hours; `Etc/GMT` zones say so to the model."""

    start: datetime
    counts: NDArray[np.int32]
    areas: tuple[AreaId, ...]
    timezone: str

    def history(self, first: int, last: int) -> History:
        return History(self.start + first * HOUR, self.counts[first:last], self.areas, self.timezone)

    def shape(self, first: int, last: int) -> WeekShape:
        """The week shape of the hours `[first, last)`, as a pack's history.parquet would have it."""
        slots = hours_of_week(self.start + first * HOUR, last - first, self.timezone)
        table = np.zeros((WEEK, len(self.areas)))
        np.add.at(table, slots, self.counts[first:last])
        return WeekShape((table / table.sum()).T)


def counted(times: pl.Series, areas: pl.Series, start: datetime, end: datetime, timezone: str) -> Series:
    """Hourly counts of naive local times in `[start, end)`; the naive clock is taken for the zone's own."""
    inside = (times >= start) & (times < end)
    hours = ((times.filter(inside) - start).dt.total_seconds() // 3600).to_numpy()
    names = sorted(areas.filter(inside).drop_nulls().unique().to_list())
    at = {name: i for i, name in enumerate(names)}
    columns = np.array([at.get(name, len(names)) for name in areas.filter(inside)])
    counts = np.zeros((int((end - start) / HOUR), len(names) + 1), np.int32)
    np.add.at(counts, (hours, columns), 1)
    first = start.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)
    return Series(first, counts[:, :-1], tuple(AreaId(n) for n in names), timezone)


def montgomery(path: Path) -> Series:
    calls = pl.read_parquet(path)
    return counted(calls["timeStamp"], calls["twp"], *map(datetime.fromisoformat, DAYS["montgomery"]), "Etc/GMT+5")


def dublin(path: Path) -> Series:
    calls = pl.read_parquet(path).drop_nulls(["TOC", "Date"])
    hour = calls["TOC"].str.slice(0, 2).cast(pl.Int64)
    times = calls.select(pl.col("Date").cast(pl.Datetime("us")) + pl.duration(hours=hour)).to_series()
    return counted(times, calls["Station Name"], *map(datetime.fromisoformat, DAYS["dublin"]), "Etc/GMT")


def san_francisco(path: Path) -> Series:
    """First seven whole days of the whole-city week; each call once, at its earliest received time."""
    rows = pl.read_parquet(path).filter(pl.col("extract") == "whole_city_week_2017_01")
    area = "Neighborhooods - Analysis Boundaries"
    rows = rows.with_columns(pl.col(area).replace("None", None))  # the source's word for no neighbourhood
    calls = rows.group_by("Call Number").agg(pl.col("Received DtTm").min(), pl.col(area).first())
    start = calls["Received DtTm"].min().replace(hour=0, minute=0, second=0, microsecond=0)
    days = (calls["Received DtTm"].max() - start).days + 1
    return counted(calls["Received DtTm"], calls[area], start, start + timedelta(days=days), "America/Los_Angeles")


def shape_of_2018(path: Path, series: Series) -> WeekShape:
    """The week shape of six neighbourhoods in 2018, for the areas of `series`; the others hold 0."""
    rows = pl.read_parquet(path).filter(pl.col("extract") == "six_neighborhoods_2018")
    area = "Neighborhooods - Analysis Boundaries"
    calls = rows.group_by("Call Number").agg(pl.col("Received DtTm").min(), pl.col(area).first()).drop_nulls()
    at = {name: i for i, name in enumerate(series.areas)}
    table = np.zeros((len(series.areas), WEEK))
    for received, name in calls.select("Received DtTm", area).iter_rows():
        if name in at:
            table[at[name], received.weekday() * 24 + received.hour] += 1
    return WeekShape(table / table.sum())


def hourly(series: Series, model: Forecaster, first: int, hours: int, horizon: int = 24) -> dict[str, Any]:
    """A forecast at every full hour, scored as `tocsin replay` scores it."""
    score, spent = ReplayScore(seed=SEED), []
    for hour in range(hours + 1):
        history = series.history(first, first + hour)
        score.arrived(history)
        begin = time.process_time()
        model = model.learn(history)
        demand = model.forecast(history.until, horizon)
        spent.append(time.process_time() - begin)
        score.issued(demand)
    return {**score.report(), "cpu_ms_median": 1e3 * float(np.median(spent)), "cpu_ms_most": 1e3 * max(spent)}


def weekly(series: Series, model: Forecaster, origins: int = 8, horizon: int = WEEK) -> dict[str, Any]:
    """The protocol of the anchors: origins a week apart to the end, everything before as history."""
    score, spent = ReplayScore(seed=SEED), []
    hours = len(series.counts)
    for origin in range(hours - origins * horizon, hours, horizon):
        history = series.history(0, origin)
        score.arrived(history)
        begin = time.process_time()
        score.issued(model.learn(history).forecast(history.until, horizon))
        spent.append(time.process_time() - begin)
    score.arrived(series.history(0, hours))
    return {**score.report(), "cpu_ms_median": 1e3 * float(np.median(spent))}


def models(shape: WeekShape | None) -> Iterator[tuple[str, Forecaster]]:
    yield "counts", CountModel()
    yield "counts_without_recency", CountModel(recency=False)
    yield "climatology", Climatology()
    if shape is not None:
        yield "counts_with_week_shape", CountModel(shape)


def measured(task: str, path: Path) -> dict[str, Any]:
    if task == "montgomery_weekly":
        series = montgomery(path)
        return {name: weekly(series, model) for name, model in models(None)}
    if task == "dublin_weekly":
        series = dublin(path)
        return {name: weekly(series, model) for name, model in models(None)}
    if task == "san_francisco":
        series, ten_days = san_francisco(path), 10 * 24
        shape = shape_of_2018(path, series)
        hours = min(ten_days, len(series.counts))
    else:
        series = montgomery(path) if task == "montgomery_first" else dublin(path)
        shape = series.shape(60 * 24, len(series.counts))
        hours = 10 * 24
    return {name: hourly(series, model, 0, hours) for name, model in models(shape)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = ("montgomery_weekly", "montgomery_first", "dublin_weekly", "dublin_first", "san_francisco")
    parser.add_argument("task", choices=tasks)
    parser.add_argument("file", type=Path)
    chosen = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    report = {
        "task": chosen.task,
        "data": chosen.file.name,
        "seed": SEED,
        "commit": commit or None,
        "machine": f"{platform.machine()} {platform.system()}, Python {platform.python_version()}",
        "models": measured(chosen.task, chosen.file),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
