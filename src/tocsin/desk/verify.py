"""The verb *verify*: when an hour has been over for a while, what had been said of it beside what came; and whether
warnings came true once their window is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np

from tocsin.desk.forecast import ForecastDesk
from tocsin.forecasting.protocol import HOUR
from tocsin.forecasting.scoring.verdicts import judged_until, verdict_of
from tocsin.forecasting.scoring.verify import Came, hours_to_verify, verify_hour
from tocsin.model.commands import Command, KeepVerdict, KeepVerification
from tocsin.model.ids import CommandId, WarningId
from tocsin.model.origin import Mode, Origin
from tocsin.model.verification import HORIZONS, Verdict
from tocsin.model.warnings import Warned, WarningState
from tocsin.situation.picture import Situation
from tocsin.situation.track import GRACE, Track


class VerifyDesk:
    """Looks back once an hour.

    Args:
        forecasts: knows which hours the feed saw from end to end.
        seed: of the draws of the randomised PIT.
    """

    def __init__(self, mode: Mode, forecasts: ForecastDesk, *, seed: int) -> None:
        self._forecasts = forecasts
        self._seed = seed
        self._nothing: tuple[Track, Mapping[WarningId, Warned], datetime] | None = None
        self._origin = Origin(actor="desk:verify", role="desk", purpose="emergency_response", mode=mode)

    def due(self, situation: Situation, now: datetime) -> list[Command]:
        """What can be judged now: hours over for `GRACE` that were not verified, and warnings whose window is."""
        last = now - timedelta(seconds=now.timestamp() % 3600) - GRACE - HOUR
        track = situation.track
        looked = self._nothing
        if looked and looked[0] is track and looked[1] is situation.warnings and looked[2] == last:
            return []
        first = self._forecasts.seen_from
        starts = [a.demand.start for a in track.said if first is None or a.demand.start >= first]
        hours = hours_to_verify(starts, track.until, last)
        over = [w for w in track.waiting if self._is_over(situation.warnings.get(w), last)]
        if not hours and not over:
            self._nothing = (track, situation.warnings, last)
            return []
        came = self._came(situation, now)
        found = [command for hour in hours for command in self._verify(situation, hour, came)]
        return found + [self._verdict(situation, warning, came, now) for warning in over]

    def _came(self, situation: Situation, now: datetime) -> Came:
        history = self._forecasts.history(situation, now)
        arrivals = situation.arrivals
        by_kind = np.zeros((len(history.counts), len(arrivals.kinds)), np.int32)
        if arrivals.start is not None and arrivals.by_kind is not None:
            skipped = (history.start - arrivals.start) // HOUR
            rows = arrivals.by_kind[max(0, skipped) : max(0, skipped + len(by_kind))]
            silent = max(0, -skipped)
            by_kind[silent : silent + len(rows)] = rows
        return Came(history, arrivals.kinds, by_kind)

    def _verify(self, situation: Situation, hour: datetime, came: Came) -> list[Command]:
        found = {h: situation.track.find_said(hour, h) for h in HORIZONS}
        said = {h: one for h, one in found.items() if one is not None}
        warned = any(_covers(w, hour + HOUR) for w in situation.warnings.values())
        verification = verify_hour(hour, said, came, seed=self._seed, warned=warned)
        if verification is None:
            return []
        key = CommandId(f"verify/{hour:%Y-%m-%dT%H}")
        return [KeepVerification(key, self._origin, verification)]

    def _is_over(self, warned: Warned | None, last: datetime) -> bool:
        """A warning that the picture let go is over too, and cannot be judged any more."""
        return warned is None or judged_until(warned) <= last + HOUR

    def _verdict(self, situation: Situation, warning: WarningId, came: Came, now: datetime) -> Command:
        warned = situation.warnings.get(warning)
        if warned is None:
            verdict = Verdict(warning, situation.track.waiting[warning], None)
        else:
            verdict = verdict_of(warned, came, situation.calls.values(), now)
        return KeepVerdict(CommandId(f"verify/{warning}"), self._origin, verdict)


def _covers(warned: Warned, end: datetime) -> bool:
    """A warning of the whole city that stood at `end`, the end of an hour, and was not decided against by then."""
    if warned.area is not None or warned.call_kind is not None or not warned.proposed <= end <= warned.ends + HOUR:
        return False
    gone = warned.state in (WarningState.DECLINED, WarningState.LIFTED)
    return not (gone and warned.changed is not None and warned.changed < end)
