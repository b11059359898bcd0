"""The track record: everything that was ever said here, beside what came."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from tocsin.web.schema.base import Out, Sentence


class RecordRow(Out):
    """Scores of one slice, means over its cells (an area and an hour each). None where nothing was scored.

    `by`: `all`, `area`, `kind` (of call), `horizon` (hours ahead) or `city`; `key`: which one; `name`: for people.
    `coverage_80`: by randomised PIT; `coverage_80_raw`: how often the band of whole calls held; `promised`: what that
    band had promised. `gain` = 1 - pinball / the plain rival's. `bias`: calls per cell, said minus came."""

    by: Literal["all", "city", "area", "kind", "horizon"]
    key: str
    name: str
    cells: int
    pinball: float | None
    crps: float | None
    coverage_80: float | None
    coverage_80_raw: float | None
    promised: float | None
    gain: float | None
    bias: float | None


class ReliabilityBin(Out):
    """Of all cells in which "a call or more" was given a chance of `low` to `high`: mean chance and share that came."""

    low: float
    high: float
    cells: int
    said: float | None
    came: float | None


class WarningRow(Out):
    """How warnings of one kind did. `detection`: of the hours that left the band, the share warned of before (POD).
    `false_alarms`: of the warnings that are over, the share that did not come true (FAR)."""

    kind: str
    name: str
    proposed: int
    issued: int
    over: int
    came: int
    detection: float | None
    false_alarms: float | None
    lead_min: float | None
    per_week: float | None


class TrackRecord(Out):
    """The track record of this log. `hours`: hours scored; a forecast is never scored on hours that it learned from.
    An hour counts as it was known an hour after its end; `late`: calls that came in after that, which change nothing.
    `pit`: cells per tenth of the randomised PIT, level when the laws are right, within `pit_low` to `pit_high` in 95
    of 100 cases."""

    since: datetime | None
    until: datetime | None
    hours: int
    models: list[str]
    rows: list[RecordRow]
    pit: list[int]
    pit_low: float | None
    pit_high: float | None
    reliability: list[ReliabilityBin]
    warnings: list[WarningRow]
    summary: Sentence
    enough: bool
    late: int = 0
