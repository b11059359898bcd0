"""Reading one table of a scenario: each key once, of the right kind, and none that nobody knows."""

from __future__ import annotations

import reprlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from tocsin.adapters.exercises.times import read_time
from tocsin.errors import BadScenario
from tocsin.model.city import Period

LONGEST_TEXT = 2_000


class Row:
    """One table. Every method raises BadScenario naming the place in the file.

    Args:
        where: how the table is named to people, `surges[0]`; empty for the file itself.
        span: of the exercise; times lie in it.
    """

    def __init__(self, table: Mapping[str, Any], where: str, span: Period) -> None:
        self._table = table
        self._where = where
        self._span = span
        self._taken: set[str] = set()

    def at(self, key: str) -> str:
        """The place of a key."""
        return f"{self._where}.{key}" if self._where else key

    def take(self, key: str) -> Any:
        """What stands under the key; None without it."""
        self._taken.add(key)
        return self._table.get(key)

    def text(self, key: str, otherwise: str | None = None) -> str:
        """A text; without `otherwise` it must be there."""
        found = self.take(key)
        if found is None and otherwise is not None:
            return otherwise
        if not isinstance(found, str) or not found.strip():
            raise BadScenario(self.at(key), f'is missing or no text: write {key} = "…"')
        if len(found) > LONGEST_TEXT:
            raise BadScenario(self.at(key), f"is longer than {LONGEST_TEXT:,} characters: shorten it")
        return found.strip()

    def find_text(self, key: str) -> str | None:
        """A text, or None where the key is not there or empty."""
        return None if self._table.get(key) in (None, "") else self.text(key)

    def number(self, key: str, low: float, high: float, otherwise: float | None = None) -> float:
        """A number from `low` to `high`, ends included."""
        found = self.take(key)
        if found is None and otherwise is not None:
            return otherwise
        sound = isinstance(found, int | float) and not isinstance(found, bool)
        if not sound or not low <= found <= high:  # nan lies nowhere; a whole number may be too long for a float
            told = reprlib.repr(found)
            raise BadScenario(self.at(key), f"must be a number from {low:g} to {high:g}, not {told}")
        return float(found)

    def time(self, key: str, otherwise: datetime | None = None) -> datetime:
        """A time within the exercise, its end included."""
        found = self.take(key)
        if found is None:
            if otherwise is None:
                raise BadScenario(self.at(key), f'is missing: write {key} = "+0:30" or a time with its offset')
            return otherwise
        time = read_time(found, self.at(key), self._span.start)
        if not self._span.start <= time <= self._span.end:
            raise BadScenario(
                self.at(key),
                f"{time.isoformat()} lies outside the exercise, which lasts from {self._span.start.isoformat()} to "
                f"{self._span.end.isoformat()}: move it, or the exercise",
            )
        return time

    def period(self) -> Period:
        """`from` and `until`; without them the whole exercise."""
        start, end = self.time("from", self._span.start), self.time("until", self._span.end)
        if start >= end:
            raise BadScenario(self.at("until"), "must lie after `from`")
        return Period(start, end)

    def one_of(self, key: str, known: Collection[str], what: str) -> str:
        """A name that the city knows."""
        return check_known(self.text(key), known, self.at(key), what)

    def some_of(self, key: str, known: Collection[str], what: str, *, least: int = 0) -> tuple[str, ...]:
        """Names that the city knows, at least so many."""
        found = self.take(key)
        names = [] if found is None else found
        if not isinstance(names, list) or len(names) < least:
            raise BadScenario(self.at(key), f'must be a list of names: write {key} = ["…"]')
        return tuple(check_known(name, known, f"{self.at(key)}[{n}]", what) for n, name in enumerate(names))

    def tables(self, key: str) -> list[Row]:
        """The tables of a list, `[[key]]`."""
        found = self.take(key)
        rows = [] if found is None else found
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadScenario(self.at(key), f"must be a list of tables: write [[{key}]]")
        return [Row(row, f"{self.at(key)}[{n}]", self._span) for n, row in enumerate(rows)]

    def close(self, known: Sequence[str] = ()) -> None:
        """Nobody knows the rest."""
        left = [key for key in self._table if key not in self._taken]
        if left:
            names = sorted({*self._taken, *known})
            raise BadScenario(self.at(left[0]), f"nobody knows this key; known are {', '.join(names)}")


def check_known(name: object, known: Collection[str], where: str, what: str) -> str:
    """The name, which must be one of the known."""
    if isinstance(name, str) and name in known:
        return name
    near = get_close_matches(str(name), [str(k) for k in known], n=3, cutoff=0.5)
    told = ", ".join(near or sorted(str(k) for k in known)[:8]) or "none"
    raise BadScenario(
        where, f"the city has no {what} {name!r}; {'near are' if near else 'it has, among others,'} {told}"
    )
