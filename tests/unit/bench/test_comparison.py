"""A made-up city whose law is known: who is told the truth wins, is calibrated, and what is not known never counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tocsin.adapters.forecasters.heads import Reals, dispersions
from tocsin.bench.forecast.origins import Task, tasks
from tocsin.bench.forecast.question import Question, span_of
from tocsin.bench.forecast.results import best_head, mase, rows
from tocsin.bench.forecast.rivals import Heads, LastWeek, WeekMean, WeekQuantiles, plain_rivals
from tocsin.bench.forecast.run import Outcome, run
from tocsin.bench.forecast.said import NEGATIVE_BINOMIAL, RAW, ROUNDED, Said, heads_of, negative_binomial
from tocsin.bench.forecast.verdict import fairness, verdict
from tocsin.errors import BadSettings
from tocsin.forecasting.protocol import DAY, History
from tocsin.model.forecast import LEVELS
from tocsin.model.ids import AreaId

START = datetime(2024, 1, 1, tzinfo=UTC)
WEEKS, AREAS = 12, 4
QUESTION = Question(horizon=168, origins=6)
MEANS = np.array([0.3, 0.8, 1.5, 4.0])[:, None] * (1.0 + 0.8 * np.sin(2 * np.pi * np.arange(168) / 24.0))


def city(known: np.ndarray | None = None) -> History:
    mean = np.tile(MEANS.T, (WEEKS, 1))
    counts = np.random.default_rng(3).poisson(mean).astype(np.int32)
    return History(START, counts, tuple(AreaId(f"area {i}") for i in range(AREAS)), "UTC", known=known)


@dataclass(frozen=True)
class Told:
    """Knows the city's law, times a factor."""

    name: str
    factor: float = 1.0

    def say(self, history: History, horizon: int) -> Heads:
        return lambda: {"own": negative_binomial(self.factor * MEANS[:, np.arange(horizon) % 168], np.zeros(AREAS))}


@dataclass(frozen=True)
class Fails:
    name: str = "fails"

    def say(self, history: History, horizon: int) -> Heads:
        raise RuntimeError("no model able to be fitted")


@dataclass(frozen=True)
class Explodes:
    name: str = "explodes"

    def say(self, history: History, horizon: int) -> Heads:
        flat = np.full((AREAS, horizon), np.inf)
        return lambda: {RAW: Said(np.repeat(flat[..., None], 9, axis=-1), flat)}


@pytest.fixture(scope="module")
def asked() -> list[Task]:
    return tasks(city(), QUESTION)


@pytest.fixture(scope="module")
def outcomes(asked: list[Task]) -> list[Outcome]:
    history = asked[0].history
    return run(
        [Told("tocsin"), Told("twice", 2.0), Told("tocsin-same"), *plain_rivals(history), Fails(), Explodes()], asked, 1
    )


def row_of(outcomes: list[Outcome], asked: list[Task], name: str) -> dict:
    return next(row for row in rows(outcomes, asked) if row["name"] == name)


def test_who_is_told_the_truth_is_better_than_everybody(outcomes, asked):
    said = verdict(outcomes, asked, seed=1)
    results = {entry["rival"]: entry["result"] for entry in said["rivals"]}
    assert results.pop("tocsin-same") == "tie"
    assert set(results.values()) == {"better"}
    assert len(results) == 5
    assert said["better_than_all"] is True
    assert said["no_rival_better_by_over_1_percent"] is True
    assert said["week_quantiles"]["rival"] == "hour-of-week-quantiles"


def test_the_same_model_under_another_name_is_a_tie_of_exactly_nothing(outcomes, asked):
    said = next(e for e in verdict(outcomes, asked, seed=1)["rivals"] if e["rival"] == "tocsin-same")
    assert (said["difference"], said["low"], said["high"]) == (0.0, 0.0, 0.0)


def test_of_fewer_than_six_weeks_nothing_is_called_better(outcomes, asked):
    few = [Outcome(o.name, {h: cells[:5] for h, cells in o.cells.items()}, error=o.error) for o in outcomes]
    said = verdict(few, asked[:5], seed=1)
    assert {entry["result"] for entry in said["rivals"]} == {"tie"}
    assert next(e for e in said["rivals"] if e["rival"] == "twice")["high"] < 0
    assert "fewer than 6 weeks" in said["bootstrap"]["note"]


