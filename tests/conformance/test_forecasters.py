"""The built-in forecasters keep every promise, and the suite finds forecasters that do not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tocsin.conformance import Broken
from tocsin.conformance.forecaster import PROMISES, check_forecaster
from tocsin.forecasting.demand.chosen import ChosenModel
from tocsin.forecasting.demand.climatology import Climatology
from tocsin.forecasting.demand.combined import CombinedModel
from tocsin.forecasting.demand.counts import CountModel
from tocsin.forecasting.demand.glm import GlmModel
from tocsin.forecasting.demand.volume import VolumeModel
from tocsin.forecasting.protocol import HORIZON, Forecaster
from tocsin.model.city import WeekShape


def _with_shape() -> CountModel:
    """A week shape for five areas, the third of them unknown; used where the history has as many areas."""
    share = np.random.default_rng(3).random((5, 168))
    share[2] = 0
    return CountModel(WeekShape(share / share.sum()))


@pytest.mark.parametrize(
    "new",
    [ChosenModel, CombinedModel, CountModel, GlmModel, VolumeModel, Climatology],
    ids=["chosen", "combined", "counts", "glm", "volume", "climatology"],
)
@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_forecaster_keeps(promise: Callable[..., None], new: Callable[[], Forecaster]) -> None:
    promise(new)


FIVE_AREAS = [
    p for p in PROMISES if p.__name__ in {"answers_for_any_length_of_history", "knows_no_path", "sees_no_future"}
]


@pytest.mark.parametrize("promise", FIVE_AREAS, ids=lambda p: p.__name__)
def test_count_model_with_a_week_shape_keeps(promise: Callable[..., None]) -> None:
    promise(_with_shape)


class _Foresees(CountModel):
    """Uses everything that it was told, whatever the time."""

    def learn(self, history):
        learned = _Foresees()
        learned._told = history
        return learned

    def forecast(self, now, horizon=HORIZON):
        demand = CountModel().learn(self._told).forecast(now, horizon)
        return replace(demand, mean=demand.mean + self._told.counts[-1:].sum() * 0.01)


class _Crosses(CountModel):
    def forecast(self, now, horizon=HORIZON):
        demand = super().forecast(now, horizon)
        return replace(demand, quantiles=demand.quantiles[..., ::-1])

    def learn(self, history):
        learned = _Crosses()
        learned._history, learned._fit = history, super().learn(history)._fit
        return learned


class _SureFromTheStart(CountModel):
    def forecast(self, now, horizon=HORIZON):
        demand = super().forecast(now, horizon)
        return replace(demand, city_quantiles=np.full_like(demand.city_quantiles, 3))

    def learn(self, history):
        learned = _SureFromTheStart()
        learned._history, learned._fit = history, super().learn(history)._fit
        return learned


@pytest.mark.parametrize("broken", [_Foresees, _Crosses, _SureFromTheStart])
def test_the_suite_finds(broken: Callable[[], Forecaster]) -> None:
    with pytest.raises(Broken):
        check_forecaster(broken)
