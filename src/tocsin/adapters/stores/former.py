"""Events of earlier versions, as today's. Nothing writes them; logs that hold them stay readable for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tocsin.model import events as e
from tocsin.model.ids import AreaId, WarningId
from tocsin.model.warnings import Evidence, Threshold, Warned, WarningKind
from tocsin.model.wire import reader

_HOUR: Final = timedelta(hours=1)
_SURGE_CHANCE: Final = 0.025
"""An hour that the forecast gave less than this was called a surge then."""


@dataclass(frozen=True, slots=True)
class FormerWarned:
    """A warning of the first version: one hour outside its band. `chance`: of so many calls or more, as forecast."""

    warning: WarningId
    kind: str
    raised: datetime
    hour: datetime
    area: AreaId | None
    observed: int
    low: int
    high: int
    chance: float


@dataclass(frozen=True, slots=True)
class WarningRaised:
    """What `WarningProposed` was in the first version."""

    warning: FormerWarned


def _proposed(former: WarningRaised) -> e.WarningProposed:
    """The hour that was out of its band is the evidence; how unlikely it was, the chance that it meant something."""
    old = former.warning
    values: dict[str, str | float | int] = {"observed": old.observed, "low": old.low, "high": old.high}
    values["hour"] = old.hour.isoformat()
    warned = Warned(
        warning=old.warning,
        kind=WarningKind.SURGE,
        proposed=old.raised,
        starts=old.hour,
        ends=old.raised + 2 * _HOUR,
        chance=1.0 - old.chance,
        threshold=Threshold(1.0 - _SURGE_CHANCE),
        area=old.area,
        since=old.hour,
        evidence=(Evidence("evidence_hour", values),),
    )
    return e.WarningProposed(warned)


@dataclass(frozen=True, slots=True)
class Former:
    """How one kind of earlier events is read."""

    reader: Any
    upcast: Callable[[Any], e.Event]

    def read(self, body: bytes) -> e.Event:
        """The event as today's. Raises: BadBytes."""
        return self.upcast(self.reader.decode(body))


FORMER: Final[Mapping[str, Former]] = {"WarningRaised": Former(reader(WarningRaised), _proposed)}
"""Name in the log to how it is read. `WarningLifted` kept its name: what it has more today has a default."""