def test_weeks_without_a_forecast_are_no_blocks():
    apart = tasks(city(), replace(QUESTION, origins=3, every=timedelta(days=14)))
    found = run([Told("tocsin"), Told("twice", 2.0)], apart, 1)
    assert verdict(found, apart, seed=1)["bootstrap"]["blocks"] == 3


def test_seen_from_a_worse_model_the_truth_is_better(outcomes, asked):
    said = verdict(outcomes, asked, seed=1, judged="twice")
    assert said["no_rival_better_by_over_1_percent"] is False
    assert next(e for e in said["rivals"] if e["rival"] == "tocsin")["result"] == "worse"


def test_a_right_law_is_calibrated_and_a_doubled_one_is_not(outcomes, asked):
    right, doubled = row_of(outcomes, asked, "tocsin"), row_of(outcomes, asked, "twice")
    assert right["coverage_80"] == pytest.approx(0.8, abs=0.025)
    assert right["coverage_80_raw"] == pytest.approx(right["coverage_80_expected"], abs=0.02)
    assert right["coverage_80_expected"] > 0.85, "a band of whole calls promises more than 80 %"
    assert right["bias"] == pytest.approx(0.0, abs=0.05)
    assert doubled["coverage_80"] < 0.7
    assert sum(right["pit_bins"]) == AREAS * 168 * 6


def test_the_crps_of_the_truth_is_what_a_poisson_law_must_lose(outcomes, asked):
    """Half the mean absolute difference of two draws: the entropy form of CRPS, Gneiting and Raftery 2007."""
    generator = np.random.default_rng(1)
    one, two = (generator.poisson(MEANS[..., None], (*MEANS.shape, 400)) for _ in range(2))
    assert row_of(outcomes, asked, "tocsin")["crps"] == pytest.approx(0.5 * np.abs(one - two).mean(), rel=0.05)


def test_a_model_that_fails_has_a_row_and_spoils_nothing(outcomes, asked):
    assert row_of(outcomes, asked, "fails")["error"] == "RuntimeError: no model able to be fitted"
    assert "not finite" in row_of(outcomes, asked, "explodes")["error"]
    assert row_of(outcomes, asked, "fails")["pinball"] is None
    assert all(entry["rival"] not in ("fails", "explodes") for entry in verdict(outcomes, asked, seed=1)["rivals"])


def test_without_the_judged_model_nothing_is_compared(outcomes, asked):
    assert "did not run" in verdict(outcomes, asked, seed=1, judged="nobody")["note"]
    assert fairness(outcomes, asked, judged="nobody") is None


def test_what_is_not_known_is_never_scored_nor_learned(asked):
    known = np.random.default_rng(4).random((WEEKS * 168, AREAS)) > 0.1
    plain, planted = city(known), city(known)
    planted = replace(planted, counts=np.where(known, planted.counts, 1_000_000).astype(np.int32))
    models = plain_rivals(plain)
    found = [rows(run(models, tasks(history, QUESTION), 1), tasks(history, QUESTION)) for history in (plain, planted)]
    for one, other in zip(*found, strict=True):
        assert {k: v for k, v in one.items() if k != "cpu_s"} == {k: v for k, v in other.items() if k != "cpu_s"}
    task = tasks(plain, QUESTION)[0]
    assert 0.85 < task.known.mean() < 0.95


def test_fairness_lists_the_series_that_lose(outcomes, asked):
    fair = fairness(outcomes, asked)
    assert fair is not None
    assert fair["lose"] == []
    worse = fairness(outcomes, asked, judged="twice")
    assert worse is not None
    assert set(worse["lose"]) == {f"area {i}" for i in range(AREAS)}
    assert worse["worst_decile"] == pytest.approx(max(worse["relative_pinball"].values()))
    assert [group["series"] for group in worse["bias_by_volume"]] == [1, 1, 1, 1]
    assert worse["bias_by_volume"][-1]["relative_bias"] == pytest.approx(1.0, abs=0.05)


