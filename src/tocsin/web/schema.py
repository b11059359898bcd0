"""What the API says, as types. The OpenAPI document and the console's client are generated from these.

Times are ISO 8601 with offset, UTC. Places are GeoJSON positions `[lon, lat]`, block level. Durations in
seconds. A sentence is `{code, values}` plus its English `text`; the console has its own message catalogues.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Position = Annotated[list[float], Field(min_length=2, max_length=2)]
Service = Literal["fire", "medical", "rescue", "hazmat", "utility", "traffic", "weather"]
MarkName = Literal["dispatched", "en_route", "on_scene", "transporting", "at_hospital", "available"]
StatusName = Literal[
    "off_duty",
    "available_at_station",
    "available_posted",
    "available_place_unknown",
    "dispatched",
    "en_route",
    "on_scene",
    "transporting",
    "at_hospital",
    "returning",
    "out_of_service",
]
ModeName = Literal["live", "replay", "exercise"]
AlarmLevel = Literal[1, 2, 3]
NumberCode = Literal["no_unit", "past_target", "free", "in_time", "next_hour"]
NumberUnit = Literal["count", "percent"]
NumberLevel = Literal["amber", "vermilion"]
FactorCode = Literal["usual", "recent", "shape_prior", "wide_prior"]


class Out(BaseModel):
    """Base of everything that goes out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class In(BaseModel):
    """Base of everything that comes in: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class Sentence(Out):
    """A sentence as data: `code` names it in the catalogues, `values` fill its gaps, `text` is English."""

    code: str
    values: dict[str, str | float | int]
    text: str


class Band(Out):
    """An interval of a forecast of counts: whole calls, both ends inside."""

    low: int
    high: int


class Busy(Out):
    """The feed is running forward to a time that was asked for."""

    start: datetime
    until: datetime
    done: float = Field(ge=0, le=1)


class Clock(Out):
    """The desk's time. `now` is what everything on screen shows; `head` the newest time in the log; `past`:
    `now` lies before `head` and the picture is a fold of the log up to it. `first`, `last`: span of the feed."""

    now: datetime
    wall: datetime
    mode: ModeName
    playing: bool
    speed: float
    past: bool
    head: datetime | None
    first: datetime | None
    last: datetime | None
    busy: Busy | None
    ended: bool


class ClockAction(In):
    """`play`, `pause`, `step` (`step_s` seconds, default to the next report), `jump` (`to`), `speed` (`speed`)."""

    action: Literal["play", "pause", "step", "jump", "speed"]
    to: datetime | None = None
    step_s: float | None = Field(default=None, gt=0, le=86400)
    speed: float | None = Field(default=None, gt=0, le=3600)


class UnitOnCall(Out):
    """One unit's marks on one call. `inferred`: marks that nobody reported. `over`: it has left."""

    unit: str
    kind: str
    marks: dict[MarkName, datetime]
    inferred: list[MarkName]
    hospital: str | None
    over: bool


class Call(Out):
    """A call. `phase`: waiting (no unit sent), under_way, at_scene, cleared. `past_target`: nobody there and the
    target has passed. `needs_you`: an alarm stands for it."""

    call: str
    kind: str
    service: Service | None
    priority: int
    received: datetime
    target_s: float | None
    place: Position | None
    area: str | None
    incident: str | None
    phase: Literal["waiting", "under_way", "at_scene", "cleared"]
    past_target: bool
    needs_you: bool
    first_dispatched: datetime | None
    first_on_scene: datetime | None
    closed: datetime | None
    units: list[UnitOnCall]
    note: str | None


class Movement(Out):
    """An estimated way: along `path` from `depart` to `arrive`. The console slides the unit along it."""

    path: list[Position]
    depart: datetime
    arrive: datetime


class Unit(Out):
    """A unit now. `duty`: `certain` from the pack's duty table, `inferred` from marks, `off`.
    `place`: last known or estimated; `estimated`: between marks. `unconfirmed`: rests on an inferred mark."""

    unit: str
    kind: str
    agency: str
    station: str | None
    status: StatusName
    since: datetime | None
    duty: Literal["certain", "inferred", "off"]
    unconfirmed: bool
    call: str | None
    hospital: str | None
    place: Position | None
    estimated: bool
    movement: Movement | None


class Cover(Out):
    """Share of the area's street corners that a free unit of `kind` reaches within `within_s`
    (turnout and travel). `certain`: the same, counting only units certainly on duty."""

    kind: str
    within_s: float
    share: float | None
    certain: float | None


class Area(Out):
    """An area now. `expected` calls in the next hour with its 80 % band; `observed` calls in the last 60 minutes.
    `reachable`: a free unit of the leading kind reaches at least half of its corners in time; None: unknown."""

    area: str
    expected: float | None
    band: Band | None
    observed: int
    cover: list[Cover]
    reachable: bool | None


class Number(Out):
    """One of the six numbers. `level` None is grey: nothing to do. `unit`: `count` or `percent`."""

    code: NumberCode
    unit_kind: str | None
    label: Sentence
    value: float | None
    of: float | None
    band: Band | None
    unit: NumberUnit
    sub: Sentence
    level: NumberLevel | None


