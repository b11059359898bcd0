"""What machines report, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from tocsin.web.schema.base import In, MarkName, Out


class ReportCallIn(In):
    """A call as a machine reports it. `received` needs an offset. `place` is exact and is sealed at the door. A `kind`
    that the pack does not have is sealed too: the call is kept as "Unknown kind". No id may look like an e-mail
    address, a telephone number or a number plate, or hold control characters."""

    call: str = Field(min_length=1, max_length=64)
    received: datetime
    kind: str = Field(min_length=1, max_length=120)
    priority: int | None = Field(default=None, ge=1, le=9)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    area: str | None = Field(default=None, max_length=64)
    incident: str | None = Field(default=None, max_length=64)
    id: str | None = Field(default=None, max_length=128)
    """Idempotency key: the same content under the same id changes nothing. Other content under it is a report of its
    own, judged on its merits."""


class ReportMarkIn(In):
    """A unit's mark on a call."""

    call: str = Field(min_length=1, max_length=64)
    unit: str = Field(min_length=1, max_length=64)
    mark: MarkName
    at: datetime
    hospital: str | None = Field(default=None, max_length=64)
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
