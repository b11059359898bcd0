"""From anybody's file to counts per step and series, with what is not known kept apart from zero.

Clock times without an offset are those of `--tz`. Where clocks go forward, a time that does not exist is read one hour
later; where they go back, both passes of the repeated hour are taken for not known: clock times cannot tell them apart.
Without `--tz` the clock is taken as it is and every day has 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.bench import read
from tocsin.bench.forecast.question import Question, Source
from tocsin.errors import BadReport, BadSettings
from tocsin.forecasting.protocol import DAY, HOUR, History
from tocsin.model.ids import AreaId
from tocsin.model.never import refusal

MOST = np.iinfo(np.int32).max
USUAL_GAP = 0.99
"""A first day counts as whole when the file begins within this quantile of the gaps between calls after midnight."""
NAME = " / "


@dataclass(frozen=True, slots=True)
class Panel:
    """All series over their whole span, and what was set aside on the way."""

    history: History
    rows: int
    notes: dict[str, Any] = field(default_factory=dict)


def read_panel(source: Source, question: Question) -> Panel:
    """Raises: BadSettings (options, columns), BadReport (cells that cannot be read)."""
    try:
        ZoneInfo(question.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSettings(f"--tz: {question.zone!r} is no time zone; write e.g. Europe/Dublin") from error
    table = read.read_table(source.path)
    panel = (_calls if source.is_calls else _counts)(source.checked(), question, table)
    orders = read.date_orders(table, source.date or source.time)
    panel.notes["date_orders"] = {name: order.as_json() for name, order in orders.items()}
    return panel


def _calls(source: Source, question: Question, table: pl.DataFrame) -> Panel:
    rows, refused = _rows_of_calls(source, table)
    rows, notes = _taken(rows, source, question)
    notes["kinds_refused"] = refused
    if rows.is_empty():
        raise BadReport(source.path.name, "no row is left with a time and an area")
    wall = _wall(rows["time"], question.zone)
    first, end = _whole_days(wall, question)
    start, steps = _grid(first, end, question)
    at = _steps(rows["time"], wall, start, question)
    names = sorted(rows["series"].unique().to_list())
    counts = _table(at, _codes(rows["series"], names), np.ones(len(rows)), steps, len(names))
    known = _known_hours(rows["time"], start, steps, question)
    return Panel(_history(start, counts, known, names, question), len(table), notes)


def _rows_of_calls(source: Source, table: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Columns time and series; how many kinds were refused (docs/concepts/never.md)."""
    assert source.area is not None  # noqa: S101 - `checked` holds it
    series = _names(table, source.area, "--area")
    rows = pl.DataFrame({"time": read.times(table, source.time, date=source.date), "series": series})
    if source.kind is None:
        return rows, 0
    kinds = _names(table, source.kind, "--kind")
    refused = [kind for kind in kinds.drop_nulls().unique().to_list() if refusal(kind) is not None]
    named = rows.with_columns(kind=kinds).filter(~pl.col("kind").is_in(refused))
    return named.select("time", series=pl.concat_str("series", "kind", separator=NAME)), len(refused)


def _names(table: pl.DataFrame, name: str, option: str) -> pl.Series:
    """Names of areas or kinds; null where a cell is blank."""
    cells = read.column(table, name, option).cast(pl.String)
    return cells.set(cells.str.strip_chars() == "", None)


