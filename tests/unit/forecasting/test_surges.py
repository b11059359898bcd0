"""Surges: found within minutes when planted; not told on ordinary nights, after gaps, for batches, as clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tocsin.forecasting import surges
from tocsin.forecasting.protocol import History
from tocsin.forecasting.surges import Recent, Surge, SurgeDetector, Told, Usual, follow, look, scan
from tocsin.forecasting.surges.kernels import quantile, tail
from tocsin.forecasting.surges.stream import SurgeStream, recent_of, surge_of
from tocsin.model.ids import AreaId

START = datetime(2024, 1, 1, tzinfo=UTC)
AREAS = ("north", "south", "harbour")
KINDS = ("fire", "medical", "flooding")
PER_H = 8.0
WEEKS = 10


class City:
    """A made-up city: calls by the minute, three areas, three kinds, quiet before dawn."""

    def __init__(self, seed: int, weeks: int = WEEKS, timezone: str = "UTC", per_h: float = PER_H) -> None:
        rng = np.random.default_rng(seed)
        hours = np.arange(168 * (weeks + 1))
        rate = per_h * (1 + 0.5 * np.cos((hours % 24 - 16) / 24 * 2 * np.pi))
        rate *= rng.gamma(20.0, 1 / 20.0, len(hours))
        n = rng.poisson(rate)
        times = np.sort(np.repeat(hours, n) * 3600.0 + rng.uniform(0, 3600, n.sum()))
        self.rng, self.weeks, self.timezone = rng, weeks, timezone
        self.times = times + START.timestamp()
        self.area = rng.choice(3, len(times), p=[0.5, 0.4, 0.1]).astype(np.int64)
        self.kind = rng.choice(3, len(times), p=[0.25, 0.7, 0.05]).astype(np.int64)
        self.seen = self.times.copy()

    @property
    def learned_until(self) -> datetime:
        return START + timedelta(weeks=self.weeks)

    def detector(self) -> SurgeDetector:
        hours = self.weeks * 168
        hour = ((self.times - START.timestamp()) // 3600).astype(int)
        table = np.zeros((hours, 7), np.int32)
        for of, offset in ((self.area, 0), (self.kind, 3)):
            inside = hour < hours
            np.add.at(table, (hour[inside], of[inside] + offset), 1)
        history = History(START, table[:, :3], tuple(AreaId(a) for a in AREAS), self.timezone)
        return SurgeDetector().learn(history, KINDS, table[:, 3:6])

    def add(self, at: datetime, minutes: float, calls: int, *, area: int = 0, kind: int = 0) -> None:
        """Calls more, spread over the minutes from `at`."""
        more = np.sort(at.timestamp() + self.rng.uniform(0, 60 * minutes, calls))
        self.put(more, more, area, kind)

    def put(self, received: np.ndarray, seen: np.ndarray, area: int, kind: int) -> None:
        self.times = np.concatenate([self.times, received])
        self.seen = np.concatenate([self.seen, seen])
        self.area = np.concatenate([self.area, np.full(len(received), area)])
        self.kind = np.concatenate([self.kind, np.full(len(received), kind)])
        self._sort()

    def _sort(self) -> None:
        order = np.lexsort((self.times, self.seen))
        self.times, self.seen, self.area, self.kind = (x[order] for x in (self.times, self.seen, self.area, self.kind))

    def keep(self, kept: np.ndarray) -> None:
        self.times, self.seen, self.area, self.kind = (x[kept] for x in (self.times, self.seen, self.area, self.kind))

    def told(self, days: int = 7, stamp_s: float = 1.0) -> list[tuple[datetime, Surge]]:
        """What is told in the days after the history, learned once: by the stream, with a full look at each alarm."""
        detector = self.detector()
        stream = SurgeStream(3, 3, stamp_s)
        told = []
        at = int(np.searchsorted(self.seen, self.learned_until.timestamp()))
        for day in range(days):
            begin = self.learned_until + timedelta(days=day)
            stream.expect(detector.usual(begin))
            end = int(np.searchsorted(self.seen, (begin + timedelta(days=1)).timestamp()))
            while at < end:
                at, series = stream.take(self.seen, self.times, self.area, self.kind, at, end)
                for one in series:
                    now_s = float(self.seen[at - 1])
                    now = datetime.fromtimestamp(now_s, UTC)
                    recent = recent_of(self.seen, self.times, self.area, self.kind, at, now_s, stamp_s)
                    surge = surge_of(look(recent, detector.usual(now), now), one, 3)
                    assert surge is not None, "the look sees what the stream saw"
                    told.append((now, surge))
        return told


def cities(told: list[tuple[datetime, Surge]]) -> list[tuple[datetime, Surge]]:
    return [row for row in told if row[1].scope == "city"]


def test_tail_is_the_negative_binomial_and_poisson_one() -> None:
    from tocsin.forecasting import laws

    for n, m, d in ((10, 3.0, 0.2), (40, 20.0, 0.05), (7, 2.0, 0.0), (900, 700.0, 0.01)):
        assert tail(float(n), m, d) == pytest.approx(float(laws.exceedance(n, m, d)), rel=1e-6)
    # above 3,000 the approximation is within a tenth of the logarithm
    exact = float(laws.exceedance(5600, 4000.0, 0.01))
    assert np.log(tail(5600.0, 4000.0, 0.01)) == pytest.approx(np.log(exact), rel=0.1)


def test_quantiles_are_those_of_the_laws() -> None:
    from tocsin.forecasting import laws

    for level in (0.1, 0.5, 0.9):
        for m, d in ((0.01, 0.3), (1.0, 0.0), (7.5, 0.2), (90.0, 0.05)):
            assert quantile(level, m, d) == laws.quantiles(m, d, (level,))[0]


def test_ordinary_weeks_are_told_of_less_than_once_each() -> None:
    told = sum(len(City(seed).told()) for seed in range(12))
    assert told <= 6, told


@pytest.mark.parametrize(("times", "minutes"), [(2, 300), (3, 90), (5, 45)])
def test_a_planted_surge_is_found_within_minutes(times: int, minutes: int) -> None:
    delays = []
    for seed in range(5):
        city = City(100 + seed)
        at = city.learned_until + timedelta(days=2, hours=18)
        city.add(at, 360, int((times - 1) * 11 * 6))
        found = [t for t, _ in cities(city.told()) if at <= t < at + timedelta(hours=7)]
        delays.append((found[0] - at).total_seconds() / 60 if found else 1e9)
    assert np.median(delays) <= minutes, delays


def test_onset_course_and_probability_of_a_surge() -> None:
    city = City(7)
    at = city.learned_until + timedelta(days=2, hours=18)
    city.add(at, 480, 400)
    _, surge = cities(city.told())[0]
    assert abs((surge.since - at).total_seconds()) < 40 * 60
    assert surge.alarm
    assert surge.ratio > 2
    assert surge.course.total > 1.2 * surge.course.usual.sum()
    assert surge.course.total_low < surge.course.total < surge.course.total_high
    assert 0.3 < surge.probability <= 1
    detector = city.detector()
    now = at + timedelta(hours=6)
    until = int(np.searchsorted(city.seen, now.timestamp()))
    recent = recent_of(city.seen, city.times, city.area, city.kind, until, now.timestamp(), 1.0)
    later = surge_of(detector.look(now, recent), 0, 3)
    assert later is not None
    assert later.probability > surge.probability, "what has lasted goes on lasting"


def test_the_kinds_and_areas_that_drive_it_are_named() -> None:
    city = City(8)
    at = city.learned_until + timedelta(days=3, hours=2)
    city.add(at, 180, 80, area=2, kind=2)
    _, surge = cities(city.told())[0]
    assert surge.kinds[0].name == "flooding"
    assert surge.areas[0].name == "harbour"
    assert surge.kinds[0].share > 0.4, "shrunk: it was told at a handful of calls"
    assert surge.areas[0].share > 0.4
    assert sum(driver.share for driver in surge.areas) <= 1 + 1e-9


def test_a_kind_alone_can_be_told_where_the_city_is_not() -> None:
    city = City(9)
    at = city.learned_until + timedelta(days=3, hours=12)
    city.add(at, 120, 11, area=1, kind=2)
    told = [surge for _, surge in city.told() if surge.scope == "kind"]
    assert [surge.name for surge in told] == ["flooding"]
    assert told[0].areas[0].name == "south"


def test_a_gap_and_the_backlog_after_it_tell_nothing() -> None:
    for seed in (3, 4, 5):
        city = City(seed)
        begin, end = (city.learned_until + timedelta(days=2, hours=h) for h in (10, 16))
        late = (city.seen >= begin.timestamp()) & (city.seen < end.timestamp())
        # what was received in the gap arrives within three minutes after it, with its own received times
        city.seen[late] = end.timestamp() + np.linspace(0, 180, int(late.sum()))
        city._sort()
        assert city.told() == City(seed).told()[: len(city.told())]
        assert not [t for t, s in cities(city.told()) if begin <= t <= end + timedelta(hours=2)]


def test_a_backlog_that_has_lost_its_received_times_tells_nothing() -> None:
    for seed in (3, 4, 5):
        city = City(seed)
        begin, end = (city.learned_until + timedelta(days=2, hours=h) for h in (10, 16))
        late = (city.seen >= begin.timestamp()) & (city.seen < end.timestamp())
        city.seen[late] = city.times[late] = end.timestamp() + np.linspace(0, 180, int(late.sum()))
        city._sort()
        assert not [t for t, _ in cities(city.told()) if begin <= t <= end + timedelta(hours=3)]


def test_a_late_batch_on_one_stamp_tells_nothing() -> None:
    city = City(3)
    at = (city.learned_until + timedelta(days=2, hours=15)).timestamp()
    city.put(np.full(40, at), np.full(40, at), 0, 0)
    assert cities(city.told()) == cities(City(3).told())


def test_a_late_batch_of_old_calls_is_dated_by_when_they_were_received() -> None:
    city = City(3)
    now = city.learned_until + timedelta(days=2, hours=15)
    last_day = (city.times > (now - timedelta(days=1)).timestamp()) & (city.times < now.timestamp())
    held = last_day & (city.rng.uniform(size=len(last_day)) < 0.4)
    city.seen[held] = now.timestamp()
    city._sort()
    assert not [t for t, _ in cities(city.told()) if abs((t - now).total_seconds()) < 3 * 3600]


def test_a_feed_polled_every_twenty_minutes_that_loses_a_quarter() -> None:
    told, found = 0, []
    for seed in range(4):
        city = City(30 + seed)
        at = city.learned_until + timedelta(days=5, hours=18)
        city.add(at, 240, 3 * 11 * 4)
        city.keep(city.rng.uniform(size=len(city.times)) > 0.26)
        city.seen = np.ceil(city.times / 1200) * 1200
        city._sort()
        rows = cities(city.told())
        told += sum(t < at for t, _ in rows)
        found += [(t - at).total_seconds() / 60 for t, _ in rows if at <= t < at + timedelta(hours=4)][:1]
    assert told <= 1
    assert len(found) == 4
    assert np.median(found) <= 80


def test_received_times_that_are_the_poll_itself_tell_nothing() -> None:
    polled = plain = 0
    for seed in range(8):
        city = City(40 + seed)
        plain += len(cities(city.told()))
        city.times = city.seen = np.ceil(city.times / 1200) * 1200
        polled += len(cities(city.told()))
    assert polled <= plain + 2, "eight weeks"


@pytest.mark.parametrize("change", [datetime(2024, 3, 10, tzinfo=UTC), datetime(2024, 11, 3, tzinfo=UTC)])
def test_nights_on_which_clocks_change(change: datetime) -> None:
    """The day of the change and those after it: what is usual follows the local clock."""
    weeks = (change - START).days // 7
    rng = np.random.default_rng(2)
    from zoneinfo import ZoneInfo

    hours = [START + timedelta(hours=h) for h in range(168 * (weeks + 2))]
    local = np.array([h.astimezone(ZoneInfo("America/New_York")).hour for h in hours])
    counts = rng.poisson(PER_H * (1 + 0.8 * np.cos((local - 16) / 24 * 2 * np.pi))).astype(np.int32)
    history = History(START, counts[: weeks * 168, None], (AreaId("all"),), "America/New_York")
    detector = SurgeDetector().learn(history)
    told = 0
    for h in range(weeks * 168 + 12, len(hours)):
        times = np.concatenate(
            [
                hours[i].timestamp() + (np.arange(counts[i]) + 0.5) / counts[i] * 3600
                for i in range(h - 12, h)
                if counts[i]
            ]
        )
        none = np.full(len(times), -1)
        told += any(s.alarm for s in detector.look(hours[h], Recent(times, none, none)))
    assert told == 0


def _short(days: int, now: datetime, per_h: float = 8.0) -> Usual:
    counts = np.random.default_rng(1).poisson(per_h, (24 * days, 1)).astype(np.int32)
    return SurgeDetector().learn(History(now - timedelta(days=days), counts, (AreaId("all"),), "UTC")).usual(now)


def _spread(now: datetime, calls: int, hours: float) -> Recent:
    times = now.timestamp() - np.linspace(3600 * hours, 1, calls)
    none = np.full(calls, -1)
    return Recent(times, none, none, 1.0)


def test_three_days_of_history_are_wide_rather_than_wrong() -> None:
    now = START + timedelta(days=3)
    usual = _short(3, now)
    assert not look(_spread(now, 26, 2.0), usual, now), "1.6 times what was usual so far is no surge yet"
    assert look(_spread(now, 160, 2.0), usual, now)[0].alarm, "ten times is"


def test_without_a_day_of_history_there_are_no_surges() -> None:
    now = START
    usual = SurgeDetector().learn(History(now, np.zeros((0, 1), np.int32), (AreaId("all"),), "UTC")).usual(now)
    assert np.isfinite(usual.mean).all()
    assert look(_spread(now, 500, 2.0), usual, now) == ()


def test_a_silent_city_and_one_call_in_it() -> None:
    now = START + timedelta(days=30)
    history = History(START, np.zeros((720, 2), np.int32), (AreaId("a"), AreaId("b")), "UTC")
    usual = SurgeDetector().learn(history).usual(now)
    assert np.isfinite(usual.mean).all()
    assert (usual.mean > 0).all()
    assert look(_spread(now, 0, 1.0), usual, now) == ()
    assert look(_spread(now, 2, 1.0), usual, now) == ()


def test_counts_of_ten_million_an_hour() -> None:
    now = START + timedelta(days=30)
    counts = np.full((720, 1), 10_000_000, np.int32)
    usual = SurgeDetector().learn(History(START, counts, (AreaId("a"),), "UTC")).usual(now)
    assert usual.mean[:, 0].mean() == pytest.approx(1e7, rel=0.1)
    assert look(_spread(now, 5000, 3.0), usual, now) == ()


def test_a_silence_in_the_history_does_not_lower_what_is_usual() -> None:
    counts = np.random.default_rng(5).poisson(8.0, (168 * 8, 1)).astype(np.int32)
    gapped = counts.copy()
    gapped[-168 * 2 : -168 * 2 + 100] = 0
    now = START + timedelta(weeks=8)
    levels = [
        SurgeDetector().learn(History(START, c, (AreaId("a"),), "UTC")).usual(now).mean[:, 0].mean()
        for c in (counts, gapped)
    ]
    assert levels[1] == pytest.approx(levels[0], rel=0.05)


def test_a_storm_in_the_history_does_not_raise_what_is_usual() -> None:
    counts = np.random.default_rng(5).poisson(8.0, (168 * 8, 1)).astype(np.int32)
    stormy = counts.copy()
    stormy[-60:-24] *= 5
    now = START + timedelta(weeks=8)
    usual = [SurgeDetector().learn(History(START, c, (AreaId("a"),), "UTC")).usual(now) for c in (counts, stormy)]
    assert usual[1].mean[:, 0].mean() == pytest.approx(usual[0].mean[:, 0].mean(), rel=0.08)
    assert usual[1].dispersion[0, 0] < 0.15


def test_kinds_that_tocsin_never_takes_are_refused() -> None:
    history = History(START, np.zeros((48, 1), np.int32), (AreaId("a"),), "UTC")
    with pytest.raises(ValueError, match="Robbery"):
        SurgeDetector().learn(history, ("Fire", "Robbery armed"))


def test_what_does_not_fit_is_refused() -> None:
    now = START + timedelta(days=3)
    history = History(START, np.zeros((48, 1), np.int32), (AreaId("a"),), "UTC")
    with pytest.raises(ValueError, match="learn a history first"):
        SurgeDetector().usual(now)
    with pytest.raises(ValueError, match="kind counts"):
        SurgeDetector().learn(history, ("Fire",), np.zeros((47, 1), np.int32))
    with pytest.raises(ValueError, match="step one hour"):
        SurgeDetector().learn(History(START, np.zeros((3, 1), np.int32), (AreaId("a"),), "UTC", step=timedelta(days=1)))
    with pytest.raises(ValueError, match="does not cover"):
        look(_spread(now, 3, 1.0), _short(3, START), now + timedelta(days=9))
    with pytest.raises(ValueError, match="call expect"):
        SurgeStream(1, 0).take(np.zeros(0), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), 0, 0)


def test_looks_are_the_same_on_replay_and_whatever_the_order_of_calls() -> None:
    now = START + timedelta(days=3)
    usual = _short(3, now)
    calls = [(now - timedelta(minutes=m * 0.7), 0, -1) for m in range(160)]
    mixed = [calls[i] for i in np.random.default_rng(1).permutation(len(calls))]
    one, other = (look(Recent.of(c, now), usual, now) for c in (calls, mixed))
    assert repr(one) == repr(other)
    ahead = Recent.of([(now + timedelta(hours=2), 0, 0)], now)
    assert ahead.received_s[0] == now.timestamp(), "a clock that runs ahead counts now"


def _surge_at(now: datetime) -> Surge:
    return surges.look(_spread(now, 400, 2.0), _short(3, now), now)[0]


def test_a_surge_is_told_once_and_again_only_after_it_was_over() -> None:
    now = START + timedelta(days=3)
    surge = _surge_at(now)
    told, new = follow(Told(), (surge,), now)
    assert new == (surge,)
    told, new = follow(told, (surge,), now + timedelta(hours=2))
    assert new == ()
    assert told.open()
    told, new = follow(told, (), now + timedelta(hours=4))
    assert told.open(), "two quiet hours are not the end"
    told, new = follow(told, (), now + timedelta(hours=5, minutes=1))
    assert not told.open()
    _, new = follow(told, (surge,), now + timedelta(hours=6))
    assert new == (surge,)


def test_the_stream_tells_what_look_and_follow_tell() -> None:
    city = City(12)
    at = city.learned_until + timedelta(days=1, hours=14)
    city.add(at, 240, 130, area=1)
    detector, told, mine = city.detector(), Told(), []
    first = int(np.searchsorted(city.seen, city.learned_until.timestamp()))
    last = int(np.searchsorted(city.seen, (city.learned_until + timedelta(days=2)).timestamp()))
    usual = detector.usual(city.learned_until)
    for i in range(first, last):
        now_s = float(city.seen[i])
        now = datetime.fromtimestamp(now_s, UTC)
        if not usual.covers(now):
            usual = detector.usual(now)
        recent = recent_of(city.seen, city.times, city.area, city.kind, i + 1, now_s, 1.0)
        told, new = follow(told, look(recent, usual, now), now)
        mine += [(now, surge.scope, surge.index) for surge in new]
    assert mine == [(now, s.scope, s.index) for now, s in city.told(days=2)]
    assert mine


def test_the_alarm_level_is_shared_out() -> None:
    usual = _short(3, START + timedelta(days=3))
    assert scan.alarm_tail("city", usual) + scan.alarm_tail("area", usual) <= scan.ALARM_TAIL
