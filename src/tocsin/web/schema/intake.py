"""What machines report, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from tocsin.web.schema.base import In, MarkName, Out


class ReportCallIn(In):
    """A call as a machine reports it. `received` needs an offset. `place` is exact and is sealed at the door."""

    call: str = Field(min_length=1, max_length=64)
    received: datetime
    kind: str = Field(min_length=1, max_length=120)
    priority: int | None = Field(default=None, ge=1, le=9)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    area: str | None = None
    incident: str | None = None
    id: str | None = Field(default=None, max_length=128)
    """Idempotency key; the same id twice changes nothing."""


class ReportMarkIn(In):
    """A unit's mark on a call."""

    call: str = Field(min_length=1, max_length=64)
    unit: str = Field(min_length=1, max_length=64)
    mark: MarkName
    at: datetime
    hospital: str | None = None
    id: str | None = Field(default=None, max_length=128)


class Receipt(Out):
    """What became of a report: `kept` (applied), `repeat` (known already), `quarantined` (kept, not applied)."""

    id: str
    outcome: Literal["kept", "repeat", "quarantined"]
    seq: int | None
    code: str | None = None
    what: str | None = None


class BatchReceipt(Out):
    """What became of a batch. Durable when answered. `faults`: the first 100 reports that were not applied."""

    kept: int
    repeats: int
    quarantined: int
    seq: int
    faults: list[Receipt]
