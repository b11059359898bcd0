"""From anybody's file to counts: times in many forms, days that are partial, hours that clocks skip or repeat."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.bench import read
from tocsin.bench.forecast.data import read_panel
from tocsin.bench.forecast.question import Question, Source, span_of
from tocsin.errors import BadReport, BadSettings
from tocsin.forecasting.protocol import DAY, HOUR

FIRST = datetime.fromisoformat("2024-03-04")
"""A Monday; files hold clock times without a zone."""


def every(minutes: int, days: int, start: datetime = FIRST) -> list[datetime]:
    return [start + timedelta(minutes=i) for i in range(0, days * 1440, minutes)]


def calls_file(folder: Path, times: list[object], areas: list[str | None] | None = None, **more: list[object]) -> Path:
    path = folder / "calls.parquet"
    pl.DataFrame({"received": times, "zone": areas or ["A"] * len(times), **more}).write_parquet(path)
    return path


def calls(path: Path, **more: object) -> Source:
    return Source(path, "received", area="zone", **more)  # type: ignore[arg-type]


def test_calls_are_counted_by_hour_and_area(tmp_path: Path):
    times = every(20, 3)
    path = calls_file(tmp_path, times, ["A", "A", "B"] * (len(times) // 3))
    panel = read_panel(calls(path), Question())
    assert panel.history.start == FIRST.replace(tzinfo=UTC)
    assert panel.history.areas == ("A", "B")
    assert panel.history.counts.shape == (72, 2)
    assert (panel.history.counts == [2, 1]).all()
    assert panel.history.known is None


def test_a_first_day_that_begins_in_the_afternoon_is_left_out_and_so_is_a_last_one_that_ends_early(tmp_path: Path):
    times = [t for t in every(30, 4) if t >= FIRST + timedelta(hours=17) and t < FIRST + timedelta(days=3, hours=9)]
    history = read_panel(calls(calls_file(tmp_path, times)), Question()).history
    assert history.start == datetime(2024, 3, 5, tzinfo=UTC)
    assert history.until == datetime(2024, 3, 7, tzinfo=UTC)
    assert (history.counts == 2).all()


def test_a_quiet_town_keeps_its_first_day(tmp_path: Path):
    """A call every 7 hours: a first call at 05:00 is no sign of a feed that began late."""
    times = [FIRST + timedelta(hours=5 + 7 * i) for i in range(14)]
    history = read_panel(calls(calls_file(tmp_path, times)), Question()).history
    assert history.start == FIRST.replace(tzinfo=UTC)


def test_days_belong_to_the_local_date(tmp_path: Path):
    stamps = [f"2024-03-{day:02}T{hour:02}:30:00+00:00" for day in range(4, 9) for hour in range(24)]
    source = calls(calls_file(tmp_path, list(stamps)))
    history = read_panel(source, Question(step=DAY, zone="America/New_York", since="2024-03-05")).history
    assert history.step == DAY
    assert history.start == datetime(2024, 3, 5, tzinfo=UTC)
    assert history.counts[:3, 0].tolist() == [24, 24, 24]


@pytest.mark.parametrize(
    ("form", "zone"),
    [
        ("%Y-%m-%d %H:%M:%S", "UTC"),
        ("%Y-%m-%dT%H:%M:%S", "UTC"),
        ("%d/%m/%Y %H:%M", "UTC"),
        ("%m/%d/%Y %I:%M:%S %p", "UTC"),
        ("%Y-%m-%dT%H:%M:%SZ", "UTC"),
    ],
)
def test_times_are_read_in_many_forms(tmp_path: Path, form: str, zone: str):
    times = every(30, 20, FIRST + timedelta(days=7))
    path = tmp_path / "calls.csv"
    pl.DataFrame({"received": [t.strftime(form) for t in times], "zone": "A"}).write_csv(path)
    history = read_panel(calls(path), Question(zone=zone)).history
    assert history.start == datetime(2024, 3, 11, tzinfo=UTC)
    assert (history.counts == 2).all()


def test_a_few_cells_that_are_no_time_are_left_out_and_counted(tmp_path: Path):
    times = [f"{t:%Y-%m-%d %H:%M}" for t in every(30, 10)]
    times[100] = "unknown"
    panel = read_panel(calls(calls_file(tmp_path, list(times))), Question())
    assert panel.notes["rows_without_time_or_series"] == 1
    assert panel.history.counts.sum() == len(times) - 1
    times[100:110] = ["unknown"] * 10
    assert "'unknown' is no time" in refusal_of(calls(calls_file(tmp_path, list(times))), Question())


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2024 10:00", "05/06/2024 11:00"], ("day", True)),
        (["03/04/2024 10:00", "25/06/2024 11:00"], ("day", False)),
        (["03/04/2024 10:00", "06/25/2024 11:00"], ("month", False)),
        (["03/04/2024 10:00:00 AM", "05/06/2024 11:00:00 PM"], ("month", True)),
        (["2024-03-04 10:00", "2024-05-06 11:00"], None),
        (["", None], None),
    ],
)
def test_the_order_of_dates_is_said_and_whether_it_was_guessed(cells: list[str | None], order: tuple[str, bool] | None):
    found = read.date_orders(pl.DataFrame({"when": pl.Series(cells, dtype=pl.String)}), "when", None)
    assert found == ({} if order is None else {"when": read.DateOrder(*order)})


def test_dates_stand_beside_clock_times(tmp_path: Path):
    times = every(30, 3)
    path = calls_file(tmp_path, [f"{t:%H:%M:%S}" for t in times], day=[t.date() for t in times])
    history = read_panel(calls(path, date="day"), Question()).history
    assert history.counts.shape == (72, 1)
    assert (history.counts == 2).all()


def test_a_clock_time_that_does_not_exist_is_read_an_hour_later(tmp_path: Path):
    """New York, 10 March 2024: 02:00 to 03:00 is not."""
    times = every(30, 14)
    history = read_panel(calls(calls_file(tmp_path, times)), Question(zone="America/New_York")).history
    assert history.start == datetime(2024, 3, 4, 5, tzinfo=UTC)
    assert len(history.counts) == 14 * 24 - 1
    gap = (datetime(2024, 3, 10, 7, tzinfo=UTC) - history.start) // HOUR
    assert history.counts[gap, 0] == 4, "its two calls and the two of 03:00"
    assert np.delete(history.counts[:, 0], gap).tolist() == [2] * (len(history.counts) - 1)


def test_both_passes_of_a_repeated_hour_are_not_known(tmp_path: Path):
    """New York, 3 November 2024: 01:00 to 02:00 comes twice, and clock times cannot say which."""
    times = every(30, 7, datetime.fromisoformat("2024-10-30"))
    history = read_panel(calls(calls_file(tmp_path, times)), Question(zone="America/New_York")).history
    assert len(history.counts) == 7 * 24 + 1
    unknown = [history.start + int(i) * HOUR for i in np.flatnonzero(~history.which_known()[:, 0])]
    assert unknown == [datetime(2024, 11, 3, 5, tzinfo=UTC), datetime(2024, 11, 3, 6, tzinfo=UTC)]


def test_without_a_zone_the_clock_is_taken_as_it_is(tmp_path: Path):
    history = read_panel(calls(calls_file(tmp_path, every(30, 14))), Question()).history
    assert len(history.counts) == 14 * 24
    assert (history.counts == 2).all()


def test_series_are_area_by_kind_and_refused_kinds_are_not_among_them(tmp_path: Path):
    times = every(30, 3)
    kinds = ["Fire alarm", "Assault", "Cardiac arrest"] * (len(times) // 3)
    path = calls_file(tmp_path, times, kind=kinds)
    panel = read_panel(calls(path, kind="kind"), Question())
    assert panel.history.areas == ("A / Cardiac arrest", "A / Fire alarm")
    assert panel.notes["kinds_refused"] == 1


def counts_file(folder: Path, wide: bool, gone: tuple[int, int] | None = None) -> Path:
    times = every(60, 21)
    table = pl.DataFrame({"hour": times, "a": range(len(times)), "b": [5] * len(times)})
    if gone is not None:
        table = table.with_columns(b=pl.when(pl.int_range(pl.len()).is_between(*gone)).then(-1).otherwise("b"))
    path = folder / "counts.csv"
    (table if wide else table.unpivot(index="hour", variable_name="sensor", value_name="n")).write_csv(path)
    return path


@pytest.mark.parametrize("wide", [True, False])
def test_counts_are_read_wide_and_long(tmp_path: Path, wide: bool):
    source = Source(counts_file(tmp_path, wide, (30, 39)), "hour", is_calls=False, wide=wide, missing=-1)
    if not wide:
        source = Source(source.path, "hour", is_calls=False, area="sensor", value="n", missing=-1)
    history = read_panel(source, Question()).history
    assert history.counts[:, 0].tolist() == list(range(21 * 24))
    assert np.flatnonzero(~history.which_known()[:, 1]).tolist() == list(range(30, 40))
    assert history.which_known()[:, 0].all()


def test_hours_add_up_to_days_and_a_day_with_a_hole_is_not_known(tmp_path: Path):
    path = counts_file(tmp_path, True, (30, 39))
    history = read_panel(Source(path, "hour", is_calls=False, wide=True, missing=-1), Question(step=DAY)).history
    assert history.counts[0].tolist() == [sum(range(24)), 5 * 24]
    assert history.which_known()[:, 1].tolist() == [True, False] + [True] * 19


def test_rows_that_are_not_there_are_not_known(tmp_path: Path):
    times = every(60, 10)
    kept = [t for i, t in enumerate(times) if not 50 <= i < 60]
    path = tmp_path / "counts.csv"
    pl.DataFrame({"hour": kept, "n": 3}).write_csv(path)
    history = read_panel(Source(path, "hour", is_calls=False, wide=True), Question()).history
    assert np.flatnonzero(~history.which_known()).tolist() == list(range(50, 60))


def refusal_of(source: Source, question: Question) -> str:
    with pytest.raises((BadSettings, BadReport)) as caught:
        read_panel(source, question)
    return str(caught.value)


def test_errors_name_the_place_and_what_there_is(tmp_path: Path):
    path = calls_file(tmp_path, every(30, 3))
    assert "'recieved'" in refusal_of(Source(path, "recieved", area="zone"), Question())
    assert "the file has: received, zone" in refusal_of(Source(path, "recieved", area="zone"), Question())
    assert "--area" in refusal_of(Source(path, "received", area="town"), Question())
    assert "column 'zone'" in refusal_of(Source(path, "zone", area="zone"), Question())
    assert "'Europe/Nowhere'" in refusal_of(calls(path), Question(zone="Europe/Nowhere"))
    assert "there is no file" in refusal_of(calls(tmp_path / "none.csv"), Question())
    assert "'Z'" in refusal_of(calls(path, only=("Z",)), Question())


def test_a_count_that_is_none_is_refused_with_its_column(tmp_path: Path):
    negative = counts_file(tmp_path, True, (3, 4))
    said = refusal_of(Source(negative, "hour", is_calls=False, wide=True), Question())
    assert "column 'b'" in said
    assert "--missing -1" in said
    pl.DataFrame({"hour": every(60, 2), "n": ["5", "six"] * 24}).write_csv(negative)
    assert "'six'" in refusal_of(Source(negative, "hour", is_calls=False, wide=True), Question())
    pl.DataFrame({"hour": every(60, 2), "n": [5.5] * 48}).write_csv(negative)
    assert "5.5" in refusal_of(Source(negative, "hour", is_calls=False, wide=True), Question())


def test_daily_rows_make_no_hours(tmp_path: Path):
    path = tmp_path / "counts.csv"
    pl.DataFrame({"day": every(1440, 60), "n": 4}).write_csv(path)
    assert "--freq" in refusal_of(Source(path, "day", is_calls=False, wide=True), Question())


@pytest.mark.parametrize(("text", "hours"), [("7d", 168), ("12h", 12), ("2w", 336)])
def test_spans(text: str, hours: int):
    assert span_of(text, "--every") == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "7", "0d", "d7", "-7d", "7m"])
def test_what_is_no_span(text: str):
    with pytest.raises(BadSettings, match="--every"):
        span_of(text, "--every")


@pytest.mark.parametrize(
    ("separator", "name"), [(";", "calls.csv"), ("\t", "calls.tsv"), ("|", "calls.txt"), (",", "c.csv")]
)
def test_cells_may_stand_apart_by_more_than_commas(tmp_path: Path, separator: str, name: str):
    head = separator.join(["received", '"zone, or; area"'])
    rows = [f"{t:%Y-%m-%d %H:%M}{separator}A" for t in every(30, 3)]
    (tmp_path / name).write_text("\n".join([head, *rows]) + "\n")
    history = read_panel(Source(tmp_path / name, "received", area="zone, or; area"), Question()).history
    assert (history.counts == 2).all()


def test_a_packed_file_with_semicolons_is_read(tmp_path: Path):
    text = "\n".join(["received;zone", *(f"{t:%Y-%m-%d %H:%M};A" for t in every(30, 3))])
    (tmp_path / "calls.csv.gz").write_bytes(gzip.compress(text.encode()))
    assert (read_panel(calls(tmp_path / "calls.csv.gz"), Question()).history.counts == 2).all()


def test_clock_times_without_a_day_are_sent_to_the_column_of_dates(tmp_path: Path):
    path = calls_file(tmp_path, [f"{n % 24:02}:06:08" for n in range(100)])
    with pytest.raises(BadReport, match="--date COL"):
        read_panel(calls(path), Question())


def test_a_blank_area_is_no_area(tmp_path: Path):
    times = every(20, 3)
    panel = read_panel(calls(calls_file(tmp_path, times, ["A", "", " "] * (len(times) // 3))), Question())
    assert panel.history.areas == ("A",)
    assert panel.notes["rows_without_time_or_series"] == 2 * len(times) // 3
