"""Forecasts with their bands and their record."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from tocsin.web.schema.base import Band, FactorCode, Out, Sentence


class Hour(Out):
    """One hour of a forecast. `bands` at 50, 80 and 95 %; `quantiles` at .1 … .9."""

    start: datetime
    mean: float
    median: int
    b50: Band
    b80: Band
    b95: Band
    quantiles: list[int]


class PastHour(Out):
    """One hour that has passed: what had been said an hour before and what came. `side`: of the 80 % band."""

    start: datetime
    observed: int
    mean: float | None
    b50: Band | None
    b80: Band | None
    b95: Band | None
    side: Literal["below", "inside", "above"] | None


class Record(Out):
    """How often the 80 % band held. `promised`: what the integer band itself promised, 0..1.
    `expected_low`, `expected_high`: how many holds are within chance (95 %). `enough`: at least 20 hours."""

    held: int
    of: int
    promised: float | None
    expected_low: int | None
    expected_high: int | None
    enough: bool
    verdict: Literal["no_record", "within_chance", "too_narrow", "too_wide"]


class Factor(Out):
    """Why the forecast is what it is: a usual level, then what multiplies it."""

    code: FactorCode
    text: str
    value: float
    unit: Literal["calls_per_h", "times"]


class Skill(Out):
    """Mean pinball loss an hour ahead over the hours of the record, beside the plain rival `usual` (mean of the
    same hours so far). `gain` = 1 - model / rival; None without a rival."""

    hours: int
    model: float | None
    rival: float | None
    gain: float | None


class KindNext(Out):
    """Calls of one kind expected in the next hour with their 80 % band. The record is that of the kind in the whole
    city, all hours ahead: of `cells` verified, the share that `held`, 0..1, and the share that had been `promised`;
    None for an area, whose kinds are not verified one by one."""

    kind: str
    mean: float
    b80: Band
    cells: int
    held: float | None
    promised: float | None


class Forecast(Out):
    """A forecast with its band, its record and its provenance. `area` None is the whole city; `kind` None is every
    kind of call. `kinds`: those that can be asked for with `?kind=`."""

    area: str | None
    name: str
    issued: datetime | None
    hours: list[Hour]
    past: list[PastHour]
    record: Record
    skill: Skill
    factors: list[Factor]
    model: str | None
    learned_from: datetime | None
    learned_until: datetime | None
    note: Sentence | None
    based_on: int | None
    kind: str | None = None
    kinds: list[str] = []
    by_kind: list[KindNext] = []
    """The next hour by kind of call, the most first; empty where one kind alone was asked for."""


class Ribbon(Out):
    """Calls per ten minutes. `counts[i]` belongs to `[start + i·600 s, + 600 s)`; the last may be under way."""

    start: datetime
    counts: list[int]
