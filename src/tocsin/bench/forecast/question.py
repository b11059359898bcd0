"""What is asked of `tocsin bench forecast`: which file, which columns, which origins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tocsin.errors import BadSettings
from tocsin.forecasting.protocol import DAY, HOUR

STEPS = {"1h": HOUR, "1d": DAY}
_SPAN = re.compile(r"(\d+)\s*([hdw])")
_UNITS = {"h": HOUR, "d": DAY, "w": 7 * DAY}


@dataclass(frozen=True, slots=True)
class Source:
    """A file and what its columns mean. Either one row a call, or one a count (long), or one a time (wide)."""

    path: Path
    time: str
    is_calls: bool = True
    date: str | None = None
    area: str | None = None
    kind: str | None = None
    value: str | None = None
    wide: bool = False
    missing: float | None = None
    only: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()

    def checked(self) -> Source:
        """Raises: BadSettings when the options do not fit together."""
        if self.is_calls and (self.value or self.wide or self.missing is not None):
            raise BadSettings("--value, --wide and --missing describe --counts; a file of --calls has one row a call")
        if self.is_calls and self.area is None:
            raise BadSettings("--calls needs --area COL: the column that says in which area a call came in")
        if not self.is_calls and self.wide == (self.value is not None or self.area is not None):
            raise BadSettings("--counts needs either --area COL and --value COL (long) or --wide (a column a series)")
        if not self.is_calls and not self.wide and (self.value is None or self.area is None):
            raise BadSettings("a long file of --counts needs both --area COL and --value COL")
        return self


@dataclass(frozen=True, slots=True)
class Question:
    """The protocol: what is forecast, from where, with how much history. Steps are hours or days."""

    step: timedelta = HOUR
    horizon: int = 168
    origins: int = 8
    every: timedelta = 7 * DAY
    window: timedelta | None = None
    top: int | None = None
    zone: str = "UTC"
    country: str | None = None
    subdivision: str | None = None
    since: str | None = None
    until: str | None = None
    seed: int = 1

    @property
    def week(self) -> int:
        """Steps of one week: the season of MASE and of the plain rivals."""
        return 7 * DAY // self.step


def span_of(text: str, option: str) -> timedelta:
    """`7d`, `12h`, `2w`. Raises: BadSettings."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or int(found[1]) == 0:
        raise BadSettings(f"{option}: {text!r} is no span; write e.g. 7d, 24h or 2w")
    try:
        return int(found[1]) * _UNITS[found[2]]
    except OverflowError as error:
        raise BadSettings(f"{option}: {text!r} is longer than a calendar is; write e.g. 7d, 24h or 2w") from error
