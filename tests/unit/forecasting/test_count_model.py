"""The count model against the recipe written out by hand, its wide prior, and what it says of itself."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tocsin.forecasting.demand.counts import CountModel, recipe_4a
from tocsin.forecasting.demand.factors import why_expected
from tocsin.forecasting.demand.first_week import prior_of, usual_of_hours
from tocsin.forecasting.demand.recent import CALLS, HALF_LIFE_H, faded, recent_factor
from tocsin.forecasting.demand.seen import ENOUGH_WEEKS, Seen, extended
from tocsin.forecasting.protocol import HOUR, History
from tocsin.model.city import WeekShape
from tocsin.model.ids import AreaId

MONDAY = datetime(2021, 1, 4, tzinfo=UTC)
WEEK = 168


def calls(weeks, areas=3, seed=5):
    day = 1.0 + 0.5 * np.sin(2 * np.pi * (np.arange(WEEK) - 9) / 24)
    level = 0.4 * np.arange(1, areas + 1)
    return np.random.default_rng(seed).poisson(np.tile(day, weeks)[:, None] * level)


def history(counts, unplaced=None):
    areas = tuple(AreaId(str(i)) for i in range(counts.shape[1]))
    return History(MONDAY, counts.astype(np.int32), areas, "UTC", unplaced)


def gaussian(values, deviation):
    weight = {j: np.exp(-0.5 * (j / deviation) ** 2) for j in range(-4, 5)}
    return [sum(w * values[(s + j) % WEEK] for j, w in weight.items()) / sum(weight.values()) for s in range(WEEK)]


def usual_of(counts):
    told = history(counts)
    seen = extended(Seen.nothing(counts.shape[1] + 1), told)
    return recipe_4a(seen, told)


def by_hand(counts, area):
    """Recipe 4a for one area, weeks beginning on Monday 00, in plain loops: level, profile, level doubt.

    Weeks fade week by week for the level, days day by day for the profile.
    """
    weeks = counts.reshape(-1, WEEK, counts.shape[1])
    n = len(weeks)
    omega = [0.5 ** ((n - w) / 10) for w in range(1, n + 1)]
    k = [weeks[w, :, area].mean() for w in range(n)]
    ell = sum(o * x for o, x in zip(omega, k, strict=True)) / sum(omega)
    v = 1 / (WEEK * ell)
    rho = max(sum((x / ell - 1) ** 2 for x in k) / n - v, 1e-4)
    lam = [0.5 ** ((n - w) / 3) for w in range(1, n + 1)]
    effective = sum(lam) ** 2 / sum(x * x for x in lam)
    trust = rho / (rho + (v + rho) / effective)
    level = ell * (1 + trust * (sum(a * b for a, b in zip(lam, k, strict=True)) / (ell * sum(lam)) - 1))
    fading = np.array([0.5 ** ((7 * n - 1 - d - 3) / 70) for d in range(7 * n)]).repeat(24).reshape(n, WEEK)
    weighted, hours = (fading[:, :, None] * weeks).sum(axis=0), fading.sum(axis=0)
    rates = (weighted.sum(axis=0) / hours.sum()).sum()
    pi = np.array(gaussian(weighted.sum(axis=1), 1.0)) / np.array(gaussian(hours * rates, 1.0))
    pi /= pi.mean()
    own, due = weighted[:, area], ell * hours
    base = np.empty(WEEK)
    for s in range(WEEK):
        days = range(5) if s < 120 else range(5, 7)
        seen = expected = 0.0
        for j, w in ((-1, 0.25), (0, 0.5), (1, 0.25)):
            slots = [d * 24 + (s % 24 + j) % 24 for d in days]
            seen += w * sum(own[t] for t in slots)
            expected += w * sum(pi[t] * due[t] for t in slots)
        base[s] = pi[s] * (seen + 15) / (expected + 15)
    base /= base.mean()
    profile = base * (np.array(gaussian(own, 0.8)) + 20) / (base * due + 20)
    return level, profile / profile.mean(), rho * (1 - trust)


def test_the_recipe_is_the_recipe():
    counts = calls(9)
    usual = usual_of(counts)
    for area in range(3):
        level, profile, _ = by_hand(counts, area)
        assert usual.level[area] == pytest.approx(level, rel=1e-12)
        assert usual.profile[:, area] == pytest.approx(profile, rel=1e-9)


def test_the_recipes_dispersion_is_the_moment_estimate_of_eight_weeks_and_the_levels_doubt():
    counts = calls(9)
    usual = usual_of(counts)
    last = np.column_stack([counts, np.zeros(len(counts))]).reshape(9, WEEK, 4)[-8:]
    fit = last.mean(axis=1, keepdims=True) * usual.profile
    over, square = ((last - fit) ** 2 - last).sum(axis=(0, 1)), (fit**2).sum(axis=(0, 1))
    pooled = over.sum() / square.sum()
    for area in range(3):
        own = max((over[area] + pooled * square.mean()) / (square[area] + square.mean()), 0.0)
        assert usual.dispersion[0, area] == pytest.approx(own + by_hand(counts, area)[2], rel=1e-6)


def test_from_twelve_weeks_on_the_recipe_stands_alone():
    counts = calls(ENOUGH_WEEKS)
    model = CountModel(recency=False).learn(history(counts))
    alone = usual_of(counts)
    demand = model.forecast(MONDAY + len(counts) * HOUR)
    ratio = demand.mean / alone.mean[:24, :-1].T
    assert ratio == pytest.approx(np.tile(ratio[0], (3, 1))), "beside it only the trend, the same for every area"
    assert ratio == pytest.approx(1.0, abs=0.01)
    assert demand.note is None


def test_under_one_week_the_prior_is_named_and_wide():
    empty = CountModel().learn(history(calls(1)[:0])).forecast(MONDAY)
    low, high = empty.city_quantiles[:, 0], empty.city_quantiles[:, -1]
    assert empty.note == "wide_prior"
    assert (low == 0).all()
    assert (high >= 2 * empty.city_mean).all()
    assert empty.learned_until is None
    widths = [
        float(CountModel().learn(history(calls(1)[:h])).forecast(MONDAY + h * HOUR).city_dispersion.mean())
        for h in (0, 6, 24, 120)
    ]
    assert widths == sorted(widths, reverse=True)


def test_the_note_goes_with_the_first_whole_week():
    counts = calls(2)
    notes = [CountModel().learn(history(counts[:h])).forecast(MONDAY + h * HOUR).note for h in (167, 168)]
    assert notes == ["wide_prior", None]


def test_a_week_shape_says_when_and_where_but_not_how_many():
    share = np.zeros((3, WEEK))
    share[0, 12::24], share[1, 12::24] = 3.0, 1.0
    shape = WeekShape(share / share.sum())
    empty = CountModel(shape).learn(history(calls(1)[:0])).forecast(MONDAY)
    plain = CountModel().learn(history(calls(1)[:0])).forecast(MONDAY)
    assert empty.city_mean.argmax() == 12
    assert empty.mean[0].sum() > 1.5 * empty.mean[1].sum()
    assert empty.mean[2].sum() > 0, "an area that the shape leaves out is unknown, not silent"
    assert empty.city_mean.mean() == pytest.approx(plain.city_mean.mean(), rel=0.05)


def test_an_empty_week_shape_is_none():
    assert prior_of(WeekShape(np.zeros((3, WEEK))), 3).area_calls == prior_of(None, 3).area_calls


def test_calls_of_no_area_count_for_the_city_alone():
    counts = calls(3)
    elsewhere = np.full(len(counts), 2, np.int32)
    now = MONDAY + len(counts) * HOUR
    demand = CountModel().learn(history(counts, elsewhere)).forecast(now)
    assert demand.city_mean.sum() - demand.mean.sum() == pytest.approx(48, rel=0.1)


def test_what_came_in_outweighs_the_prior():
    counts = np.tile(np.array([[0, 6, 1]]), (100, 1))
    usual = usual_of_hours(
        np.column_stack([counts, np.zeros(100)]).astype(float), np.arange(100) % WEEK, prior_of(None, 3)
    )
    assert usual.level[1] == pytest.approx(6.0, rel=0.1)
    assert usual.level[0] < 0.05


def test_the_recent_factor_is_shrunk_and_fades():
    usual = np.full(48, 10.0)
    doubled = recent_factor(np.full(48, 20.0), usual)
    weight = sum(0.5 ** (i / HALF_LIFE_H) for i in range(48))
    assert doubled == pytest.approx((CALLS + 20 * weight) / (CALLS + 10 * weight))
    assert recent_factor(usual, usual) == pytest.approx(1.0)
    assert recent_factor(np.zeros(0), np.zeros(0)) == 1.0
    later = faded(doubled, np.array([1, 2, 24]))
    assert doubled > later[0] > later[1] > later[2] > 1.0


def test_the_factors_multiply_to_the_mean():
    counts = calls(1)[:100]
    counts[-4:] *= 4
    demand = CountModel().learn(history(counts)).forecast(MONDAY + 100 * HOUR)
    for row, mean in [(0, demand.mean[0]), (3, demand.city_mean)]:
        for step in (0, 23):
            usual, recent = why_expected(demand, row, step)
            assert (usual.code, usual.unit, recent.code, recent.unit) == ("usual", "calls_per_h", "recent", "times")
            assert usual.value * recent.value == pytest.approx(mean[step])
    assert why_expected(demand, 0, 0)[1].value > 1.05
    unmoved = CountModel(recency=False).learn(history(counts)).forecast(MONDAY + 100 * HOUR)
    assert why_expected(unmoved, 0)[1].value == 1.0


def test_what_was_worked_out_at_midnight_is_kept_for_the_day():
    counts = calls(3)
    model = CountModel().learn(history(counts[: 2 * WEEK + 1]))
    later = model.learn(history(counts[: 2 * WEEK + 20]))
    next_day = later.learn(history(counts[: 2 * WEEK + 24]))
    assert later._fit is model._fit
    assert next_day._fit is not model._fit


def test_asking_before_learning_is_refused():
    with pytest.raises(ValueError, match="learn a history first"):
        CountModel().forecast(MONDAY)
