import numpy as np
import pytest

from tests.grid import ENGINE, MEDIC, TRUCK
from tocsin.geography.laws import PRIOR, fit_line
from tocsin.geography.travel import REFIT_EVERY, WINDOW, Observation, TravelModel, straight_s
from tocsin.model.ids import UnitId

UNITS = 8


def observations(n, *, kind=ENGINE, units=UNITS, a=90.0, b=0.7, turnout=70.0, noise=0.2, seed=1, urgent=True):
    rng = np.random.default_rng(seed)
    network = rng.uniform(30, 400, n)
    off = np.exp(noise * rng.standard_normal((2, n)))
    return [
        Observation(UnitId(f"{kind}{i % units}"), kind, urgent, float(t), float(v), float(x))
        for i, (x, t, v) in enumerate(zip(network, turnout * off[0], (a + b * network) * off[1], strict=True))
    ]


def test_before_anything_is_learned_the_prior_speaks_with_a_wide_band():
    said = TravelModel().predict(ENGINE, np.array([100.0]))
    assert said.median_s[0] == pytest.approx(220.0)
    assert said.low_s[0] < 0.6 * said.median_s[0]
    assert said.high_s[0] > 1.8 * said.median_s[0]
    assert TravelModel().calibration_error_s is None
    assert TravelModel().band_record == (0, 0)


def test_finds_the_law_that_made_the_times():
    model = TravelModel().learn(observations(1500))
    law = model.law_for(ENGINE)
    assert law.turnout_s == pytest.approx(70.0, rel=0.05)
    assert law.constant_s == pytest.approx(90.0, rel=0.12)
    assert law.slope == pytest.approx(0.7, rel=0.1)
    held, of = model.band_record
    assert of == 100
    assert 70 <= held <= 90


def test_wild_times_do_not_move_the_fit():
    wild = [Observation(UnitId(f"w{i % 9}"), ENGINE, True, 60.0, 5_000.0, 50.0) for i in range(30)]
    law = TravelModel().learn(observations(300) + wild + observations(300, seed=2)).law_for(ENGINE)
    assert law.slope == pytest.approx(0.7, rel=0.15)
    assert law.constant_s == pytest.approx(90.0, rel=0.25)
    x = np.linspace(10, 300, 200)
    y = 50 + 0.8 * x
    y[::20] = 4_000.0
    assert fit_line(x, y, (60.0, 1.0), (60.0, 0.5)) == pytest.approx((50.0, 0.8), rel=0.1)


def test_nothing_is_learned_from_fewer_than_five_units():
    model = TravelModel().learn(observations(400, units=4))
    assert model.laws == {}
    assert model.law_for(ENGINE) is PRIOR


def test_a_kind_with_few_units_is_read_from_all_kinds_together():
    model = TravelModel().learn(observations(400) + observations(200, kind=TRUCK, units=2, a=300.0, seed=2))
    assert model.law_for(TRUCK) is model.laws[(True, None, True)]
    assert model.law_for(ENGINE) is model.laws[(True, ENGINE, True)]


def test_kinds_and_urgencies_keep_their_own_laws():
    model = TravelModel().learn(
        observations(600) + observations(600, kind=MEDIC, turnout=20.0, seed=2) + observations(400, urgent=False, b=1.4)
    )
    assert model.law_for(MEDIC).turnout_s < 0.5 * model.law_for(ENGINE).turnout_s
    assert model.law_for(ENGINE, urgent=False).slope > model.law_for(ENGINE).slope


def test_the_straight_line_has_a_law_of_its_own():
    model = TravelModel().learn(observations(400))
    assert model.law_for(ENGINE, by_road=False) is PRIOR
    assert straight_s(np.array([1000.0]))[0] == pytest.approx(170.04)


def test_learning_one_by_one_equals_learning_at_once():
    seen = observations(3 * REFIT_EVERY + 7)
    at_once, one_by_one = TravelModel().learn(seen), TravelModel()
    for o in seen:
        one_by_one = one_by_one.learn([o])
    assert one_by_one.calibration_error_s == pytest.approx(at_once.calibration_error_s)
    assert one_by_one.held == at_once.held
    there = np.array([50.0, 200.0])
    assert one_by_one.predict(ENGINE, there).high_s.tolist() == at_once.predict(ENGINE, there).high_s.tolist()


def test_errors_are_those_of_predictions_made_before_learning():
    """Twenty alike: all predicted by the prior, and only then fitted."""
    same = [Observation(UnitId(f"u{i}"), ENGINE, True, 60.0, 100.0, 100.0) for i in range(REFIT_EVERY)]
    model = TravelModel().learn(same)
    assert model.calibration_error_s == pytest.approx(60.0)
    assert TravelModel().learn(same * 20).calibration_error_s < 20.0


def test_only_the_newest_count():
    old, new = observations(WINDOW, b=0.3), observations(WINDOW, b=1.2, seed=2)
    assert TravelModel().learn(old + new).law_for(ENGINE).slope == pytest.approx(1.2, rel=0.1)
    assert len(TravelModel().learn(old + new).columns) == WINDOW


@pytest.mark.parametrize(
    "bad",
    [
        Observation(UnitId("u"), ENGINE, True, -5.0, 100.0, 50.0),
        Observation(UnitId("u"), ENGINE, True, 60.0, 0.0, 50.0),
        Observation(UnitId("u"), ENGINE, True, 60.0, 90_000.0, 50.0),
        Observation(UnitId("u"), ENGINE, True, None, 100.0, None),
        Observation(UnitId("u"), ENGINE, True, None, 100.0, float("inf")),
        Observation(UnitId("u"), ENGINE, True, float("nan"), 100.0, 50.0),
    ],
)
def test_what_cannot_be_is_not_learned(bad):
    assert TravelModel().learn([bad]).learned == 0


def test_a_turnout_without_a_way_is_learned_alone():
    model = TravelModel().learn([Observation(UnitId(f"u{i % 6}"), ENGINE, True, 30.0, None, None) for i in range(60)])
    assert model.law_for(ENGINE).turnout_s < 45.0
    assert model.law_for(ENGINE).slope == PRIOR.slope
    assert model.scored == 0


def test_in_time_follows_from_the_same_law():
    model = TravelModel().learn(observations(800))
    there = np.array([50.0, 200.0, np.inf])
    said = model.predict(ENGINE, there)
    for k in range(2):
        assert model.in_time(ENGINE, there, float(said.median_s[k]))[k] == pytest.approx(0.5, abs=1e-6)
        assert model.in_time(ENGINE, there, float(said.high_s[k]))[k] == pytest.approx(0.9, abs=1e-6)
    assert model.in_time(ENGINE, there, 300.0)[2] == 0.0
    assert model.in_time(ENGINE, there, -10.0).tolist() == [0.0, 0.0, 0.0]
    grown = [float(model.in_time(ENGINE, np.array([200.0]), s)[0]) for s in range(10, 2000, 10)]
    assert grown == sorted(grown)
    assert grown[-1] > 0.99


def test_how_far_a_unit_may_be_is_the_inverse_of_the_median():
    model = TravelModel().learn(observations(800))
    far = model.network_within_s(ENGINE, 400.0)
    assert model.predict(ENGINE, np.array([far])).median_s[0] == pytest.approx(400.0)
    assert model.network_within_s(ENGINE, 10.0) < 0.0
