"""The facts of the log as something that can leave: Parquet tables in one zip, block level at most."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile

from tocsin.accounting.access import DatasetId
from tocsin.accounting.approvals import Export, Made, Option
from tocsin.adapters.export.export import export_log
from tocsin.adapters.export.marks import mark_places
from tocsin.adapters.export.slip import slip_of
from tocsin.errors import BadSettings
from tocsin.model.city import Service
from tocsin.ports import EventLog

FILE: Final = "facts.zip"


@dataclass(frozen=True, slots=True)
class FactsRelease:
    """Implements `ports.Release`: what `tocsin export` writes, and who agreed to it beside it.

    Args:
        services: kind of call to service; a kind that is missing is treated as medical.
        key: the house's key of watermarks.
    """

    log: EventLog
    services: Mapping[str, Service | None]
    key: bytes
    what: str = "facts"
    title: str = "Facts of the log as Parquet tables, block level at most"
    datasets: tuple[DatasetId, ...] = tuple(map(DatasetId, ("calls", "situation", "forecasts", "plans", "warnings")))
    options: Mapping[str, str] = field(default_factory=dict)

    def find_fault(self, options: Mapping[str, Option]) -> str | None:
        return "There is nothing to choose: leave `options` out." if options else None

    def release(self, approved: Export, into: Path) -> Made:
        tables = into / "tables"
        try:
            rows = export_log(self.log, tables, self.services)
            mark_places(tables / "calls.parquet", self.key, approved.id)
            with ZipFile(into / FILE, "x", ZIP_STORED) as file:
                for table in sorted(tables.iterdir()):
                    file.write(table, table.name)
                file.writestr("APPROVAL.md", slip_of(approved))
        except OSError as error:
            raise BadSettings(f"the export cannot be written ({error.strerror}): free some space") from error
        finally:
            shutil.rmtree(tables, ignore_errors=True)
        return Made(into / FILE, "application/zip", sum(rows.values()))
