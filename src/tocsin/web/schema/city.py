"""What stands still."""

from __future__ import annotations

from typing import Any

from tocsin.web.schema.base import ModeName, Out, Position, Sentence, Service


class UnitKind(Out):
    kind: str
    name: str
    transports: bool
    headline: bool


class CallKind(Out):
    kind: str
    service: Service | None
    priority: int
    target_s: float | None
    needs: list[dict[str, Any]]
    when_priority: list[int]


class Station(Out):
    station: str
    name: str
    agency: str
    place: Position
    approximate: bool


class Hospital(Out):
    hospital: str
    name: str
    place: Position
    emergency: bool


class AreaFacts(Out):
    area: str
    name: str
    district: str | None
    population: int | None
    km2: float
    centre: Position


class Licence(Out):
    file: str
    licence: str
    attribution: str


class MissingFile(Out):
    """A file that the pack does not have and what that costs."""

    file: str
    costs: str


class City(Out):
    """What stands still: fetched once. Geometry comes from `/api/basemap/*`."""

    name: str
    title: str
    timezone: str
    bounds: list[float]
    mode: ModeName
    areas: list[AreaFacts]
    stations: list[Station]
    hospitals: list[Hospital]
    unit_kinds: list[UnitKind]
    call_kinds: list[CallKind]
    agencies: dict[str, str]
    licences: list[Licence]
    missing: list[MissingFile]
    history_note: Sentence | None
    """Where the shape of the week was learned later than the days shown: the screen says so."""
    can_send: bool
    why_not: Sentence | None
    version: str
