"""Takes typed values out of a TOML table, and warns of the keys that nobody took."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tocsin.adapters.packs.codes import FaultCode, WarningCode
from tocsin.adapters.packs.report import Findings

FILE = "pack.toml"
_MOST = 10**15
_LARGEST = 1e15
"""No key of pack.toml means a larger number; infinity and NaN are none."""


@dataclass(slots=True)
class Keys:
    """A table of a TOML file. `path` is its dotted name, `row` its place in an array of tables."""

    table: Mapping[str, Any]
    path: str
    findings: Findings
    row: int | None = None
    taken: set[str] = field(default_factory=set)
    file: str = FILE

    def take(self, key: str) -> Any:
        """The raw value, or None; the key counts as known from now on."""
        self.taken.add(key)
        return self.table.get(key)

    def text(self, key: str, *, required: bool = False) -> str | None:
        value = self.take(key)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None:
            self.bad(key, f"{value!r} is no text")
        elif required:
            self.missing(key, f'write {key} = "…"')
        return None

    def number(self, key: str, *, above: float = -math.inf) -> float | None:
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, int | float) and type(value) is not bool and max(above, -_LARGEST) < value < _LARGEST:
            return float(value)
        self.bad(key, f"{value!r} is no number" + ("" if above == -math.inf else f" above {above:g}"))
        return None

    def whole(self, key: str, *, default: int, least: int, most: int = _MOST) -> int:
        value = self.take(key)
        if value is None:
            return default
        if type(value) is int and least <= value <= most:
            return value
        self.bad(key, f"{value!r} is no whole number from {least}" + ("" if most == _MOST else f" to {most}"))
        return default

    def flag(self, key: str) -> bool:
        value = self.take(key)
        if value is not None and type(value) is not bool:
            self.bad(key, f"{value!r} is neither true nor false")
        return value is True

    def inner(self, key: str) -> Keys:
        """The table under `key`, empty when it is not there."""
        value = self.take(key)
        if value is not None and not isinstance(value, dict):
            self.bad(key, f"is no table: write [{self._name(key)}]")
        return Keys(value if isinstance(value, dict) else {}, self._name(key), self.findings, file=self.file)

    def each_inner(self, key: str) -> Iterator[tuple[str, Keys]]:
        """The tables under `[key.…]`."""
        outer = self.inner(key)
        for name in outer.table:
            yield name, outer.inner(name)

    def each_of(self, key: str) -> Iterator[Keys]:
        """The tables of an array `[[key]]` or `key = [{ … }]`."""
        values = self.take(key)
        if values is None:
            return
        if not isinstance(values, list):
            self.bad(key, f"is no array of tables: write [[{self._name(key)}]]")
            return
        for i, value in enumerate(values):
            row = i if self.row is None else self.row
            if isinstance(value, dict):
                yield Keys(value, self._name(key), self.findings, row, file=self.file)
            else:
                self.findings.fault(
                    self.file, FaultCode.BAD_VALUE, f"{value!r} is no table", row=row, column=self._name(key)
                )

    def bad(self, key: str, message: str) -> None:
        self.fault(key, FaultCode.BAD_VALUE, message)

    def fault(self, key: str, code: FaultCode, message: str) -> None:
        self.findings.fault(self.file, code, message, row=self.row, column=self._name(key))

    def missing(self, key: str, advice: str) -> None:
        message = f"the key {key} is not there: {advice}"
        self.fault(key, FaultCode.MISSING_KEY, message)

    def close(self) -> None:
        """Warn of every key that nobody took."""
        for key in self.table:
            if key not in self.taken:
                message = f"the key {key} is not known and was passed over"
                self.findings.warn(self.file, WarningCode.UNKNOWN_KEY, message, row=self.row, column=self._name(key))

    def _name(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key
