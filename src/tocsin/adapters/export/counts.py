"""Counts of calls by area, day and service, ready to leave: small cells left out, or noise with a budget."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from tocsin.accounting.access import DatasetId
from tocsin.accounting.aggregates import (
    LEAST_K,
    MOST_DAYS,
    Cell,
    Grid,
    Shown,
    budget_body,
    count,
    day_of,
    find_overspent,
    grid_of,
    shown,
    spent_by_day,
    with_noise,
)
from tocsin.accounting.approvals import Export, Made, Option
from tocsin.accounting.entries import EntryDraft, EntryKind, Json
from tocsin.accounting.watermark import in_marked_order
from tocsin.adapters.export.noise import add_noise, noise_missing
from tocsin.adapters.export.slip import slip_of
from tocsin.errors import BadSettings
from tocsin.model.city import Service
from tocsin.model.events import CallReported
from tocsin.ports import Clock, EventLog, Ledger

FILE: Final = "counts.zip"
LEAST_EPSILON: Final = 0.01
DATASET: Final = DatasetId("calls")
OPTIONS: Final[Mapping[str, str]] = {
    "first_day": "First day, such as 2024-05-06. Left out: the first day of the log.",
    "last_day": "Last day, included. Left out: the last day that is over.",
    "k": f"Cells below this many calls are left out: {LEAST_K} or more; {LEAST_K} where it is left out.",
    "epsilon": "Privacy budget to spend on noise, above 0. Left out: no noise, small cells are left out only.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Options as they were understood."""

    first: date | None
    last: date | None
    k: int
    epsilon: float | None


@dataclass(frozen=True, slots=True)
class CountsRelease:
    """Implements `ports.Release`.

    Args:
        areas: ids of the city's areas.
        services: kind of call to service.
        limit: epsilon that may be spent on each day of data, in all.
        key: the house's key of watermarks.
    """

    log: EventLog
    ledger: Ledger
    clock: Clock
    timezone: str
    areas: Sequence[str]
    services: Mapping[str, Service | None]
    limit: float
    key: bytes
    what: str = "counts"
    title: str = "Calls by area, day and service, small counts left out"
    datasets: tuple[DatasetId, ...] = (DATASET,)
    options: Mapping[str, str] = field(default_factory=lambda: OPTIONS)

    def find_fault(self, options: Mapping[str, Option]) -> str | None:
        try:
            asked = read_options(options)
        except ValueError as error:
            return str(error)
        if asked.epsilon is None:
            return None
        if asked.epsilon > self.limit:
            return f"`epsilon` {asked.epsilon:g} is more than the {self.limit:g} that a day of data may have in all"
        return noise_missing()

    def release(self, approved: Export, into: Path) -> Made:
        asked = read_options(approved.options)
        grid = self._grid(asked)
        counts = count(grid, self._cells())
        entries: tuple[EntryDraft, ...] = ()
        if asked.epsilon is not None:
            entries = (self._spend(approved, grid, asked.epsilon),)
            counts = with_noise(counts, asked.epsilon, add_noise)
        table = shown(counts, asked.k)
        try:
            self._write(approved, asked, grid, table, into / FILE)
        except OSError as error:
            raise BadSettings(f"the export cannot be written ({error.strerror}): free some space") from error
        more: dict[str, Json] = {"k": asked.k, "left_out": table.left_out}
        if asked.epsilon is not None:
            more["epsilon"] = asked.epsilon
        return Made(into / FILE, "application/zip", len(table.counts), more, entries)

    def _grid(self, asked: Asked) -> Grid:
        first_at = next((recorded.at for recorded in self.log.read()), None)
        last_at = self.log.last_at()
        if first_at is None or last_at is None:
            raise BadSettings("the log is empty: there is nothing to count")
        # The day that is not over would be counted again with more calls, and the difference says who came late.
        over = date.fromordinal(day_of(last_at, self.timezone).toordinal() - 1)
        first, last = asked.first or day_of(first_at, self.timezone), min(asked.last or over, over)
        if last < first:
            raise BadSettings(f"no day from {first} on is over in the log: ask for earlier days, or wait")
        if (last - first).days >= MOST_DAYS:
            raise BadSettings(f"{first} to {last} are more than {MOST_DAYS} days: ask for fewer")
        return grid_of(first, last, self.areas, {one.value for one in self.services.values() if one is not None})

    def _cells(self) -> Iterator[Cell]:
        for recorded in self.log.read():
            event = recorded.event
            if isinstance(event, CallReported):
                service = self.services.get(event.kind)
                yield Cell(day_of(event.received, self.timezone), event.area or "", service.value if service else "")

    def _spend(self, approved: Export, grid: Grid, epsilon: float) -> EntryDraft:
        spent = spent_by_day(self.ledger.entries(), DATASET)
        day = find_overspent(spent, grid.days, epsilon, self.limit)
        if day is not None:
            raise BadSettings(
                f"the privacy budget of {day} does not suffice: {spent.get(day, 0.0):g} of {self.limit:g} is spent, "
                f"and {epsilon:g} was asked for. Ask for other days, or for a smaller epsilon"
            )
        body = budget_body(DATASET, approved.id, epsilon, grid.days, self.limit)
        return EntryDraft(EntryKind.BUDGET, self.clock.now(), body)

    def _write(self, approved: Export, asked: Asked, grid: Grid, table: Shown, file: Path) -> None:
        by_name = {_name_of(cell): cell for cell in table.counts}
        rows = [by_name[name] for name in in_marked_order(self.key, approved.id, by_name)]
        with ZipFile(file, "x", ZIP_DEFLATED) as archive:
            archive.writestr("counts.csv", _csv(rows, table))
            archive.writestr("README.md", _readme(asked, grid, table))
            archive.writestr("dataset.jsonld", json.dumps(_dcat(approved, grid), indent=1))
            archive.writestr("APPROVAL.md", slip_of(approved))


