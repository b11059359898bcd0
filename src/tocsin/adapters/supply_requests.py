"""Reads a table of supply requests: the sound rows, and those refused with the line, the column and what to do."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from tocsin.adapters.packs.persons import is_personal_column, looks_personal
from tocsin.adapters.packs.sites import RESOURCE
from tocsin.adapters.packs.tables import LONGEST_ID
from tocsin.adapters.packs.zones import NEAR_M, list_distances_outside
from tocsin.errors import BadReport
from tocsin.model.city import City
from tocsin.model.ids import ResourceId, SiteId
from tocsin.model.place import Point
from tocsin.planning.crisis.requests import Rate, SupplyRequest

MOST_ROWS = 1_000
MOST_COUNT = 1_000_000
"""More than this is counted in a larger unit."""
COLUMNS = (
    "request", "site", "lon", "lat", "resource", "count", "earliest", "latest", "priority",
    "hours", "on_hand", "per_hour", "per_hour_low", "per_hour_high",
)  # fmt: skip
REQUIRED = ("resource", "count", "earliest", "latest")
_WHOLE = re.compile(r"[-+]?\d{1,15}")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be planned for: `line` of the file (the header is line 1), `column`, and what to do."""

    line: int
    column: str
    what: str


@dataclass(frozen=True, slots=True)
class ReadRequests:
    """`ignored`: columns that were passed over."""

    requests: tuple[SupplyRequest, ...]
    refused: tuple[Refused, ...]
    ignored: tuple[str, ...]


def read_requests(path: Path, city: City) -> ReadRequests:
    """The requests in the file's order. Times without a zone are the city's own.

    Raises: BadReport when the file as a whole is no such table; OSError when it cannot be opened.
    """
    rows = _rows(path)
    header = [name.strip().lower() for name in rows[0][1]]
    missing = [name for name in REQUIRED if name not in header]
    if missing or ("site" not in header and not {"lon", "lat"} <= set(header)):
        wanted = ", ".join(missing) or "site, or lon and lat"
        raise BadReport(f"{path} line 1", f"the column {wanted} is not there; columns are {', '.join(COLUMNS)}")
    requests: dict[str, SupplyRequest] = {}
    refused: list[Refused] = []
    for line, row in rows[1:]:
        read = _Row(line, {k: v.strip() for k, v in zip(header, row, strict=False)}, city, refused)
        if len(row) != len(header):
            read.refuse(header[0], f"has {len(row)} fields, the header {len(header)}: add or remove commas")
            continue
        request = read.request(requests)
        if request is not None:
            requests[request.request] = request
    ignored = tuple(_ignored(name) for name in header if name and name not in COLUMNS)
    return ReadRequests(tuple(requests.values()), tuple(refused), ignored)


def _ignored(name: str) -> str:
    return f"{name} (may carry persons)" if is_personal_column(name) else name


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The rows with the line that each begins on, blank ones left out."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadReport(f"{path} byte {error.start}", "is not UTF-8: save it as UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    rows: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for row in reader:
            if any(value.strip() for value in row):
                rows.append((begins, row))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise BadReport(f"{path} line {reader.line_num}", f"is no CSV ({error}): write it with commas") from error
    if not rows:
        raise BadReport(f"{path}", "is empty: write the column names in the first line")
    if len(rows) - 1 > MOST_ROWS:
        raise BadReport(f"{path} line {MOST_ROWS + 2}", f"more than {MOST_ROWS:,} requests: split the file")
    if len(set(rows[0][1])) < len(rows[0][1]):
        raise BadReport(f"{path} line 1", "two columns have one name: rename or remove one")
    return rows


