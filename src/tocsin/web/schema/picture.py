"""Everything on screen at one time, and what differs from one revision to the next."""

from __future__ import annotations

from datetime import datetime

from tocsin.web.schema.base import Out, Sentence
from tocsin.web.schema.clock import Clock
from tocsin.web.schema.forecast import Hour, Record, Ribbon
from tocsin.web.schema.moves import Moves
from tocsin.web.schema.now import Alarm, Area, Call, Change, HospitalNow, Number, StationNow, Unit, UnitRow
from tocsin.web.schema.warnings import Warning  # noqa: A004 - the field's word


class Quarantined(Out):
    count: int
    by_code: dict[str, int]


class FeedState(Out):
    name: str
    kind: str
    newest: datetime | None


class Picture(Out):
    """Everything on screen at one time. The stream's deltas patch it."""

    seq: int
    rev: int
    """Revision of the picture: counts every publication, also those in which only the clock moved."""
    clock: Clock
    calls: list[Call]
    units: list[Unit]
    areas: list[Area]
    numbers: list[Number]
    alarms: list[Alarm]
    warnings: list[Warning]
    """Those that stand first, the newest first; those that are over for up to 12 hours."""
    moves: Moves
    table: list[UnitRow]
    hospitals: list[HospitalNow]
    stations: list[StationNow]
    least_cover: list[Area]
    cover_why: Sentence | None
    city: list[Hour]
    """City-wide, the next six hours."""
    city_record: Record
    ribbon: Ribbon
    changes: list[Change]
    """Newest first, at most 100."""
    changes_in_12_min: int
    corrections: int
    quarantined: Quarantined
    feeds: list[FeedState]


class Delta(Out):
    """What differs from revision `rev - 1`. Entities by id: `set` replaces or adds, `gone` removes.
    The other sections are whole where present, absent (null) where unchanged. `changes`: only the new ones."""

    seq: int
    rev: int
    clock: Clock
    calls_set: list[Call] = []
    calls_gone: list[str] = []
    units_set: list[Unit] = []
    units_gone: list[str] = []
    areas_set: list[Area] = []
    changes: list[Change] = []
    numbers: list[Number] | None = None
    alarms: list[Alarm] | None = None
    warnings: list[Warning] | None = None
    moves: Moves | None = None
    table: list[UnitRow] | None = None
    hospitals: list[HospitalNow] | None = None
    stations: list[StationNow] | None = None
    least_cover: list[Area] | None = None
    cover_why: Sentence | None = None
    city: list[Hour] | None = None
    city_record: Record | None = None
    ribbon: Ribbon | None = None
    changes_in_12_min: int | None = None
    corrections: int | None = None
    quarantined: Quarantined | None = None
    feeds: list[FeedState] | None = None
