"""The history that a pack's calls make: whole steps, local days, no area, one kind; and looking back with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tests.city import START, write_tiny_pack
from tocsin.adapters.packs import Pack, load_pack
from tocsin.adapters.packs.history import history_of_pack, record_span, weather_of
from tocsin.errors import BadPack, BadSettings
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.outlook import steps_of
from tocsin.forecasting.protocol import DAY, HOUR, History
from tocsin.forecasting.scoring.lookback import look_back, origins_of, rival_means
from tocsin.model.verification import FIGURES


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return load_pack(write_tiny_pack(tmp_path_factory.mktemp("history") / "pack"))


def with_calls(pack: Pack, *times: datetime, area: str | None = "sw", kind: str = "Illness") -> Pack:
    frame = pl.DataFrame(
        {"call": [str(n) for n in range(len(times))], "received": list(times)},
        schema_overrides={"received": pl.Datetime("us", "UTC")},
    ).with_columns(pl.lit(area, pl.String).alias("area"), pl.lit(kind).alias("kind"))
    return Pack(pack.city, pack.path, frame, None, pack.report)


def test_whole_hours_from_the_first_that_was_seen(pack: Pack):
    first = datetime(2024, 3, 4, 10, 30, tzinfo=UTC)
    told = with_calls(pack, first, first + 0.6 * HOUR, first + 2 * HOUR, first + 3 * HOUR)
    history = history_of_pack(told, datetime(2024, 3, 4, 13, tzinfo=UTC))
    assert history.start == datetime(2024, 3, 4, 11, tzinfo=UTC)
    assert history.counts[:, 0].tolist() == [1, 1], "10:30 lies in an hour seen in part, 13:30 is later"


def test_calls_of_no_area_count_for_the_city_alone(pack: Pack):
    times = [START + n * HOUR for n in range(4)]
    history = history_of_pack(with_calls(pack, *times, area=None), START + 3 * HOUR)
    assert history.counts.sum() == 0
    assert history.with_unplaced().sum() == 3


def test_days_are_the_city_s_own_also_when_clocks_change(pack: Pack):
    # Berlin: the last Sunday of March has 23 hours; 22:30 UTC of the 30th is 23:30 there, of the 31st 00:30 of 1 April.
    times = [datetime(2024, 3, 28, 12, tzinfo=UTC)]
    times += [datetime(2024, 3, day, 22, 30, tzinfo=UTC) for day in (29, 30, 31)]
    times.append(datetime(2024, 4, 3, 12, tzinfo=UTC))
    history = history_of_pack(with_calls(pack, *times), datetime(2024, 4, 2, 12, tzinfo=UTC), step=DAY)
    assert pack.city.timezone == "Europe/Berlin"
    assert history.start == datetime(2024, 3, 29, tzinfo=UTC)
    assert history.counts[:, 0].tolist() == [1, 1, 0, 1]
    assert history.until == datetime(2024, 4, 2, tzinfo=UTC)


def test_one_kind_alone(pack: Pack):
    first, last = record_span(pack)
    every = history_of_pack(pack, last)
    parts = [history_of_pack(pack, last, kind=kind) for kind in ("Illness", "Building fire", "Flooded cellar")]
    np.testing.assert_array_equal(sum(part.counts for part in parts), every.counts)
    assert first < every.start


def test_a_time_outside_the_record_is_refused_with_its_span(pack: Pack):
    first, last = record_span(pack)
    for time in (first, last + 2 * HOUR):
        with pytest.raises(BadSettings, match="the record runs from 2024-03-04T01:0"):
            history_of_pack(pack, time)
    with pytest.raises(BadPack, match="nothing to forecast from"):
        record_span(with_calls(pack))


def test_weather_comes_with_when_it_was_known(pack: Pack):
    weather = weather_of(pack.city)
    assert weather is not None
    assert set(weather.values) == {"rain_mm"}
    known = weather.known(START + 5 * HOUR)
    assert len(known.at) == 5, "an hour's rain is known at its end"
    assert weather_of(replace(pack.city, weather=())) is None


def made(days: int, per_h: float = 2.0) -> History:
    counts = np.random.default_rng(3).poisson(per_h, (24 * days, 3)).astype(np.int32)
    return History(START, counts[:, :2], ("n", "s"), "Europe/Berlin", counts[:, 2])  # type: ignore[arg-type]


def test_looking_back_judges_each_step_once_and_only_what_was_known():
    history = made(9)
    asked: list[datetime] = []

    class Watched(CountModel):
        def learn(self, known: History) -> CountModel:
            asked.append(known.until)
            return super().learn(known)

    back = look_back(Watched(), history, history.until, 24, row=0, seed=1)
    assert list(back.origins) == asked == [history.until - n * DAY for n in range(7, 0, -1)]
    assert [past.start for past in back.past] == [history.until - 7 * DAY + n * HOUR for n in range(168)]
    assert [past.observed for past in back.past] == history.counts[-168:, 0].tolist()
    assert back.areas[:, 0].tolist() == [168, 168]
    assert back.city[0] == 168
    assert back.pit.sum() == 2 * 168
    inside = back.areas[:, FIGURES.index("inside")].sum() / (2 * 168)
    assert 0.7 < inside < 0.9


def test_origins_wait_until_something_was_seen():
    assert origins_of(made(2), START + 2 * DAY, 24) == (START + DAY,)
    assert origins_of(made(9), START + 9 * DAY, 168) == (START + 2 * DAY,)
    assert origins_of(made(1), START + DAY / 2, 24) == ()


def test_the_rival_of_days_says_the_mean_of_the_same_weekday():
    counts = np.array([[7 if day % 7 == 5 else 1] for day in range(70)], np.int32)
    history = History(START, counts, ("n",), "UTC", step=DAY)  # type: ignore[arg-type]
    means = rival_means(history, history.until, 7)[:, 0]
    assert means[5] > 6
    assert all(means[day] < 1.5 for day in (0, 1, 2, 3, 4, 6))
    none = rival_means(history.before(START), START, 2)
    assert (none > 0).all()


def test_more_than_usual_is_rare_where_all_is_usual():
    history = made(20)
    demand = CountModel().learn(history).forecast(history.until, 24)
    usual = rival_means(history, demand.start, 24)
    calm = steps_of(demand, None, usual.sum(axis=1))
    assert all(step.chance_more < 0.25 for step in calm)
    busy = steps_of(demand, None, usual.sum(axis=1) / 3)
    assert all(b.chance_more > c.chance_more for b, c in zip(busy, calm, strict=True))
    assert demand.start + timedelta(hours=23) == calm[-1].start