def _taken(rows: pl.DataFrame, source: Source, question: Question) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Rows with a time and a series, of the series asked for, in the span asked for."""
    whole = rows.drop_nulls(["time", "series"])
    wanted = _wanted(whole["series"].unique().to_list(), source)
    kept = whole.filter(pl.col("series").is_in(wanted))
    wall = _wall(kept["time"], question.zone)
    inside = pl.repeat(True, len(kept), eager=True)
    if question.since is not None:
        inside = inside & (wall >= read.moment(question.since, "--from"))
    if question.until is not None:
        inside = inside & (wall < read.moment(question.until, "--until"))
    return kept.filter(inside), {"rows_without_time_or_series": len(rows) - len(whole)}


def _wanted(names: list[str], source: Source) -> list[str]:
    left_out = () if source.wide else source.leave_out  # of a wide file whole columns were left out
    for option, asked in (("--only", source.only), ("--leave-out", left_out)):
        for name in asked:
            if name not in names:
                some = ", ".join(sorted(names)[:20])
                raise BadSettings(f"{option}: there is no series {name!r}; there are {len(names)}: {some}")
    return [name for name in names if (not source.only or name in source.only) and name not in source.leave_out]


def _wall(times: pl.Series, zone: str) -> pl.Series:
    """Local clock times without a zone."""
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
        return times.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return times


def _whole_days(wall: pl.Series, question: Question) -> tuple[datetime, datetime]:
    """First and past-the-last local midnight of the days that the file covers whole."""
    ordered = wall.sort()
    gaps = ordered.diff().drop_nulls().dt.total_seconds().to_numpy()
    usual = timedelta(seconds=max(3600.0, float(np.quantile(gaps, USUAL_GAP)) if len(gaps) else 0.0))
    first, last = _moment(ordered[0]), _moment(ordered[-1])
    start = first.replace(hour=0, minute=0, second=0, microsecond=0)
    end = last.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    if question.since is None and first - start > usual:
        start += DAY
    if question.until is None and end - last > usual:
        end -= DAY
    if end <= start:
        raise BadReport("--time", f"the file covers no whole day: it runs from {first} to {last}")
    return start, end


def _moment(cell: object) -> datetime:
    assert isinstance(cell, datetime)  # noqa: S101 - a Datetime column without nulls
    return cell


def _grid(first: datetime, end: datetime, question: Question) -> tuple[datetime, int]:
    """Start of the first step (UTC) and number of steps between two local moments."""
    if question.step == DAY:
        return first.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC), (end - first) // DAY
    zone = ZoneInfo(question.zone)
    start = first.replace(tzinfo=zone).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return start, (end.replace(tzinfo=zone).astimezone(UTC) - start) // HOUR


def _instants(times: pl.Series, zone: str) -> pl.Series:
    """Clock times of a zone in UTC; the earlier of two, one hour later where there is none."""
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None:
        return times.dt.convert_time_zone("UTC")

    def placed(cells: pl.Series) -> pl.Series:
        return cells.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")

    found = placed(times)
    if found.null_count() == times.null_count():
        return found
    later = placed(times.dt.offset_by("1h"))
    return pl.select(pl.coalesce(found, later)).to_series()


def _steps(times: pl.Series, wall: pl.Series, start: datetime, question: Question) -> NDArray[np.int64]:
    """Step of each row counted from `start`; outside of the grid where it lies outside."""
    if question.step == DAY:
        since = wall.dt.truncate("1d") - start.replace(tzinfo=None)
        return np.asarray(since.dt.total_days().to_numpy(), np.int64)
    since = _instants(times, question.zone) - pl.Series([start]).dt.convert_time_zone("UTC").dt.cast_time_unit("us")[0]
    return np.asarray(np.floor(since.dt.total_microseconds().to_numpy() / 3.6e9), np.int64)


def _known_hours(times: pl.Series, start: datetime, steps: int, question: Question) -> NDArray[np.bool_]:
    """False for both passes of an hour that the clock repeats, where the file tells clock times: bool (H,)."""
    known = np.ones(steps, np.bool_)
    aware = isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone is not None
    if aware or question.step == DAY or question.zone == "UTC":
        return known
    zone = ZoneInfo(question.zone)
    offsets = [(start + i * HOUR).astimezone(zone).utcoffset() or timedelta() for i in range(steps + 1)]
    for i in range(1, steps + 1):
        if offsets[i] < offsets[i - 1]:
            known[i - 1 : i + 1] = False
    return known


def _codes(series: pl.Series, names: list[str]) -> NDArray[np.int64]:
    at = {name: i for i, name in enumerate(names)}
    return np.fromiter((at[name] for name in series), np.int64, len(series))


def _table(
    at: NDArray[np.int64], codes: NDArray[np.int64], values: NDArray[np.float64], steps: int, columns: int
) -> NDArray[np.int32]:
    """Sums per step and series, int32 (H, A). Raises: BadReport for counts that no int32 holds."""
    inside = (at >= 0) & (at < steps)
    flat = np.bincount(at[inside] * columns + codes[inside], values[inside], steps * columns)
    if flat.max(initial=0.0) > MOST:
        raise BadReport("--value", f"a count of {flat.max():.0f} in one step is more than {MOST}")
    return flat.reshape(steps, columns).astype(np.int32)


def _history(
    start: datetime, counts: NDArray[np.int32], known: NDArray[np.bool_], names: Iterable[str], question: Question
) -> History:
    """`known`: bool (H,) or (H, A)."""
    full = known if known.ndim == 2 else np.repeat(known[:, None], counts.shape[1], axis=1)
    return History(
        start=start,
        counts=np.where(full, counts, 0).astype(np.int32),
        areas=tuple(AreaId(name) for name in names),
        timezone=question.zone,
        step=question.step,
        known=None if full.all() else full,
        country=question.country,
        subdivision=question.subdivision,
    )


def _counts(source: Source, question: Question, table: pl.DataFrame) -> Panel:
    rows, notes = _taken(_rows_of_counts(source, table), source, question)
    if rows.is_empty():
        raise BadReport(source.path.name, "no row is left with a time and a series")
    cells = rows.group_by("time", "series").agg(
        pl.col("value").sum(), empty=pl.col("value").is_null().any()
    )  # rows of the same time and series add up
    spacing = _spacing(cells["time"], question)
    wall = _wall(cells["time"], question.zone)
    first, last = wall.min(), wall.max()
    start, steps = _grid(_moment(first), _moment(last) + spacing, question)
    names = sorted(cells["series"].unique().to_list())
    at, codes = _steps(cells["time"], wall, start, question), _codes(cells["series"], names)
    counts = _table(at, codes, cells["value"].to_numpy().astype(np.float64), steps, len(names))
    told = _table(at, codes, (~cells["empty"]).to_numpy().astype(np.float64), steps, len(names))
    enough = max(1, question.step // spacing - (1 if question.step == DAY and spacing <= HOUR else 0))
    known = (told >= enough) & _known_hours(cells["time"], start, steps, question)[:, None]
    return Panel(_history(start, counts, known, names, question), len(table), notes)


def _rows_of_counts(source: Source, table: pl.DataFrame) -> pl.DataFrame:
    """Columns time, series, value (null where it is not known)."""
    when = read.times(table, source.time, date=source.date)
    if source.wide:
        for name in source.leave_out:
            read.column(table, name, "--leave-out")
        aside = {source.time, source.date, *source.leave_out}
        wide = table.select(_numbers(table[name], source) for name in table.columns if name not in aside)
        return wide.with_columns(time=when).unpivot(index="time", variable_name="series", value_name="value")
    assert source.area is not None  # noqa: S101 - `checked` holds it
    assert source.value is not None  # noqa: S101
    series = _names(table, source.area, "--area")
    value = _numbers(read.column(table, source.value, "--value"), source)
    return pl.DataFrame({"time": when, "series": series, "value": value})


def _numbers(cells: pl.Series, source: Source) -> pl.Series:
    """Whole, not negative; null where not known. Raises: BadReport with the column and the first cell that is not."""
    where = f"column {cells.name!r}"
    numbers = cells.cast(pl.Float64, strict=False)
    wrong = cells.filter(numbers.is_null() & cells.is_not_null())
    if len(wrong):
        raise BadReport(where, f"{wrong[0]!r} is no number; name the columns of counts, or --leave-out this one")
    if source.missing is not None:
        numbers = numbers.set(numbers == source.missing, None)
    numbers = numbers.set(numbers.is_nan() | numbers.is_infinite(), None)
    bad = numbers.filter((numbers < 0) | (numbers != numbers.round(0)))
    if len(bad):
        raise BadReport(where, f"{bad[0]:g} is no count; if it stands for not known, say --missing {bad[0]:g}")
    return numbers


def _spacing(times: pl.Series, question: Question) -> timedelta:
    """How far apart the rows of a file of counts stand. Raises: BadSettings when that is more than a step."""
    apart = times.unique().sort().diff().drop_nulls()
    spacing = apart.mode().min() if len(apart) else question.step
    assert isinstance(spacing, timedelta)  # noqa: S101
    if spacing > question.step:
        raise BadSettings(f"--freq: the file's rows stand {spacing} apart; ask for that or for longer steps")
    return spacing
