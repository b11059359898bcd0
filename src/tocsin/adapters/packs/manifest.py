"""Reads pack.toml: what the city is called, its bounds, agencies, unit kinds, run cards and feeds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.adapters.packs.cards import read_cards
from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.keys import Keys
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.service import read_call_rate, read_service
from tocsin.adapters.packs.tables import read_text
from tocsin.forecasting.demand.calendar import knows
from tocsin.model.city import Agency, CallKind, City, Controller, FeedSpec, UnitKind
from tocsin.model.ids import AgencyId, UnitKindId
from tocsin.model.place import Bounds
from tocsin.model.service import CallRate, ServiceLaw

FILE = "pack.toml"
DUTY_GAP_H = 6.0
"""Hours after its last mark that a unit counts as on duty, where the pack has no duty.parquet."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """pack.toml as read. `bounds` and `zone` are None when they were faulty, so that the other files can be read on."""

    name: str
    title: str = ""
    timezone: str = "UTC"
    zone: ZoneInfo | None = None
    bounds: Bounds | None = None
    agencies: Mapping[AgencyId, Agency] = field(default_factory=dict)
    unit_kinds: Mapping[UnitKindId, UnitKind] = field(default_factory=dict)
    call_kinds: tuple[CallKind, ...] = ()
    feeds: tuple[FeedSpec, ...] = ()
    licences: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    demo_start: datetime | None = None
    learned_from: datetime | None = None
    learned_until: datetime | None = None
    duty_gap_h: float = DUTY_GAP_H
    country: str | None = None
    subdivision: str | None = None
    service: Mapping[str, ServiceLaw] = field(default_factory=dict)
    call_rate: CallRate | None = None
    controller: Controller = field(default_factory=Controller)
    readable: bool = True

    def as_city(self) -> City:
        """A city of which only pack.toml is known."""
        return City(
            name=self.name,
            title=self.title,
            timezone=self.timezone,
            bounds=self.bounds or Bounds(-180, -90, 180, 90),
            areas={},
            stations={},
            hospitals={},
            units={},
            unit_kinds=self.unit_kinds,
            agencies=self.agencies,
            call_kinds=self.call_kinds,
            streets=None,
            duty_gap_h=self.duty_gap_h,
            feeds=self.feeds,
            demo_start=self.demo_start,
            licences=self.licences,
            country=self.country,
            subdivision=self.subdivision,
            service=self.service,
            call_rate=self.call_rate,
            controller=self.controller,
        )


def read_manifest(folder: Path, findings: Findings) -> Manifest:
    """Read and check pack.toml. Never raises; faults go to `findings`."""
    keys = _open(folder, findings)
    if keys is None:
        return Manifest(name=folder.name, readable=False)
    zone_name = keys.text("timezone", required=True) or "UTC"
    zone = _find_zone(zone_name, findings) if "timezone" in keys.table else None
    agencies = _read_agencies(keys)
    unit_kinds = _read_unit_kinds(keys)
    history = keys.inner("history")
    country, subdivision = _read_country(keys)
    cards = read_cards(keys, set(unit_kinds))
    manifest = Manifest(
        name=_read_name(keys, folder),
        title=keys.text("title", required=True) or "",
        timezone=zone_name,
        zone=zone,
        bounds=_read_bounds(keys),
        agencies=agencies,
        unit_kinds=unit_kinds,
        call_kinds=cards,
        feeds=_read_feeds(keys),
        licences=_read_licences(keys),
        demo_start=_read_time(keys.inner("demo"), "start", zone),
        learned_from=_read_time(history, "learned_from", zone),
        learned_until=_read_time(history, "learned_until", zone),
        duty_gap_h=keys.number("duty_gap_h", above=0.0) or DUTY_GAP_H,
        country=country,
        subdivision=subdivision,
        service=read_service(keys, unit_kinds, {card.kind for card in cards}),
        call_rate=read_call_rate(keys),
        controller=_read_controller(keys),
    )
    history.close()
    keys.close()
    return manifest


def _open(folder: Path, findings: Findings) -> Keys | None:
    path = folder / FILE
    if not path.is_file():
        findings.fault(FILE, FaultCode.MISSING_FILE, "is not there: `tocsin new DIR` writes one to start from")
        return None
    text = read_text(path, FILE, findings)
    if text is None:
        return None
    try:
        return Keys(tomllib.loads(text), "", findings)
    except tomllib.TOMLDecodeError as error:
        findings.fault(FILE, FaultCode.BAD_TOML, f"is not TOML: {error}")
    except (ValueError, RecursionError) as error:
        findings.fault(FILE, FaultCode.BAD_TOML, f"cannot be read: {error}")
    return None


def _read_name(keys: Keys, folder: Path) -> str:
    name = keys.text("name")
    if name is None:
        return folder.resolve().name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
        keys.bad("name", f"{name!r} is no plain name: use letters, digits, _ and -")
    return name


def _find_zone(name: str, findings: Findings) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{name!r} is no time zone: use a name such as Europe/Helsinki"
        findings.fault(FILE, FaultCode.UNKNOWN_TIMEZONE, message, column="timezone")
        return None


def _read_country(keys: Keys) -> tuple[str | None, str | None]:
    """ISO 3166 codes as far as their public holidays are known; a warning for what is not."""
    country, subdivision = keys.text("country"), keys.text("subdivision")
    if country is None:
        if subdivision is not None:
            _warn_holidays(keys, "subdivision", "stands without a country, so forecasts know no public holidays")
        return None, None
    if not knows(country):
        _warn_holidays(keys, "country", f"{country!r}: no public holidays are known of it, so forecasts know none")
        return None, None
    if subdivision is not None and not knows(country, subdivision):
        message = f"{subdivision!r}: no part of {country!r} whose public holidays are known; the country's count"
        _warn_holidays(keys, "subdivision", message)
        return country, None
    return country, subdivision


def _warn_holidays(keys: Keys, key: str, message: str) -> None:
    keys.findings.warn(FILE, WarningCode.HOLIDAYS_UNKNOWN, message, column=key)


def _read_bounds(keys: Keys) -> Bounds | None:
    values = keys.take("bounds")
    if values is None:
        keys.missing("bounds", "write bounds = [west, south, east, north]")
        return None
    numbers = isinstance(values, list) and len(values) == 4 and all(type(value) in (int, float) for value in values)
    if numbers:
        west, south, east, north = (float(value) for value in values)
        if -180 <= west < east <= 180 and -90 <= south < north <= 90:
            return Bounds(west, south, east, north)
    message = f"{values!r} is not [west, south, east, north] in degrees with west < east and south < north"
    keys.findings.fault(FILE, FaultCode.BAD_BOUNDS, message, column="bounds")
    return None


def _read_controller(keys: Keys) -> Controller:
    """Who answers for personal data. What is not said stays unsaid: the public account lists it as missing."""
    inner = keys.inner("controller")
    controller = Controller(inner.text("name"), inner.text("contact"), inner.text("data_protection_officer"))
    inner.close()
    return controller


def _read_agencies(keys: Keys) -> dict[AgencyId, Agency]:
    agencies = {}
    for key, inner in keys.each_inner("agencies"):
        agencies[AgencyId(key)] = Agency(AgencyId(key), inner.text("name") or key)
        inner.close()
    return agencies


def _read_unit_kinds(keys: Keys) -> dict[UnitKindId, UnitKind]:
    kinds = {}
    for key, inner in keys.each_inner("unit_kinds"):
        kinds[UnitKindId(key)] = UnitKind(
            UnitKindId(key),
            inner.text("name") or key,
            inner.flag("transports"),
            inner.flag("headline"),
            inner.number("callout_min", above=-1e-9),
        )
        inner.close()
    return kinds


FEED_KINDS = ("replay", "intake")
"""An unknown kind is a fault: a misspelt `replay` must not become a live desk."""


def _read_feeds(keys: Keys) -> tuple[FeedSpec, ...]:
    feeds = []
    for inner in keys.each_of("feeds"):
        name, kind = inner.text("name", required=True), inner.text("kind", required=True)
        options = {key: value for key, value in inner.table.items() if key not in ("name", "kind")}
        if kind and kind not in FEED_KINDS:
            inner.bad("kind", f"{kind!r} is no kind of feed; known are {', '.join(FEED_KINDS)}")
        elif name and kind:
            feeds.append(FeedSpec(name, kind, options))
    return tuple(feeds) or (FeedSpec("intake", "intake"),)


def _read_licences(keys: Keys) -> dict[str, tuple[str, str]]:
    licences = {}
    for key, inner in keys.each_inner("files"):
        licences[key] = (inner.text("licence") or "", inner.text("attribution") or "")
        inner.close()
    return licences


def _read_time(keys: Keys, key: str, zone: ZoneInfo | None) -> datetime | None:
    """A time in UTC; one without a zone is local to the city, a date is its first moment."""
    value = keys.take(key)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            keys.bad(key, f"{value!r} is no time: write 2024-01-31T18:00:00")
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(0))
    if value is None:
        return None
    if not isinstance(value, datetime):
        keys.bad(key, f"{value!r} is no time: write 2024-01-31T18:00:00")
        return None
    try:
        return (value if value.tzinfo else value.replace(tzinfo=zone or UTC)).astimezone(UTC)
    except OverflowError:
        keys.bad(key, f"{value!r} is outside the calendar")
        return None


def warn_unlisted_files(folder: Path, manifest: Manifest, known: set[str], findings: Findings) -> None:
    """Warn of licences for files that are not there and of data files that nobody reads."""
    for file in manifest.licences:
        if not (folder / file).is_file():
            message = f"[files.{file!r}] states a licence, but the file is not there"
            findings.warn(FILE, WarningCode.FILE_NOT_THERE, message, column=f"files.{file}")
    for path in sorted(folder.iterdir()):
        if path.suffix in (".csv", ".parquet", ".geojson", ".toml") and path.name not in known:
            message = f"is not a file that Tocsin reads and was passed over; it reads {', '.join(sorted(known))}"
            findings.warn(path.name, WarningCode.UNKNOWN_FILE, message)
