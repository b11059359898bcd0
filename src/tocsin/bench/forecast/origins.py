"""Rolling origins: where a forecast begins, what it may know, what it is judged on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.forecast.question import Question
from tocsin.errors import BadSettings
from tocsin.forecasting.protocol import DAY, History

LEAST = timedelta(days=7)
"""Shortest history before the first origin."""


@dataclass(frozen=True, slots=True)
class Task:
    """One origin: `history` ends there. `truth` float64 (A, S), `known` bool (A, S), `week` int64 (S,): which week of
    the test span a step belongs to (the blocks of the bootstrap). `scale` float64 (A,): mean |y_t - y_(t - week)| of
    the history, NaN where there is none."""

    history: History
    truth: NDArray[np.float64]
    known: NDArray[np.bool_]
    week: NDArray[np.int64]
    scale: NDArray[np.float64]

    @property
    def origin(self) -> datetime:
        return self.history.until


def tasks(history: History, question: Question) -> list[Task]:
    """The origins, oldest first; the last one's horizon ends with the data. Series: the busiest before the first.

    Raises: BadSettings when the file is too short, saying how many origins fit.
    """
    every = question.every // history.step
    ends = len(history.counts) - question.horizon
    starts = [ends - i * every for i in reversed(range(question.origins))]
    least = LEAST // history.step
    if starts[0] < least:
        fit = max(0, (ends - least) // every + 1) if ends >= least else 0
        span = f"{history.start:%Y-%m-%d} to {history.until:%Y-%m-%d}"
        raise BadSettings(
            f"--origins: {question.origins} origins do not fit into {span} with a horizon of {question.horizon} and a "
            f"first week to learn from; at most {fit} do"
        )
    kept = _busiest(history, starts[0], question)
    return [_task(kept, start, starts[0], question) for start in starts]


def _busiest(history: History, first: int, question: Question) -> History:
    """The `top` busiest series of the history before the first origin, in the file's order."""
    if question.top is None or question.top >= len(history.areas):
        return history
    known = history.which_known()[:first]
    calls = np.where(known, history.counts[:first], 0).sum(axis=0)
    chosen = np.sort(np.argsort(-calls, kind="stable")[: question.top])
    return replace(
        history,
        areas=tuple(history.areas[i] for i in chosen),
        counts=history.counts[:, chosen],
        known=None if history.known is None else history.known[:, chosen],
    )


def _task(history: History, start: int, first: int, question: Question) -> Task:
    window = start if question.window is None else question.window // history.step
    learned = history.between(max(0, start - window), start)
    ahead = history.between(start, start + question.horizon)
    steps = start - first + np.arange(question.horizon)
    return Task(
        history=learned,
        truth=ahead.counts.T.astype(np.float64),
        known=ahead.which_known().T,
        week=np.asarray(steps // (7 * DAY // history.step), np.int64),
        scale=_scale(learned, question.week),
    )


def _scale(history: History, season: int) -> NDArray[np.float64]:
    """Mean absolute seasonal difference in sample, float64 (A,). Source: Hyndman and Koehler 2006 (MASE)."""
    if len(history.counts) <= season:
        return np.full(len(history.areas), np.nan)
    known, counts = history.which_known(), history.counts.astype(np.float64)
    pairs = known[season:] & known[:-season]
    apart = np.where(pairs, np.abs(counts[season:] - counts[:-season]), 0.0).sum(axis=0)
    scale = apart / np.maximum(pairs.sum(axis=0), 1)
    return np.where(scale > 0, scale, np.nan)