def read_options(options: Mapping[str, Option]) -> Asked:
    """Raises: ValueError saying which option is wrong."""
    unknown = sorted(options.keys() - OPTIONS.keys())
    if unknown:
        raise ValueError(f"nobody knows the option {unknown[0]!r}; known are {', '.join(OPTIONS)}")
    k, epsilon = options.get("k"), options.get("epsilon")
    if k is not None and (isinstance(k, bool) or not isinstance(k, int) or not LEAST_K <= k <= 1_000_000):
        raise ValueError(f"`k` must be a whole number from {LEAST_K} on, not {k!r}")
    if epsilon is not None:
        right = isinstance(epsilon, int | float) and not isinstance(epsilon, bool) and LEAST_EPSILON <= epsilon <= 100
        if not right:
            raise ValueError(f"`epsilon` must be a number from {LEAST_EPSILON} on, not {epsilon!r}")
    first, last = _day(options, "first_day"), _day(options, "last_day")
    if first is not None and last is not None and last < first:
        raise ValueError("`last_day` is before `first_day`")
    return Asked(first, last, LEAST_K if k is None else int(k), None if epsilon is None else float(epsilon))


def _day(options: Mapping[str, Option], name: str) -> date | None:
    said = options.get(name)
    if said is None:
        return None
    try:
        return date.fromisoformat(str(said))
    except ValueError as error:
        raise ValueError(f"`{name}` must be a day such as 2024-05-06, not {said!r}") from error


def _name_of(cell: Cell) -> str:
    return f"{cell.day.isoformat()}|{cell.area}|{cell.service}"


def row_names(text: str) -> list[str]:
    """The names of the rows of a `counts.csv`, in its order: what the watermark is read from.

    Raises: ValueError for another table."""
    reader = csv.DictReader(io.StringIO(text))
    if not {"day", "area", "service"} <= set(reader.fieldnames or ()):
        raise ValueError("not a table of counts: it has no columns day, area and service")
    return [f"{row['day']}|{row['area'] or ''}|{row['service'] or ''}" for row in reader]


def _csv(rows: Sequence[Cell], table: Shown) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("day", "area", "service", "calls"))
    writer.writerows((cell.day.isoformat(), cell.area, cell.service, table.counts[cell]) for cell in rows)
    return out.getvalue()


def _readme(asked: Asked, grid: Grid, table: Shown) -> str:
    noise = (
        "The counts are exact."
        if asked.epsilon is None
        else f"Every cell has discrete Laplace noise of scale {1 / asked.epsilon:g} (epsilon {asked.epsilon:g} for one "
        "call). A sum of cells is off by more than a cell is."
    )
    return (
        f"# Calls by area, day and service\n\nFrom {grid.days[0]} to {grid.days[-1]}, days of the city's own time. "
        f"{noise} Cells below {asked.k} calls are left out, empty ones too: a cell that is not here has fewer. "
        f"{table.left_out:,} of {len(table.counts) + table.left_out:,} cells were left out. There are no totals, "
        "because a total would give a small cell back. An empty `area` or `service`: none is known.\n\n"
        "The order of the rows means nothing; it leads back to the approval in APPROVAL.md.\n"
    )


def _dcat(approved: Export, grid: Grid) -> dict[str, object]:
    """The dataset as DCAT 3, with the ledger's entries that let it leave. Source: W3C DCAT 3, DPV 2.3."""
    return {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
        "@type": "dcat:Dataset",
        "dct:title": "Calls by area, day and service",
        "dct:identifier": approved.id,
        "dct:temporal": {"dcat:startDate": grid.days[0].isoformat(), "dcat:endDate": grid.days[-1].isoformat()},
        "dct:provenance": {"ledger_entries": [vote.entry for vote in approved.approvals]},
        "dcat:distribution": {"@type": "dcat:Distribution", "dct:title": "counts.csv", "dcat:mediaType": "text/csv"},
    }
