"""Boosted trees of LightGBM, direct: every feature is known a whole horizon ahead, nothing is fed back. One thread.

Features: counts of the same step of earlier weeks, their mean, the mean one step beside them, rolling means, clock and
calendar, and the series as a category. Needs the extra `rivals`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from tocsin.adapters.forecasters import heads
from tocsin.adapters.forecasters.demand import demand_of, short
from tocsin.adapters.forecasters.heads import Floats, Reals
from tocsin.forecasting.protocol import DAY, HORIZON, History
from tocsin.model.forecast import LEVELS, Demand

WEEKS: Final = {True: 156, False: 26}
"""Newest weeks learned from, for days and for hours."""
MOST_ROWS: Final = 120_000
HELD_OUT_WEEKS: Final = 4
SETTINGS: Final[Mapping[str, Any]] = {
    "num_leaves": 31,
    "learning_rate": 0.08,
    "min_child_samples": 100,
    "subsample": 0.8,
    "subsample_freq": 1,
    "colsample_bytree": 0.8,
    "verbosity": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
}
ROUNDS: Final = 100


class LightGbmModel:
    """Poisson trees with a negative binomial head, or one model a quantile. Immutable: `learn` gives another one.

    Args:
        by_quantile: nine quantile models in place of one of the mean.

    Raises: ImportError where the library is not installed.
    """

    def __init__(self, *, by_quantile: bool = False) -> None:
        if find_spec("lightgbm") is None:
            raise ImportError("lightgbm is not installed: make extras, or pip install 'tocsin[rivals]'")
        self.by_quantile = by_quantile
        self.name = "LightGBM quantiles" if by_quantile else "LightGBM Poisson"
        self._history: History | None = None

    def learn(self, history: History) -> LightGbmModel:
        """The model that knows `history`. Trees grow in `forecast`, since features depend on the horizon."""
        learned = LightGbmModel(by_quantile=self.by_quantile)
        learned._history = history
        return learned

    def forecast(self, now: datetime, horizon: int = HORIZON) -> Demand:
        """See `Forecaster.forecast`; the mean with the house's negative binomial head.

        Raises: ValueError when nothing, not even an empty history, was learned.
        """
        if self._history is None:
            raise ValueError("learn a history first; an empty one will do, it names the areas and the time zone")
        return demand_of(self, self.name, self._history, now, horizon)

    def reals(self, history: History, horizon: int) -> Reals:
        """The library's own numbers. Heads of the Poisson model: its own law, and negative binomial laws whose
        dispersion is estimated about the fit and on weeks that a second fit had not seen."""
        rows = _Rows(history, horizon)
        if not rows.enough:
            return short(history, horizon)
        if self.by_quantile:
            said = [rows.predicted({"objective": "quantile", "alpha": level}) for level in LEVELS]
            quantiles = np.maximum(np.sort(np.stack(said, axis=-1), axis=-1), 0.0)
            return Reals(quantiles.mean(axis=-1), quantiles)
        return rows.poisson()


class _Rows:
    """Features of every step of every series, the future's included.

    `lead`: the horizon in whole weeks, which is how far back the newest feature lies.
    """

    def __init__(self, history: History, horizon: int) -> None:
        self.history, self.horizon = history, horizon
        self.week = heads.week_length(history)
        self.lead = -(-horizon // self.week) * self.week
        self.known = len(history.counts)
        self.first = max(self.lead, self.known - WEEKS[history.step == DAY] * self.week)
        ahead = np.full((horizon, len(history.areas)), np.nan)
        self.counts = np.concatenate([heads.known_counts(history), ahead])
        self.features = self._features()

    @property
    def enough(self) -> bool:
        """Whether there are two weeks to learn from, with calls in them: of silence alone no Poisson tree grows."""
        counts = self.counts[self.first : self.known]
        told = ~np.isnan(counts)
        return len(counts) >= 2 * self.week and bool(told.sum() >= 2 * self.week) and bool(np.nansum(counts) > 0)

    def _features(self) -> Floats:
        """float64 (H + S, A, F); the last one is the series."""
        lags = [_shifted(self.counts, self.lead + i * self.week) for i in range(4)]
        beside = [_shifted(self.counts, self.lead + i * self.week + 1) for i in range(3)]
        spans = (7, 28, 91) if self.history.step == DAY else (24, 168, 672)
        rolling = [_shifted(_rolling(self.counts, span), self.lead) for span in spans]
        steps, areas = self.counts.shape
        clock = [np.repeat(column[:, None], areas, axis=1) for column in self._clock(steps)]
        year = [_shifted(self.counts, 52 * self.week)] if self.history.step == DAY else []
        series = np.repeat(np.arange(areas, dtype=np.float64)[None], steps, axis=0)
        return np.stack([*lags, _mean(lags), _mean(beside), *rolling, *year, *clock, series], axis=-1)

    def _clock(self, steps: int) -> list[Floats]:
        slots = heads.week_slots(self.history.start, steps, self.history)
        per_day = self.week // 7
        begin = np.datetime64(self.history.start.replace(tzinfo=None), "h")
        days = (begin + np.arange(steps) * (24 // per_day)).astype("datetime64[D]")
        of_year = (days - days.astype("datetime64[Y]")).astype(np.float64)
        return [(slots % per_day).astype(np.float64), (slots // per_day).astype(np.float64), slots * 1.0, of_year]

    def poisson(self) -> Reals:
        """The Poisson model's mean with its heads."""
        settings = {"objective": "poisson"}
        booster = self._grown(settings, self.known)
        mean = self._said(booster, self.known, self.known + self.horizon).T
        return Reals(mean, None, lambda: self._dispersions(booster, settings))

    def _dispersions(self, booster: Any, settings: Mapping[str, Any]) -> dict[str, Floats]:
        since = max(self.first, self.known - heads.HEAD_WEEKS * self.week)
        fit = self._said(booster, since, self.known)
        spread = {
            "poisson": np.zeros(self.counts.shape[1]),
            "negative_binomial_fit": heads.dispersions(self.counts[since : self.known], fit),
        }
        held_out = self.known - HELD_OUT_WEEKS * self.week
        if held_out - self.first >= 8 * self.week:
            unseen = self._said(self._grown(settings, held_out), held_out, self.known)
            spread["negative_binomial_held_out"] = heads.dispersions(self.counts[held_out : self.known], unseen)
        return spread

    def predicted(self, settings: Mapping[str, Any]) -> Floats:
        """What a model grown on everything says of the future, float64 (A, S)."""
        return self._said(self._grown(settings, self.known), self.known, self.known + self.horizon).T

    def _grown(self, settings: Mapping[str, Any], until: int) -> Any:
        library = import_module("lightgbm")
        features, target = self.features[self.first : until], self.counts[self.first : until]
        told = np.flatnonzero(~np.isnan(target.ravel()))
        if len(told) > MOST_ROWS:
            told = np.sort(np.random.default_rng(1).choice(told, MOST_ROWS, replace=False))
        flat = features.reshape(-1, features.shape[-1])[told]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = library.Dataset(flat, target.ravel()[told], categorical_feature=[flat.shape[1] - 1])
            return library.train({**SETTINGS, **settings}, data, num_boost_round=ROUNDS)

    def _said(self, booster: Any, first: int, last: int) -> Floats:
        """float64 (steps, A)."""
        features = self.features[first:last]
        said = booster.predict(features.reshape(-1, features.shape[-1]), num_threads=1)
        return np.asarray(said, np.float64).reshape(last - first, -1)


def _shifted(table: Floats, steps: int) -> Floats:
    out = np.full_like(table, np.nan)
    if steps < len(table):
        out[steps:] = table[:-steps]
    return out


def _rolling(table: Floats, span: int) -> Floats:
    """Mean of the `span` steps that end at each step, of what is known."""
    known = ~np.isnan(table)
    sums = np.cumsum(np.where(known, table, 0.0), axis=0)
    seen = np.cumsum(known, axis=0, dtype=np.float64)
    sums[span:], seen[span:] = sums[span:] - sums[:-span].copy(), seen[span:] - seen[:-span].copy()
    return np.where(seen > 0, sums / np.maximum(seen, 1.0), np.nan)


def _mean(tables: list[Floats]) -> Floats:
    stack = np.stack(tables)
    seen = (~np.isnan(stack)).sum(axis=0)
    return np.where(seen > 0, np.nansum(stack, axis=0) / np.maximum(seen, 1), np.nan)
