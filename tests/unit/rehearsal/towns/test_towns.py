"""Towns and calls of a pack: what is taken from the record, what is drawn, and that learning ends before scoring."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tocsin.adapters.packs.example import write_example
from tocsin.adapters.packs.load import Pack, load_pack
from tocsin.geography.graph import StreetGraph
from tocsin.model.city import Period
from tocsin.model.ids import HospitalId
from tocsin.model.service import CallRate, Duration, DurationLaw, ServiceLaw
from tocsin.rehearsal.check import check
from tocsin.rehearsal.town import NEAREST
from tocsin.rehearsal.towns.case import Case, case_of
from tocsin.rehearsal.towns.fleet import family_of, fleet_of
from tocsin.rehearsal.towns.span import split_of
from tocsin.rehearsal.towns.table import record_of


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("pack")
    write_example(folder)
    return load_pack(folder)


@pytest.fixture(scope="module")
def graph(pack: Pack) -> StreetGraph:
    return StreetGraph.of(pack.city.streets)


@pytest.fixture(scope="module")
def case(pack: Pack, graph: StreetGraph) -> Case:
    return case_of(pack.city, graph, pack.calls, pack.responses)


def test_the_fleet_is_of_those_who_carry_patients(pack: Pack):
    assert family_of(pack.city) == ("ambulance",)
    whole = Period(pack.calls["received"][0], pack.calls["received"][-1])
    assert fleet_of(pack.city, pack.responses, whole).size == 5


def test_without_duty_those_count_who_leave_marks(pack: Pack):
    day = Period(pack.calls["received"][0], pack.calls["received"][0] + timedelta(days=2))
    one = pack.responses.filter(pl.col("unit") == "A1")
    fleet = fleet_of(replace(pack.city, duty=None, duty_gap_h=48.0), one, day)
    assert (fleet.size, fleet.assumed) == (1, False)
    assert fleet_of(replace(pack.city, duty=None), None, day).assumed


def test_several_units_at_a_call_are_one_response(pack: Pack, case: Case):
    record = record_of(pack.city, pack.calls, pack.responses, case.fleet)
    asked = {"Medical emergency", "Traffic accident"}
    assert set(record.calls["kind"]) == asked
    assert record.calls.height == pack.calls.filter(pl.col("kind").is_in(list(asked))).height
    first = pack.responses.group_by("call").agg(pl.col("dispatched").min())
    both = pack.calls.join(first, on="call").filter(pl.col("kind").is_in(list(asked))).sort("received")
    delay_s = (both["dispatched"] - both["received"]).dt.total_seconds()
    assert record.calls.filter(pl.col("delay_s").is_not_null())["delay_s"].to_list()[:20] == delay_s.to_list()[:20]


def test_absurd_durations_are_left_out_and_counted(pack: Pack, case: Case):
    backwards = pack.responses.with_columns(
        pl.when(pl.col("unit").str.starts_with("A"))
        .then(pl.col("on_scene") - pl.duration(hours=3))
        .otherwise(pl.col("available"))
        .alias("available")
    )
    record = record_of(pack.city, pack.calls, backwards, case.fleet)
    stayed = record.calls.filter(~pl.col("transport"))
    assert stayed["on_scene_s"].null_count() == stayed.height > 0
    assert record.left_out["on_scene_s outside 30 to 21600 s"] == stayed.height


def test_learning_ends_where_scoring_begins(case: Case):
    assert case.split is not None
    assert case.split.learn.end == case.split.score.start
    assert len(case.trace) > 100
    assert case.trace.at_s.min() >= 0.0


def test_nothing_of_the_scored_span_changes_what_was_learned(pack: Pack, graph: StreetGraph, case: Case):
    start = case.split.score.start
    calls = pack.calls.filter(pl.col("received") < start + timedelta(days=1))
    later = pl.col("dispatched") >= start
    responses = pack.responses.with_columns(
        pl.when(later).then(pl.col(m) + pl.duration(minutes=20)).otherwise(pl.col(m)).alias(m)
        for m in ("on_scene", "available")
    )
    asked = Period(start, start + timedelta(days=1))
    one, other = (
        case_of(pack.city, graph, c, r, asked=asked) for c, r in ((pack.calls, pack.responses), (calls, responses))
    )
    assert np.array_equal(one.town.seconds, other.town.seconds)
    assert np.array_equal(one.town.demand, other.town.demand)
    assert one.learned.service == other.learned.service
    assert one.fleet == other.fleet


def test_the_record_comes_first_and_draws_are_the_same_for_all(pack: Pack, graph: StreetGraph, case: Case):
    again = case_of(pack.city, graph, pack.calls, pack.responses)
    for name in ("at_s", "zone", "delay_s", "on_scene_s", "transport", "handover_s"):
        assert np.array_equal(getattr(case.trace, name), getattr(again.trace, name)), name
    record = record_of(pack.city, pack.calls, pack.responses, case.fleet).within(case.split.score)
    known = record["on_scene_s"].is_not_null().to_numpy()
    assert np.allclose(case.trace.on_scene_s[known], record["on_scene_s"].to_numpy()[known])


def test_calls_without_a_place_count_at_their_areas_centre(pack: Pack, graph: StreetGraph):
    nowhere = pack.calls.with_columns(pl.lit(None, pl.Float64).alias("lon"), pl.lit(None, pl.Float64).alias("lat"))
    case = case_of(pack.city, graph, nowhere, pack.responses)
    assert len(case.trace) > 100
    assert len(np.unique(case.trace.zone)) <= len(pack.city.areas)
    lost = nowhere.with_columns(pl.lit(None, pl.String).alias("area"))
    case = case_of(pack.city, graph, lost, pack.responses)
    assert (len(case.trace), case.empty) == (0, "no call of the scored span asks for these units and has a place")
    assert case.notes["calls without a place, left out"] > 100


@pytest.mark.parametrize("seed", [1, 2])
def test_town_and_calls_hold_what_the_simulator_asks_for(case: Case, seed: int):
    check(case.town, case.trace)
    check(case.town, case.generate(3.0, seed))


def test_generated_calls_follow_the_law(case: Case):
    calls = case.generate(200.0, 5)
    assert len(calls) / 200.0 == pytest.approx(case.learned.per_day, rel=0.03)
    assert np.mean(calls.priority == 1) == pytest.approx(case.learned.priorities[0], abs=0.02)
    share = case.town.demand.sum(axis=0) / case.town.demand.sum()
    assert np.abs(np.bincount(calls.zone, minlength=case.town.zones) / len(calls) - share).max() < 0.01
    hours = np.bincount((calls.at_s // 3600).astype(int) % 24, minlength=24)
    assert hours.max() > 2 * hours.min()
    assert np.array_equal(calls.at_s, case.generate(200.0, 5).at_s)


def test_a_city_without_a_record_is_generated_as_its_pack_says(pack: Pack, graph: StreetGraph):
    law = ServiceLaw(
        DurationLaw.constant(50.0), DurationLaw(Duration.EXPONENTIAL, 720.0), 0.8, DurationLaw.constant(600.0)
    )
    city = replace(pack.city, call_rate=CallRate(40.0, (0.5, 0.25, 0.25)), service={"ambulance": law})
    case = case_of(city, graph, pack.calls.clear(), None)
    assert (case.split, case.trace, case.empty) == (None, None, None)
    calls = case.generate(100.0, 3)
    assert len(calls) == pytest.approx(4_000, rel=0.05)
    assert set(calls.delay_s) == {50.0}
    assert calls.on_scene_s.mean() == pytest.approx(720.0, rel=0.06)
    assert case.town.demand.sum() * 24.0 == pytest.approx(30.0)


def test_without_hospitals_nobody_is_taken_to_one(pack: Pack, graph: StreetGraph, case: Case):
    bare = case_of(replace(pack.city, hospitals={}), graph, pack.calls, pack.responses)
    assert not bare.trace.transport.any()
    assert bare.trace.on_scene_s.sum() > 1.2 * case.trace.on_scene_s.sum()


def test_a_named_hospital_is_kept(pack: Pack, graph: StreetGraph, case: Case):
    assert set(case.trace.hospital) == {NEAREST, 0}
    assert list(pack.city.hospitals) == [HospitalId("general")]


NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "asked", "learned", "scored"),
    [
        (8.0, None, 3.0, 5.5),
        (2.0, None, 1.25, 1.25),
        (100.0, None, 75.0, 25.5),
        (8.0, (5.0, 7.0), 5.0, 2.0),
        (8.0, (1.0, 7.0), 4.0, 3.0),
    ],
)
def test_a_record_is_split(days: float, asked: tuple[float, float] | None, learned: float, scored: float):
    begin = NOON.replace(hour=0)
    period = None if asked is None else Period(*(begin + timedelta(days=d) for d in asked))
    split = split_of(NOON, NOON + timedelta(days=days), "UTC", period)
    assert (split.learn.end - begin) / timedelta(days=1) == pytest.approx(learned, abs=0.6)
    assert (split.score.end - split.score.start) / timedelta(days=1) == pytest.approx(scored, abs=0.6)
    assert split.learn.end <= split.score.start


def test_a_span_outside_the_record_leaves_nothing():
    later = Period(NOON + timedelta(days=30), NOON + timedelta(days=40))
    assert split_of(NOON, NOON + timedelta(days=8), "UTC", later) is None
