"""The plug-ins around other people's libraries keep the house's promises, where the extra `rivals` is installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec

import numpy as np
import pytest

from tocsin.adapters.forecasters.clock import by_the_clock
from tocsin.adapters.forecasters.heads import Reals, filled, week_means, week_slots
from tocsin.adapters.forecasters.lightgbm import LightGbmModel
from tocsin.adapters.forecasters.mlforecast import MlForecastModel
from tocsin.adapters.forecasters.statsforecast import StatsForecastModel
from tocsin.conformance.forecaster import PROMISES
from tocsin.forecasting.protocol import DAY, HOUR, Forecaster, History
from tocsin.model.ids import AreaId

MISSING = [name for name in ("statsforecast", "lightgbm", "mlforecast") if find_spec(name) is None]
needs_rivals = pytest.mark.skipif(bool(MISSING), reason=f"make extras adds {', '.join(MISSING)}")

SLOW = {
    "answers_for_one_area_and_for_many",  # AutoETS fits 200 series one by one: minutes
    "answers_for_any_length_of_history",  # the same at ten lengths
    "answers_with_holidays_known_or_not",  # it uses neither holidays nor weather
    "sees_no_weather_before_it_is_known",
}
ALL = [p for p in PROMISES if p.__name__ not in SLOW]
FEW = [p for p in PROMISES if p.__name__ in {"begins_at_the_next_full_hour", "sees_no_future", "follows_a_constant"}]


@needs_rivals
@pytest.mark.parametrize("new", [StatsForecastModel, LightGbmModel], ids=["statsforecast", "lightgbm"])
@pytest.mark.parametrize("promise", ALL, ids=lambda p: p.__name__)
def test_a_library_keeps(promise: Callable[..., None], new: Callable[[], Forecaster]) -> None:
    promise(new)


@needs_rivals
@pytest.mark.parametrize("promise", [p for p in PROMISES if p.__name__ in SLOW], ids=lambda p: p.__name__)
def test_lightgbm_keeps_what_is_slow_for_others(promise: Callable[..., None]) -> None:
    promise(LightGbmModel)


@needs_rivals
@pytest.mark.parametrize("promise", FEW, ids=lambda p: p.__name__)
def test_mlforecast_keeps(promise: Callable[..., None]) -> None:
    promise(MlForecastModel)


def _city(hours: int = 8 * 168, step_s: int = 3600) -> History:
    counts = np.random.default_rng(4).poisson(
        3.0 * (1 + 0.8 * np.sin(2 * np.pi * np.arange(hours) / (24 if step_s == 3600 else 7)))[:, None] * [0.5, 1.5]
    )
    areas = (AreaId("a"), AreaId("b"))
    start = datetime(2024, 1, 1, tzinfo=UTC)
    return History(start, counts.astype(np.int32), areas, "UTC", step=HOUR if step_s == 3600 else DAY)


@needs_rivals
@pytest.mark.parametrize("kind", ["AutoETS", "CrostonSBA", "SeasonalNaive", "DynamicOptimizedTheta"])
def test_every_classical_model_says_numbers_in_order(kind) -> None:
    said = StatsForecastModel(kind).reals(_city(), 24)
    assert said.mean.shape == (2, 24)
    assert said.quantiles is not None
    assert said.quantiles.shape == (2, 24, 9)
    assert (np.diff(np.sort(said.quantiles, axis=-1), axis=-1) >= 0).all()
    assert np.isfinite(said.quantiles).all()
    assert said.mean[1].mean() > 1.5 * said.mean[0].mean()


@needs_rivals
def test_quantile_trees_lie_around_the_truth() -> None:
    history = _city(20 * 168)
    said = LightGbmModel(by_quantile=True).reals(history.between(0, 19 * 168), 168)
    assert said.quantiles is not None
    truth = history.counts[19 * 168 :].T
    held = ((truth >= said.quantiles[..., 0]) & (truth <= said.quantiles[..., -1])).mean()
    assert 0.7 < held < 0.95


@needs_rivals
@pytest.mark.parametrize("model", [StatsForecastModel, LightGbmModel])
def test_days_are_forecast_too(model: Callable[[], Forecaster]) -> None:
    history = _city(400, 86400)
    demand = model().learn(history).forecast(history.until, 14)
    assert demand.step_s == 86400
    assert demand.start == history.until
    assert demand.mean.shape == (2, 14)
    assert (demand.mean[1] > demand.mean[0]).mean() > 0.8


def test_without_the_library_it_says_what_adds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("statsforecast", "lightgbm", "mlforecast"):
        monkeypatch.setattr(f"tocsin.adapters.forecasters.{module}.find_spec", lambda _: None)
    for model in (StatsForecastModel, LightGbmModel, MlForecastModel):
        with pytest.raises(ImportError, match="make extras"):
            model()


def test_libraries_are_given_the_citys_own_clock() -> None:
    """A peak at local noon stays at noon over New York's change of clocks for a model that only counts 24 steps."""

    def yesterday(history: History, horizon: int) -> Reals:
        counts = filled(history)
        return Reals(counts[-24:][np.arange(horizon) % 24].T, None)

    start = datetime(2021, 3, 8, 5, tzinfo=UTC)
    local_noon = [(5 + 12 + 24 * d) - (1 if d >= 6 else 0) - 5 for d in range(10)]
    counts = np.zeros((9 * 24, 1), np.int32)
    counts[[hour for hour in local_noon if hour < len(counts)]] = 9
    history = History(start, counts, (AreaId("a"),), "America/New_York")
    for known in (5 * 24 + 12, 6 * 24, 7 * 24):
        said = by_the_clock(yesterday, history.between(0, known), 48).mean[0]
        peaks = {known + int(step) for step in np.flatnonzero(said == 9)}
        assert peaks == {hour for hour in local_noon if known <= hour < known + 48}


def test_what_is_not_known_is_filled_with_its_step_of_the_week() -> None:
    history = _city(4 * 168)
    known = np.ones(history.counts.shape, np.bool_)
    known[-168:-140] = False
    holed = replace(history, counts=np.where(known, history.counts, 999_999).astype(np.int32), known=known)
    slots = week_slots(history.start, len(history.counts), history)
    expected = week_means(holed)[slots][-168:-140]
    assert filled(holed)[-168:-140] == pytest.approx(expected)
    assert filled(holed).max() < 100
