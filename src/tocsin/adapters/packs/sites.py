"""Reads sites.geojson and stock.csv: where a city keeps, gets and gives what it needs in a crisis, and how much."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.tables import LONGEST_ID, ROW, Column, Type, fault_unknown, read_table
from tocsin.adapters.packs.zones import Feature, fresh_id, read_features
from tocsin.model.ids import ResourceId, SiteId
from tocsin.model.resources import Form, Site, SiteKind, Stock

SITES = "sites.geojson"
STOCK = "stock.csv"
MOST = 1_000_000_000
RESOURCE = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{LONGEST_ID - 1}}}")
_ODD_RESOURCE = "use letters, digits, _, . and - only, at most 64"
_WHOLE = re.compile(r"-?\d{1,18}(?:\.0+)?")
_STOCK = (
    Column("site", Type.ID),
    Column("resource", Type.ID),
    Column("count", Type.TEXT),
    Column("unit", Type.TEXT),
    Column("form", Type.TEXT, required=False, filled=False),
    Column("load", Type.TEXT, required=False, filled=False),
)


def read_sites(folder: Path, findings: Findings) -> dict[SiteId, Site]:
    """The sites in the file's order; faulty ones are left out."""
    sites: dict[SiteId, Site] = {}
    for feature in read_features(folder, SITES, findings):
        site, place = fresh_id(feature, "site", sites), feature.point()
        name, kind, capacity = feature.text("name"), _kind_of(feature), _capacity_of(feature)
        if site is not None and place is not None and kind is not None:
            sites[SiteId(site)] = Site(SiteId(site), name or site, kind, place, capacity)
    return sites


def _kind_of(feature: Feature) -> SiteKind | None:
    kind = feature.id_of("kind")
    if kind is None or kind in tuple(SiteKind):
        return None if kind is None else SiteKind(kind)
    message = f"the property kind is {kind!r}; known are {', '.join(SiteKind)}"
    feature.findings.fault(SITES, FaultCode.BAD_VALUE, message, row=feature.row, column="kind")
    return None


def _capacity_of(feature: Feature) -> dict[ResourceId, int]:
    value = feature.properties.get("capacity")
    if value is None:
        return {}
    if not isinstance(value, dict):
        _fault_capacity(feature, f"{value!r} is no object of resources and whole numbers")
        return {}
    return {ResourceId(name): count for name, count in value.items() if _is_capacity(feature, name, count)}


def _is_capacity(feature: Feature, name: str, count: Any) -> bool:
    if type(count) is not int or not 0 <= count <= MOST:
        _fault_capacity(feature, f"{name} is {count!r}, no whole number from 0")
    elif not RESOURCE.fullmatch(name):
        _fault_capacity(feature, f"{name!r} is no plain name: {_ODD_RESOURCE}")
    else:
        return True
    return False


def _fault_capacity(feature: Feature, message: str) -> None:
    feature.findings.fault(SITES, FaultCode.BAD_VALUE, message, row=feature.row, column="capacity")


def read_stock(folder: Path, sites: Mapping[SiteId, Site], findings: Findings) -> tuple[Stock, ...]:
    """What lies where, in the file's order; faulty rows are left out."""
    table = read_table(folder, STOCK, _STOCK, findings)
    if table is None:
        return ()
    if SITES in findings.missing:
        message = "names sites, but there is no sites.geojson: the stock is dropped"
        findings.warn_rows(STOCK, "site", WarningCode.REFERENCE_WITHOUT_FILE, table[ROW].to_list(), message)
        return ()
    fault_unknown(table, STOCK, "site", FaultCode.UNKNOWN_SITE, findings.ids.get(SITES), SITES, findings)
    kept: dict[tuple[SiteId, ResourceId], Stock] = {}
    told: dict[ResourceId, Stock] = {}
    for row in table.filter(pl.col("site").is_in(list(sites))).iter_rows(named=True):
        line = _Line(row, findings)
        stock = line.stock()
        if stock is not None and line.agrees(stock, kept, told, sites[stock.site]):
            kept[stock.site, stock.resource] = stock
            told.setdefault(stock.resource, stock)
    return tuple(kept.values())


class _Line:
    """One row of stock.csv."""

    def __init__(self, row: Mapping[str, Any], findings: Findings) -> None:
        self._row = row
        self._findings = findings

    def stock(self) -> Stock | None:
        count, load, form, unit = self._count(), self._load(), self._form(), self._row["unit"]
        resource = self._row["resource"]
        if resource is not None and not RESOURCE.fullmatch(resource):
            self._fault("resource", FaultCode.BAD_ID, f"{resource!r} is no plain name: {_ODD_RESOURCE}")
            return None
        if resource is None or count is None or form is None or unit is None:
            return None
        if form is Form.VEHICLE and load is None:
            self._fault("load", FaultCode.MISSING_VALUE, "a vehicle has none: write how much one carries")
        return Stock(SiteId(self._row["site"]), ResourceId(resource), count, unit, form, load)

    def agrees(
        self,
        stock: Stock,
        kept: Mapping[tuple[SiteId, ResourceId], Stock],
        told: Mapping[ResourceId, Stock],
        site: Site,
    ) -> bool:
        """Whether the row fits those before it and the site's capacity; a fault where it does not."""
        if (stock.site, stock.resource) in kept:
            message = f"{stock.resource!r} is told of {stock.site!r} already: one row for each, with the sum"
            self._fault("resource", FaultCode.DUPLICATE_ID, message)
            return False
        first = told.get(stock.resource, stock)
        for column, mine, theirs in (("unit", stock.unit, first.unit), ("form", stock.form, first.form)):
            if mine != theirs:
                message = f"{stock.resource!r} is {mine!r} here and {theirs!r} at {first.site!r}: they would be added"
                self._fault(column, FaultCode.BAD_VALUE, message)
                return False
        most = site.capacity.get(stock.resource)
        if most is not None and stock.count > most:
            message = f"{stock.count} is over the {most} that {SITES} says {stock.site!r} can hold"
            self._fault("count", FaultCode.OUT_OF_RANGE, message)
            return False
        return True

    def _count(self) -> int | None:
        text = self._row["count"]
        if text is None:
            return None
        if not _WHOLE.fullmatch(text):
            self._fault("count", FaultCode.BAD_VALUE, f"{text!r} is no whole number")
            return None
        count = int(text.split(".")[0])
        if 0 <= count <= MOST:
            return count
        self._fault("count", FaultCode.OUT_OF_RANGE, f"{text} is not from 0 to {MOST:,}")
        return None

    def _load(self) -> float | None:
        text = self._row["load"]
        if text is None:
            return None
        try:
            load = float(text)
        except ValueError:
            load = -1.0
        if 0 < load <= MOST:
            return load
        self._fault("load", FaultCode.OUT_OF_RANGE, f"{text!r} is no number above 0")
        return None

    def _form(self) -> Form | None:
        text = self._row["form"] or Form.GOODS.value
        if text in tuple(Form):
            return Form(text)
        self._fault("form", FaultCode.BAD_VALUE, f"{text!r} is no form; known are {', '.join(Form)}")
        return None

    def _fault(self, column: str, code: FaultCode, message: str) -> None:
        self._findings.fault(STOCK, code, message, row=int(self._row[ROW]), column=column)
