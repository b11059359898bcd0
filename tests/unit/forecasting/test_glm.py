"""Recipe 4b on sums against the same regression on every cell, by a general optimiser."""

from datetime import UTC, datetime

import numpy as np
import pytest
from scipy.optimize import minimize

from tocsin.forecasting.demand.glm import (
    AREA_HOUR_RIDGE,
    AREA_RIDGE,
    HOUR_RIDGE,
    TREND_RIDGE,
    WEEKEND_RIDGE,
    GlmModel,
    _fitted,
)
from tocsin.forecasting.protocol import History
from tocsin.model.ids import AreaId

WEEK = 168
MONDAY = datetime(2021, 1, 4, tzinfo=UTC)


def cells(weeks=6, areas=2, gaps=False):
    rng = np.random.default_rng(3)
    slots = np.arange(WEEK)
    shape = np.exp(0.6 * np.sin(2 * np.pi * (slots % 24 - 9) / 24))[:, None] * np.array([0.8, 2.0])[:areas]
    growth = np.exp(0.5 * (np.arange(weeks) - weeks) / 26.0)
    hours = (rng.random((weeks, WEEK, areas)) < 0.8).astype(float) if gaps else np.ones((weeks, WEEK, areas))
    return rng.poisson(growth[:, None, None] * shape) * hours, hours, (np.arange(weeks) - weeks + 0.5) / 26.0


@pytest.mark.parametrize("gaps", [False, True])
def test_the_fit_is_the_penalised_maximum(gaps):
    calls, hours, at = cells(gaps=gaps)
    weeks, _, areas = calls.shape
    weight = 0.5 ** (np.arange(weeks)[::-1] / 26.0)
    weekend = np.arange(WEEK) >= 120

    def parts(x):
        area, hour = x[:areas], x[areas : areas + WEEK]
        own = x[areas + WEEK : areas + WEEK + 24 * areas].reshape(24, areas)
        return area, hour, own, x[-2 * areas : -areas], x[-areas:]

    def loss(x):
        area, hour, own, off, trend = parts(x)
        log = area + hour[:, None] + np.tile(own, (7, 1)) + weekend[:, None] * off
        log = log + (at[:, None] * trend)[:, None, :]
        mean = np.exp(log) * hours
        grad = weight[:, None, None] * (mean - calls)
        by_slot = grad.sum(axis=0)
        value = (weight[:, None, None] * (mean - calls * log)).sum()
        ridges = (AREA_RIDGE, HOUR_RIDGE, AREA_HOUR_RIDGE, WEEKEND_RIDGE, TREND_RIDGE)
        value += sum(0.5 * r * (p**2).sum() for r, p in zip(ridges, (area, hour, own, off, trend), strict=True))
        slope = [
            by_slot.sum(axis=0) + AREA_RIDGE * area,
            by_slot.sum(axis=1) + HOUR_RIDGE * hour,
            (by_slot.reshape(7, 24, areas).sum(axis=0) + AREA_HOUR_RIDGE * own).ravel(),
            by_slot[weekend].sum(axis=0) + WEEKEND_RIDGE * off,
            (at[:, None] * grad.sum(axis=1)).sum(axis=0) + TREND_RIDGE * trend,
        ]
        return value, np.concatenate(slope)

    found = minimize(
        loss,
        np.zeros(areas + WEEK + 24 * areas + 2 * areas),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 3000, "ftol": 1e-14, "gtol": 1e-8},
    )
    area, hour, own, off, trend = parts(found.x)
    best = np.exp(area + hour[:, None] + np.tile(own, (7, 1)) + weekend[:, None] * off)
    fit = _fitted(calls, hours, at)
    assert fit.shape() == pytest.approx(best, rel=5e-3)
    assert fit.trend == pytest.approx(trend, abs=5e-3)


def test_it_learns_the_shape_of_the_week():
    calls, _, _ = cells(weeks=20)
    counts = calls.reshape(-1, 2).astype(np.int32)
    told = History(MONDAY, counts, tuple(map(AreaId, "ab")), "UTC")
    said = GlmModel().learn(told).forecast(told.until, 24)
    truth = np.exp(0.6 * np.sin(2 * np.pi * (np.arange(24) - 9) / 24))
    assert np.corrcoef(said.city_mean, truth)[0, 1] > 0.95
    assert said.model == "glm 1"
