"""One hour beside what was said of it, warnings beside what came, calls by kind: on laws and counts made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tocsin.forecasting import laws
from tocsin.forecasting.demand.climatology import Climatology
from tocsin.forecasting.demand.kinds import area_kind_means, area_shares, hourly_shares, with_kinds
from tocsin.forecasting.protocol import HOUR, History
from tocsin.forecasting.scoring.scores import crps, pinball
from tocsin.forecasting.scoring.summary import chance_bins, is_enough, pit_range, rows_of, warning_rows
from tocsin.forecasting.scoring.verdicts import verdict_of
from tocsin.forecasting.scoring.verify import Came, Said, hours_to_verify, verify_hour
from tocsin.model.forecast import Demand, Part
from tocsin.model.ids import AreaId, CallId, WarningId
from tocsin.model.verification import FIGURES, HORIZONS
from tocsin.model.warnings import Threshold, Warned, WarningKind
from tocsin.situation.picture import Arrivals, CallState
from tocsin.situation.track import (
    GRACE,
    Track,
    no_track,
    trimmed,
    with_call,
    with_proposed,
    with_said,
    with_verdict,
    with_verification,
)

START = datetime(2024, 3, 4, tzinfo=UTC)
AREAS = (AreaId("n"), AreaId("s"))
ONE = {name: i for i, name in enumerate(FIGURES)}


def demand(start: datetime, *, learned_until: datetime | None = None, mean: float = 2.0, steps: int = 24) -> Demand:
    means = np.full((2, steps), mean)
    flat = np.full_like(means, 0.1)
    city = means.sum(axis=0)
    return Demand(
        issued=start,
        start=start,
        areas=AREAS,
        mean=means,
        dispersion=flat,
        quantiles=laws.quantiles(means, flat),
        city_mean=city,
        city_dispersion=flat[0],
        city_quantiles=laws.quantiles(city, flat[0]),
        model="by hand 1",
        learned_from=None,
        learned_until=learned_until,
    )


def history(*rows: tuple[int, int, int]) -> History:
    table = np.array(rows, np.int32).reshape(-1, 3)
    return History(START, table[:, :2], AREAS, "UTC", table[:, 2])


def came(*rows: tuple[int, int, int]) -> Came:
    return Came(history(*rows), (), np.zeros((len(rows), 0), np.int32))


def said_for(hour: datetime, *aheads: int, **more: datetime | None) -> Said:
    track = no_track(2)
    for ahead in sorted(aheads, reverse=True):
        track = with_said(track, demand(hour - (ahead - 1) * HOUR, **more))
    found = {h: track.find_said(hour, h) for h in HORIZONS}
    return {h: one for h, one in found.items() if one is not None}


def test_the_figures_are_those_of_the_laws():
    hour = START + 30 * HOUR
    rows = [(1, 2, 0)] * 30 + [(3, 0, 1)]
    found = verify_hour(hour, said_for(hour, 1, 6), came(*rows), seed=1, warned=False)
    assert found is not None
    assert (found.came, found.models, found.warned) == (4, ("by hand 1",), False)
    truth = np.array([3.0, 0.0])
    q = laws.quantiles(np.full(2, 2.0), 0.1)
    np.testing.assert_allclose(found.by_area[:, ONE["pinball"]], 2 * pinball(truth, q))
    np.testing.assert_allclose(found.by_area[:, ONE["crps"]], 2 * crps(truth, np.full(2, 2.0), np.full(2, 0.1)))
    np.testing.assert_allclose(found.by_area[:, ONE["off"]], 2 * (2.0 - truth))
    assert found.by_horizon[:, 0].tolist() == [2, 2, 0, 0]
    assert found.city[:, 0].tolist() == [1, 1, 0, 0]
    chance = float(laws.exceedance(1, 2.0, 0.1))
    cells, said, share = found.chances[int(chance * 10)]
    assert (cells, said, share) == (4, pytest.approx(4 * chance), 2)


def test_the_rival_is_the_plain_one_as_it_would_have_spoken_then():
    hour = START + 30 * HOUR
    rows = [(n % 3, 1, 0) for n in range(30)] + [(3, 0, 1)]
    past = history(*rows)
    found = verify_hour(hour, said_for(hour, 6), came(*rows), seed=1, warned=False)
    rival = Climatology().learn(past).forecast(hour - 5 * HOUR, 6)
    assert found is not None
    np.testing.assert_allclose(found.by_area[:, ONE["rival"]], pinball([3.0, 0.0], rival.quantiles[:, 5]))


def test_what_was_learned_from_the_hour_is_never_judged_on_it():
    hour = START + 30 * HOUR
    rows = [(1, 2, 0)] * 31
    assert verify_hour(hour, said_for(hour, 1, learned_until=hour + HOUR), came(*rows), seed=1, warned=False) is None
    assert verify_hour(hour, said_for(hour, 1, learned_until=hour), came(*rows), seed=1, warned=False) is not None


def test_an_hour_that_is_not_known_or_of_which_nothing_was_said_is_no_verification():
    rows = [(1, 2, 0)] * 5
    hour = START + 5 * HOUR
    assert verify_hour(hour, said_for(hour, 1), came(*rows), seed=1, warned=False) is None
    assert verify_hour(hour - HOUR, {}, came(*rows), seed=1, warned=False) is None


def test_a_mixture_is_judged_as_the_mixture_that_it_is():
    hour = START + 3 * HOUR
    plain = demand(hour)
    rows = np.full((3, 24), 1.0), np.full((3, 24), 3.0)
    parts = tuple(Part(0.5, mean, np.full((3, 24), 0.1)) for mean in rows)
    mixed = trimmed(replace(plain, parts=parts)).demand
    truth = came((1, 1, 0), (1, 1, 0), (1, 1, 0), (0, 6, 0))
    apart = verify_hour(hour, {1: (mixed, 0)}, truth, seed=1, warned=False)
    single = verify_hour(hour, {1: (trimmed(plain).demand, 0)}, truth, seed=1, warned=False)
    assert apart is not None
    assert single is not None
    assert (apart.by_area[:, ONE["crps"]] < single.by_area[:, ONE["crps"]]).all()


def test_an_hour_far_above_what_was_said_long_before_is_beyond_it():
    hour = START + 30 * HOUR
    quiet, busy = ([(1, 2, 0)] * 30 + [last] for last in ((2, 2, 0), (30, 20, 0)))
    ahead = said_for(hour, 1, 24)
    assert [
        v.beyond for rows in (quiet, busy) if (v := verify_hour(hour, ahead, came(*rows), seed=1, warned=True))
    ] == [
        False,
        True,
    ]
    fresh = verify_hour(hour, said_for(hour, 1), came(*busy), seed=1, warned=True)
    assert fresh is not None
    assert fresh.beyond is None, "what was said an hour before may have known of it"


def test_an_hour_in_which_the_desk_did_not_run_is_not_verified():
    starts = [START + h * HOUR for h in (0, 1, 2, 5, 6)]
    assert hours_to_verify(starts, None, START + 9 * HOUR) == [START, START + HOUR, START + 5 * HOUR]
    assert hours_to_verify(starts, START + HOUR, START + 2 * HOUR) == [START + HOUR]


def verified(hours: int = 30) -> Track:
    rows = [(int(n % 4 == 0) * 3, 1, 0) for n in range(hours)]
    track = no_track(2)
    for n in range(hours):
        track = with_said(track, demand(START + n * HOUR))
        hour = START + n * HOUR
        said = {h: one for h in HORIZONS if (one := track.find_said(hour, h)) is not None}
        found = verify_hour(hour, said, came(*rows), seed=1, warned=False)
        assert found is not None
        track = with_verification(track, found, {area: i for i, area in enumerate(AREAS)})
    return track


def test_running_sums_make_the_rows_of_the_page():
    track = verified()
    assert (track.hours, track.since, track.until) == (30, START, START + 30 * HOUR)
    rows = {(row.by, row.key): row for row in rows_of(track, AREAS)}
    assert rows["horizon", "1"].cells == 60
    assert rows["horizon", "24"].cells == 2 * 7
    assert rows["all", "all"].cells == sum(rows["horizon", str(h)].cells for h in HORIZONS)
    assert rows["area", "n"].bias == pytest.approx(2.0 - np.mean([3 * (n % 4 == 0) for n in range(30)]), abs=0.2)
    assert is_enough(track)
    within = pit_range(track)
    assert within is not None
    assert within[0] < track.pit.sum() / 10 < within[1]
    bins = chance_bins(track)
    assert sum(b.cells for b in bins) == track.pit.sum()
    assert all(b.said is None for b in bins if not b.cells)


def test_nothing_verified_is_no_figure_and_no_zero():
    track = no_track(2)
    assert pit_range(track) is None
    assert not is_enough(track)
    assert warning_rows(track) == []
    assert all(row.pinball is None and row.cells == 0 for row in rows_of(track, AREAS))


def test_a_call_that_comes_after_its_hour_was_verified_is_late_and_changes_no_sum():
    track = verified()
    assert GRACE == HOUR
    late = with_call(track, START + 3 * HOUR)
    assert (late.late, late.horizons is track.horizons) == (1, True)
    assert with_call(track, START + 30 * HOUR).late == 0
    assert with_call(track, START - HOUR).late == 0


def warning(kind: WarningKind = WarningKind.SURGE, **more: object) -> Warned:
    base = Warned(
        warning=WarningId("w"),
        kind=kind,
        proposed=START + timedelta(hours=2, minutes=20),
        starts=START + 2 * HOUR,
        ends=START + 5 * HOUR,
        chance=0.9,
        threshold=Threshold(0.8),
    )
    return replace(base, **more)  # type: ignore[arg-type]


QUIET = [(2, 2, 0)] * 8


def calls_at(*minutes: int, area: AreaId = AREAS[0], kind: str = "Fire") -> list[CallState]:
    """Calls so many minutes after the warning was proposed."""
    proposed = warning().proposed
    return [
        CallState(CallId(f"c{n}"), proposed + timedelta(minutes=m), kind, 1, None, None, area, None)
        for n, m in enumerate(minutes)
    ]


LATER = START + 6 * HOUR


def test_a_surge_comes_true_when_two_hours_bring_more_than_nine_in_ten_do():
    night = warning(calls_over=2)
    verdict = verdict_of(night, came(*QUIET), calls_at(-5, 0, 10, 40, 70, 119), LATER)
    assert (verdict.came, verdict.proved, verdict.lead_s) == (True, night.proposed + timedelta(minutes=70), 70 * 60)
    assert verdict_of(night, came(*QUIET), calls_at(-5, 0, 10, 40, 121), LATER).came is False
    assert verdict_of(replace(night, area=AREAS[1]), came(*QUIET), calls_at(10, 40, 70), LATER).came is False
    kind = replace(night, call_kind="Fire")
    assert verdict_of(kind, came(*QUIET), calls_at(10, 40, 70), LATER).came is True
    assert verdict_of(kind, came(*QUIET), calls_at(10, 40, 70, kind="Flood"), LATER).came is False
    assert verdict_of(night, came(*QUIET), calls_at(10, 40, 70), START + 30 * HOUR).came is None, "calls are gone"
    assert verdict_of(warning(), came(*QUIET), calls_at(10), LATER).came is None, "it named no number"


def test_demand_comes_true_when_its_window_brings_more_calls_than_it_named():
    asked = {"kind": WarningKind.DEMAND, "starts": START + 2 * HOUR}
    assert verdict_of(warning(calls_over=11, **asked), came(*QUIET), (), LATER).came is True
    assert verdict_of(warning(calls_over=11, **asked), came(*QUIET), (), LATER).proved == START + 5 * HOUR
    assert verdict_of(warning(calls_over=12, **asked), came(*QUIET), (), LATER).came is False
    assert verdict_of(warning(calls_over=5, area=AREAS[1], **asked), came(*QUIET), (), LATER).came is True
    assert verdict_of(warning(calls_over=1, call_kind="Flood", **asked), came(*QUIET), (), LATER).came is None
    assert verdict_of(warning(kind=WarningKind.GAUGE), came(*QUIET), (), LATER).came is None


def test_warnings_add_up_by_kind():
    track = verified()
    for n, storm in enumerate((True, False, False)):
        warned = warning(warning=WarningId(f"w{n}"), calls_over=1)
        track = with_proposed(track, warned)
        track = with_verdict(track, verdict_of(warned, came(*QUIET), calls_at(5, 100) if storm else (), LATER))
    assert track.waiting == {}
    (row,) = warning_rows(track)
    assert (row.proposed, row.issued, row.over, row.came) == (3, 0, 3, 1)
    assert row.false_alarms == pytest.approx(2 / 3)
    assert row.lead_min == 100
    assert row.per_week == pytest.approx(3 * 168 / 30)


def arrivals(kinds: tuple[str, ...] = ("a", "b")) -> Arrivals:
    night = np.array([[8, 2], [0, 0]])
    counts = np.array([[5, 5, 0] if h % 24 < 12 else [1, 3, 0] for h in range(240)], np.int32)
    by_kind = np.array([night[0] if h % 24 < 12 else [1, 3] for h in range(240)], np.int32)
    return Arrivals(START, counts, kinds, by_kind, np.array([[600, 120], [480, 480], [0, 0]], np.int32))


def test_shares_by_kind_follow_the_hour_and_leave_room_for_others():
    now = START + 240 * HOUR
    shares = hourly_shares(arrivals(), "UTC", now)
    assert (shares.sum(axis=1) < 1).all()
    assert shares[3, 0] > shares[15, 0]
    early = hourly_shares(arrivals(), "UTC", START)
    np.testing.assert_allclose(early, 1 / 3)


def test_kinds_are_in_step_with_the_city_and_the_area():
    now = START + 240 * HOUR
    whole = replace(demand(now), issued=now)
    spread = with_kinds(whole, arrivals(), "UTC")
    assert spread.kind_mean is not None
    assert spread.kind_mean.shape == (2, 24)
    assert (spread.kind_mean.sum(axis=0) <= spread.city_mean).all()
    area = area_kind_means(whole, arrivals(), "UTC", 0, 0)
    assert (area.sum(axis=0) <= whole.mean[0]).all()
    assert area[0].sum() > area_kind_means(whole, arrivals(), "UTC", 1, 1)[0].sum(), "the area leans to its own kinds"
    shares = area_shares(arrivals(), hourly_shares(arrivals(), "UTC", now))
    assert (shares >= 0).all()
    assert (shares.sum(axis=2) <= 1 + 1e-12).all()


def test_without_kinds_the_demand_stays():
    plain = demand(START)
    assert with_kinds(plain, Arrivals(START, np.zeros((3, 3), np.int32)), "UTC") is plain
