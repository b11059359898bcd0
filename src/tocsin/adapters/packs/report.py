"""What a check found: faults, warnings, coverage, and what missing files cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.errors import BadPack

SHOWN_ROWS = 20
"""Faults of one kind in one column that are listed row by row; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One place in the pack that would mislead. `row` 0 is the first data row; None where the whole file is meant.
    In GeoJSON a row is a feature; in pack.toml it is the entry of an array of tables."""

    file: str
    row: int | None
    column: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Worth knowing, and how often: `row` is the first of `count`."""

    file: str
    row: int | None
    column: str | None
    code: str
    message: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class PackReport:
    """`missing`: file name to what its absence costs. `coverage`: shares 0..1 and counts, JSON-ready."""

    faults: tuple[Fault, ...]
    warnings: tuple[Notice, ...]
    coverage: Mapping[str, Any]
    missing: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """No fault that would mislead."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """The report as `tocsin check --json` prints it."""
        return {
            "ok": self.ok,
            "faults": [_fields(fault) for fault in self.faults],
            "warnings": [{**_fields(warning), "count": warning.count} for warning in self.warnings],
            "coverage": dict(self.coverage),
            "missing": dict(self.missing),
        }


class UnfitPack(BadPack):
    """A pack with faults. `report` has every one of them; `str()` lists the first."""

    def __init__(self, name: str, report: PackReport) -> None:
        lines = [f"  {describe(fault)}" for fault in report.faults[:SHOWN_ROWS]]
        if len(report.faults) > SHOWN_ROWS:
            lines.append(f"  and {len(report.faults) - SHOWN_ROWS} more")
        advice = f"`tocsin check {name}` lists everything"
        super().__init__("\n".join([f"the pack {name} has {_faults(len(report.faults))}; {advice}:", *lines]))
        self.report = report


class NoPack(BadPack):
    """Neither a folder that holds pack.toml nor the name of a pack that ships with Tocsin."""


@dataclass(slots=True)
class Findings:
    """Collects what the readers of a pack's files find, so that nobody stops at the first fault."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)
    """Ids by file, of faulty entries too; no entry for a file that could not be read, so that nothing is held
    against those who refer to it."""

    def fault(
        self, file: str, code: FaultCode, message: str, *, row: int | None = None, column: str | None = None
    ) -> None:
        self.faults.append(Fault(file, row, column, code.value, message))

    def fault_rows(
        self, file: str, column: str, code: FaultCode, rows: Sequence[int], message: str | Callable[[int], str]
    ) -> None:
        """One fault a row up to `SHOWN_ROWS`, then one that counts the rest. `message(i)` is asked for the i-th row."""
        for i, row in enumerate(rows[:SHOWN_ROWS]):
            self.fault(file, code, message if isinstance(message, str) else message(i), row=int(row), column=column)
        if len(rows) > SHOWN_ROWS:
            more = f"and {len(rows) - SHOWN_ROWS} more rows like these ({SHOWN_ROWS} of {len(rows)} are listed)"
            self.fault(file, code, more, column=column)

    def warn(
        self,
        file: str,
        code: WarningCode,
        message: str,
        *,
        row: int | None = None,
        column: str | None = None,
        count: int = 1,
    ) -> None:
        self.warnings.append(Notice(file, None if row is None else int(row), column, code.value, message, count))

    def warn_rows(self, file: str, column: str, code: WarningCode, rows: Sequence[int], message: str) -> None:
        """One warning for all the rows, naming the first; nothing where there are none."""
        if len(rows):
            self.warn(file, code, message, row=int(rows[0]), column=column, count=len(rows))

    def report(self, coverage: Mapping[str, Any]) -> PackReport:
        return PackReport(tuple(self.faults), tuple(self.warnings), coverage, dict(self.missing))


def describe(fault: Fault | Notice) -> str:
    """One line: `calls.parquet row 7, column kind: …`."""
    place = fault.file
    if fault.row is not None:
        place += f" row {fault.row}"
    if fault.column is not None:
        place += f", column {fault.column}" if fault.row is not None else f" column {fault.column}"
    return f"{place}: {fault.message} [{fault.code}]"


def _fields(fault: Fault | Notice) -> dict[str, Any]:
    return {
        "file": fault.file,
        "row": fault.row,
        "column": fault.column,
        "code": fault.code,
        "message": fault.message,
    }


def _faults(count: int) -> str:
    return "one fault" if count == 1 else f"{count} faults"