class _Row:
    """One row of the table."""

    def __init__(self, line: int, values: Mapping[str, str], city: City, refused: list[Refused]) -> None:
        self._line = line
        self._values = values
        self._city = city
        self._refused = refused

    def refuse(self, column: str, what: str) -> None:
        self._refused.append(Refused(self._line, column, what))

    def request(self, known: Mapping[str, SupplyRequest]) -> SupplyRequest | None:
        """The request, or None when something of it was refused."""
        before = len(self._refused)
        name, place, window = self._name(known), self._place(), self._window()
        resource = self._values["resource"]
        if not RESOURCE.fullmatch(resource):
            self.refuse("resource", f"{resource!r} is no plain name: use letters, digits, _, . and -")
        count = self._whole("count", 1, MOST_COUNT)
        priority = self._whole("priority", 1, 9)
        on_hand = self._whole("on_hand", 0, MOST_COUNT)
        hours = self._number("hours", above=0.0)
        rate = self._rate()
        if "count" not in self._values or not self._values["count"]:
            self.refuse("count", "is empty: write how many are needed")
        if len(self._refused) > before or place is None or window is None or count is None:
            return None
        site = self._values.get("site") or None
        return SupplyRequest(
            name, place, ResourceId(resource), count, *window,
            priority or 1, None if site is None else SiteId(site), hours, on_hand, rate,
        )  # fmt: skip

    def _name(self, known: Mapping[str, SupplyRequest]) -> str:
        name = self._values.get("request") or f"line-{self._line}"
        if len(name) > LONGEST_ID or looks_personal(name):
            self.refuse("request", f"{name[:20]!r}… is too long or names a person: give a plain id")
        if name in known:
            self.refuse("request", f"{name!r} is there already: ids are unique")
        return name

    def _place(self) -> Point | None:
        site, lon, lat = (self._values.get(key, "") for key in ("site", "lon", "lat"))
        if site:
            found = self._city.sites.get(SiteId(site))
            if found is None:
                self.refuse("site", f"{site!r} is not in sites.geojson: add it there, or give lon and lat")
            elif lon or lat:
                self.refuse("site", "give a site, or lon and lat, not both")
            return None if found is None else found.place
        degrees = [_float(value) for value in (lon, lat)]
        if degrees[0] is None or degrees[1] is None or abs(degrees[0]) > 180 or abs(degrees[1]) > 90:
            self.refuse("lon", f"{lon!r}, {lat!r} is no place: give a site, or lon and lat in degrees")
            return None
        far_m = float(list_distances_outside(self._city.bounds, np.array([degrees[0]]), np.array([degrees[1]]))[0])
        if far_m > NEAR_M:
            self.refuse("lon", f"lies {far_m / 1000:,.0f} km outside the city: are lon and lat swapped?")
            return None
        return Point(degrees[0], degrees[1])

    def _window(self) -> tuple[datetime, datetime] | None:
        times = [self._time("earliest"), self._time("latest")]
        if times[0] is None or times[1] is None:
            return None
        if times[1] <= times[0]:
            self.refuse("latest", "the window ends before it begins, or where it begins: swap earliest and latest")
        return times[0], times[1]

    def _time(self, column: str) -> datetime | None:
        text = self._values[column]
        try:
            time = datetime.fromisoformat(text)
            zoned = time if time.tzinfo else time.replace(tzinfo=ZoneInfo(self._city.timezone))
            return zoned.astimezone(UTC)
        except (ValueError, OverflowError):
            self.refuse(column, f"{text!r} is no time: write 2024-01-31T18:00")
            return None

    def _whole(self, column: str, least: int, most: int) -> int | None:
        text = self._values.get(column, "")
        if not text:
            return None
        if _WHOLE.fullmatch(text) and least <= int(text) <= most:
            return int(text)
        self.refuse(column, f"{text!r} is no whole number from {least:,} to {most:,}")
        return None

    def _number(self, column: str, *, above: float = -1e-9) -> float | None:
        text = self._values.get(column, "")
        if not text:
            return None
        number = _float(text)
        if number is not None and above < number <= MOST_COUNT:
            return number
        self.refuse(column, f"{text!r} is no number {'above 0' if above == 0.0 else 'from 0'}")
        return None

    def _rate(self) -> Rate | None:
        per_h, low, high = (self._number(key) for key in ("per_hour", "per_hour_low", "per_hour_high"))
        if (low is None) != (high is None):
            self.refuse("per_hour_low", "one end of the band is missing: give both, or none")
        elif low is not None and high is not None and not low <= (low if per_h is None else per_h) <= high:
            self.refuse("per_hour_low", "the band does not hold per_hour: low, per_hour and high ascend")
        elif per_h is None and low is not None and high is not None:
            per_h = (low + high) / 2.0
        return None if per_h is None else Rate(per_h, low, high)


def _float(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
