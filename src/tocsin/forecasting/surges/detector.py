"""Learns what is usual from a history, and looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.hours import hours_of_week
from tocsin.forecasting.protocol import HOUR, History
from tocsin.forecasting.surges.scan import look
from tocsin.forecasting.surges.shape import LOOK_AHEAD_H, LOOK_BACK_H, Recent, Surge, Usual
from tocsin.forecasting.surges.usual import Learned, learn
from tocsin.model.never import refusal


class SurgeDetector:
    """Says when what comes in is no longer an ordinary night. Immutable: `learn` gives another one.

    Learning costs milliseconds and is meant for once a day, at local midnight or with the first whole hours; a look
    costs well under a millisecond. A kind that Tocsin never takes (`model.never`) is refused.
    """

    name = "surges 1"

    def __init__(self) -> None:
        self._history: History | None = None
        self._learned: Learned | None = None
        self._kinds: tuple[str, ...] = ()

    def learn(
        self, history: History, kinds: Sequence[str] = (), kind_counts: NDArray[np.int32] | None = None
    ) -> SurgeDetector:
        """The detector that knows this history of hours. `kind_counts`: int32 (H, K), hours as in `history`.

        Raises: ValueError for days, for counts that do not fit, and for a kind that Tocsin never takes.
        """
        if history.step != HOUR:
            raise ValueError("surges are looked for in hourly counts: give a history with step one hour")
        refused = next((f"{kind!r}: {why}" for kind in kinds if (why := refusal(kind))), None)
        if refused:
            raise ValueError(f"kind {refused}")
        hours = len(history.counts)
        of_kinds = np.zeros((hours, len(kinds)), np.int32) if kind_counts is None else kind_counts
        if of_kinds.shape != (hours, len(kinds)):
            raise ValueError(f"kind counts are {of_kinds.shape}, the history has {(hours, len(kinds))}")
        every = history.with_unplaced()
        table = np.column_stack([every.sum(axis=1), every[:, :-1], of_kinds]).astype(np.float64)
        learned = SurgeDetector()
        learned._history, learned._kinds = history, tuple(kinds)
        slots = hours_of_week(history.start, hours, history.timezone)
        learned._learned = learn(table, np.asarray(history.which_known().all(axis=1)), slots)
        return learned

    def usual(self, now: datetime) -> Usual:
        """What is usual around `now`: enough for looks from `now` to 24 h later.

        Raises: ValueError when nothing, not even an empty history, was learned.
        """
        if self._history is None or self._learned is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        start = (now - timedelta(hours=LOOK_BACK_H + 1)).replace(minute=0, second=0, microsecond=0)
        hours = LOOK_BACK_H + LOOK_AHEAD_H + 26
        slots = hours_of_week(start, hours, self._history.timezone)
        return Usual(
            start,
            self._learned.mean[slots],
            self._learned.dispersion,
            tuple(str(area) for area in self._history.areas),
            self._kinds,
            self._learned.kept_per_h,
            self._learned.weeks,
        )

    def look(self, now: datetime, arrivals: Recent) -> tuple[Surge, ...]:
        """`look` with what is usual around `now`."""
        return look(arrivals, self.usual(now), now)
