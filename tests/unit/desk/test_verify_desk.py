"""When the desk looks back: hours after their grace, warnings after their window, nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from tests.grid import picture, town
from tocsin.desk.verify import VerifyDesk
from tocsin.forecasting import laws
from tocsin.forecasting.protocol import HOUR, History
from tocsin.model.commands import KeepVerdict, KeepVerification
from tocsin.model.forecast import Demand
from tocsin.model.ids import WarningId
from tocsin.model.origin import Mode
from tocsin.model.warnings import Threshold, Warned, WarningKind
from tocsin.situation.picture import Situation
from tocsin.situation.track import no_track, with_proposed, with_said

START = datetime(2024, 3, 4, tzinfo=UTC)
CITY = town()
AREAS = tuple(CITY.areas)
WARNING = Warned(WarningId("w"), WarningKind.SURGE, START, START, START + 3 * HOUR, 0.9, Threshold(0.8))


class Hourly:
    """A forecast desk that knows two calls an hour in each area, from START on."""

    seen_from = START

    def history(self, _: Situation, now: datetime) -> History:
        hours = (now - START) // HOUR
        return History(START, np.full((hours, len(AREAS)), 2, np.int32), AREAS, "UTC")


def said_at(start: datetime) -> Demand:
    mean = np.full((len(AREAS), 24), 2.0)
    flat = np.zeros_like(mean)
    city = mean.sum(axis=0)
    quantiles, whole = laws.quantiles(mean, 0.0), laws.quantiles(city, 0.0)
    return Demand(
        start, start, AREAS, mean, flat, quantiles, city, np.zeros(24), whole, "by hand 1", None, start
    )  # fmt: skip


def after(hours: int, *, warned: bool = False) -> Situation:
    track = no_track(len(AREAS))
    if warned:
        track = with_proposed(track, WARNING)
    for hour in range(-1, hours + 1):
        track = with_said(track, said_at(START + hour * HOUR))
    seen = replace(picture(CITY, {}), track=track)
    return replace(seen, warnings={WARNING.warning: WARNING}) if warned else seen


def desk() -> VerifyDesk:
    return VerifyDesk(Mode.REPLAY, Hourly(), seed=1)  # type: ignore[arg-type]


def test_an_hour_is_looked_at_an_hour_after_its_end_and_not_before():
    assert desk().due(after(1), START + 2 * HOUR - timedelta(seconds=1)) == []
    (found,) = desk().due(after(2), START + 2 * HOUR)
    assert isinstance(found, KeepVerification)
    assert found.verification.hour == START
    assert (found.id, found.origin.actor) == ("verify/2024-03-04T00", "desk:verify")
    assert found.verification.by_horizon[:, 0].tolist() == [len(AREAS), 0, 0, 0], "said before START is not looked at"


def test_what_the_feed_saw_only_in_part_is_left_out():
    hours = [c.verification.hour for c in desk().due(after(5), START + 5 * HOUR) if isinstance(c, KeepVerification)]
    assert hours == [START + n * HOUR for n in range(4)]


def test_it_says_the_same_again_until_it_is_kept_and_nothing_when_there_is_nothing():
    one, seen = desk(), after(2)
    assert [c.id for c in one.due(seen, START + 2 * HOUR)] == [c.id for c in one.due(seen, START + 2 * HOUR)]
    calm = desk()
    assert calm.due(after(0), START + HOUR) == []
    assert calm.due(after(2), START + 2 * HOUR) != [], "another picture is looked at anew"


def test_a_surge_gets_its_verdict_when_the_two_hours_are_over_that_its_chance_spoke_of():
    early = desk().due(after(2, warned=True), START + 2 * HOUR + timedelta(minutes=59))
    assert not [c for c in early if isinstance(c, KeepVerdict)]
    (verdict,) = [c for c in desk().due(after(3, warned=True), START + 3 * HOUR) if isinstance(c, KeepVerdict)]
    assert (verdict.verdict.warning, verdict.verdict.kind) == ("w", WarningKind.SURGE)


def test_a_warning_that_the_picture_let_go_is_no_longer_judged():
    gone = replace(after(5, warned=True), warnings={})
    (verdict,) = [c for c in desk().due(gone, START + 5 * HOUR) if isinstance(c, KeepVerdict)]
    assert (verdict.verdict.came, verdict.verdict.kind) == (None, WarningKind.SURGE)


def test_a_standing_warning_of_the_city_is_noted_on_the_hour():
    verifications = [c for c in desk().due(after(6, warned=True), START + 6 * HOUR) if isinstance(c, KeepVerification)]
    noted = {c.verification.hour: c.verification.warned for c in verifications}
    assert noted[START]
    assert not noted[START + 4 * HOUR]