class Alarm(Out):
    """What needs a person. `sendable` is False in replay; `why_not` says why."""

    alarm: str
    kind: Literal["no_unit", "past_target", "units_short", "surge"]
    level: AlarmLevel
    state: Literal["raised", "acknowledged", "shelved", "dismissed", "cleared"]
    raised: datetime
    due: datetime | None
    call: str | None
    area: str | None
    unit_kind: str | None
    title: Sentence
    text: Sentence
    figure: str
    """What stands large at its right: m:ss waited, a percentage or a count, at `clock.now`."""
    since: datetime | None
    """Where the figure is a running time: since when, so that the console counts on."""
    shelved_until: datetime | None


class AlarmAction(In):
    """`dismiss` wants a reason; `shelve` lasts 15 minutes unless `minutes` says otherwise."""

    action: Literal["acknowledge", "shelve", "dismiss"]
    reason: str | None = Field(default=None, max_length=500)
    minutes: int = Field(default=15, ge=1, le=240)


class Change(Out):
    """One line of what changed."""

    seq: int
    at: datetime
    code: str
    text: str
    unit: str | None
    call: str | None
    call_kind: str | None
    area: str | None
    inferred: bool


class UnitRow(Out):
    """Units of one kind by status. `inferred`: how many of `free` are on duty only by inference."""

    kind: str
    name: str
    free: int
    inferred: int
    to_call: int
    scene: int
    patient: int
    hospital: int
    off: int
    out: int
    all: int
    """On duty, out of service included."""
    headline: bool


class HospitalNow(Out):
    hospital: str
    units: int
    """Units that are there now."""


class StationNow(Out):
    """Which kinds of unit stand ready in it."""

    station: str
    kinds: list[str]


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


class Forecast(Out):
    """A forecast with its band, its record and its provenance. `area` None is the whole city."""

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


class Ribbon(Out):
    """Calls per ten minutes. `counts[i]` belongs to `[start + i·600 s, + 600 s)`; the last may be under way."""

    start: datetime
    counts: list[int]


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


class Choice(Out):
    """One proposed unit. `eta_s` from the plan's `made` until on scene; `low`…`high` its 80 % band."""

    unit: str
    kind: str
    for_kind: str
    eta_s: float
    eta_low_s: float
    eta_high_s: float
    in_time: float | None
    by_road: bool
    certain: bool
    reason: Sentence
    path: list[Position]


class Uncovered(Out):
    area: str
    kind: str
    before: float
    after: float
    expected_calls: float | None
    band: Band | None


class CoverUnknown(Out):
    """What the plan leaves uncovered by `kind` cannot be said: of its `free` units, `placeless` are at places that
    nobody knows."""

    kind: str
    placeless: int
    free: int


class Missing(Out):
    kind: str
    count: int
    shortfall: Sentence


class Plan(Out):
    """A proposal with its reason, what it leaves uncovered and the runner-up. `changes_since`: changes since
    the picture it was computed from; `stale`: more than a few of them concern its units or its call."""

    made: datetime
    based_on: int
    planner: str
    seed: int
    choices: list[Choice]
    runner_up: Choice | None
    runner_up_uncovers: list[Uncovered]
    uncovers: list[Uncovered]
    cover_unknown: list[CoverUnknown]
    missing: list[Missing]
    changes_since: int
    stale: bool


class CallDetail(Out):
    """A call with its card, its plan and why the plan can or cannot be sent from here."""

    call: Call
    card: list[dict[str, Any]]
    plan: Plan | None
    can_send: bool
    why_not: Sentence | None


class AreaDetail(Out):
    facts: AreaFacts
    now: Area
    first_due: list[str]
    """Stations nearest by road to the area's centre, nearest first, at most three."""
    forecast: Forecast


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


class Geometry(Out):
    """A GeoJSON point (RFC 7946)."""

    type: Literal["Point"] = "Point"
    coordinates: Position


class AreaGeometry(Out):
    """A GeoJSON polygon or multipolygon."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class CallFeature(Out):
    type: Literal["Feature"] = "Feature"
    id: str
    geometry: Geometry | None
    properties: Call


class CallCollection(Out):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[CallFeature]


class UnitFeature(Out):
    """`geometry`: where the unit is now; between marks that is an estimate along its way."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: Geometry | None
    properties: Unit


class UnitCollection(Out):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[UnitFeature]


class AreaFeature(Out):
    type: Literal["Feature"] = "Feature"
    id: str
    geometry: AreaGeometry
    properties: Area


class AreaCollection(Out):
    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[AreaFeature]


class AreaName(Out):
    area: str
    name: str


class AreaShape(Out):
    type: Literal["Feature"] = "Feature"
    id: str
    geometry: AreaGeometry
    properties: AreaName


class AreaShapes(Out):
    """The basemap's areas."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[AreaShape]


class StreetLines(Out):
    type: Literal["MultiLineString"] = "MultiLineString"
    coordinates: list[list[Position]]


class StreetClass(Out):
    road_class: str


class StreetFeature(Out):
    type: Literal["Feature"] = "Feature"
    geometry: StreetLines
    properties: StreetClass


class StreetCollection(Out):
    """The basemap's streets: one feature per road class, five decimals. Empty where the pack has no streets."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[StreetFeature]


class ChangePage(Out):
    """Changes, newest first. `more`: older ones than these were left out by `limit`."""

    changes: list[Change]
    more: bool


class Health(Out):
    ok: bool
    seq: int
    mode: ModeName
    log: Literal["ok", "full", "damaged"]
    stream_clients: int
    dropped_clients: int
    version: str


class Problem(Out):
    """RFC 9457 problem details. `where` names the place in the input, `do` what to do."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None = None
    where: str | None = None
    do: str | None = None


ALARMS = TypeAdapter(list[Alarm])