def test_origins_end_with_the_data_and_know_only_what_was_before(asked):
    assert [task.origin for task in asked] == [START + timedelta(weeks=w) for w in range(6, 12)]
    assert [len(task.history.counts) for task in asked] == [168 * w for w in range(6, 12)]
    assert [set(task.week) for task in asked] == [{week} for week in range(6)]
    windowed = tasks(city(), replace(QUESTION, window=timedelta(days=14)))
    assert {len(task.history.counts) for task in windowed} == {336}


def test_the_busiest_series_are_those_before_the_first_origin():
    history = city()
    late = history.counts.copy()
    late[6 * 168 :, 0] = 500
    kept = tasks(replace(history, counts=late), replace(QUESTION, top=2))
    assert kept[0].history.areas == ("area 2", "area 3")


def test_too_many_origins_are_refused_with_how_many_fit():
    with pytest.raises(BadSettings, match="at most 11 do"):
        tasks(city(), replace(QUESTION, origins=12))
    assert len(tasks(city(), replace(QUESTION, origins=11))) == 11


def test_mase_of_last_week_again_is_one_where_nothing_changes(asked):
    cells = run([LastWeek("again")], asked, 1)[0].cells[RAW]
    assert mase(cells, asked) == pytest.approx(1.0, abs=0.15)


def test_days_have_seven_steps_a_week_and_mase_by_horizon():
    counts = np.random.default_rng(2).poisson(50.0, (200, 2)).astype(np.int32)
    history = History(START, counts, (AreaId("a"), AreaId("b")), "UTC", step=DAY)
    asked = tasks(history, Question(step=DAY, horizon=21, origins=3))
    found = rows(run(plain_rivals(history), asked, 1), asked)
    assert {row["name"] for row in found} >= {"day-of-week-quantiles", "day-of-week-mean"}
    by = found[0]["mase_by_horizon"]
    assert list(by) == ["7", "14", "21", "mean"]
    assert by["mean"] == pytest.approx(np.mean([by["7"], by["14"], by["21"]]))
    assert by["mean"] == pytest.approx(found[0]["mase"])


def test_heads_of_a_real_valued_forecast():
    mean = np.full((1, 2), 0.4)
    quantiles = np.broadcast_to(np.linspace(-0.5, 1.3, 9), (1, 2, 9))
    said = heads_of(Reals(mean, quantiles), np.array([0.5]))
    assert set(said) == {RAW, ROUNDED, NEGATIVE_BINOMIAL}
    assert said[RAW].quantiles[0, 0, 0] == -0.5
    assert said[ROUNDED].quantiles[0, 0].tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1]
    assert said[NEGATIVE_BINOMIAL].law is not None
    assert said[NEGATIVE_BINOMIAL].quantiles[0, 0].tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 1]


def test_the_best_head_is_the_one_that_loses_least(asked):
    outcome = run([WeekMean("mean")], asked, 1)[0]
    losses = {row["head"]: row["pinball"] for row in rows([outcome], asked)}
    assert best_head(outcome) == min(losses, key=losses.get)


def test_dispersion_is_found_again():
    generator = np.random.default_rng(6)
    mean = np.full((4000, 2), 3.0)
    drawn = generator.negative_binomial(1 / 0.4, 1 / (1 + 0.4 * mean)).astype(float)
    assert dispersions(drawn, mean) == pytest.approx([0.4, 0.4], abs=0.05)
    assert dispersions(np.round(mean), mean) == pytest.approx([0.0, 0.0])


def test_quantiles_of_the_week_are_those_of_each_hour():
    history = city()
    said = WeekQuantiles("q").say(history, 168)()[RAW]
    hour = 37
    expected = np.quantile(history.counts[hour::168, 2], LEVELS)
    assert said.quantiles[2, hour] == pytest.approx(expected)


def test_a_span_longer_than_the_calendar_is_refused_in_words():
    with pytest.raises(BadSettings, match="longer than a calendar"):
        span_of("99999999999d", "--every")
