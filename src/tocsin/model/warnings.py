"""A warning: what may come, where, when, how likely, what it would mean, and what the pack says could be done.

A warning proposes; a named role issues it and says why. Source of the life: CAP 1.2 (`msgType` Alert, Update, Cancel;
`effective`, `onset`, `expires`); of the threshold: the cost-loss model, Murphy 1977, Monthly Weather Review 105.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tocsin.model.ids import AreaId, UnitKindId, WarningId


class WarningKind(StrEnum):
    SURGE = "surge"
    """More calls come in than an ordinary night brings."""
    DEMAND = "demand"
    """More calls are forecast than the protocol's trigger allows for."""
    GAUGE = "gauge"
    """A river or rain gauge is about to pass a threshold."""
    OUTBREAK = "outbreak"
    """Daily or weekly counts lie above what the season explains."""


class WarningState(StrEnum):
    PROPOSED = "proposed"
    ISSUED = "issued"
    DECLINED = "declined"
    LIFTED = "lifted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of what a warning rests on. `code` names the sentence in the catalogues, `values` fill its gaps."""

    code: str
    values: Mapping[str, str | float | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """What could be done, as the pack's protocol says. `minutes`: how long it takes to take effect, None unknown."""

    action: str
    text: str
    role: str | None = None
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Impact:
    """Calls expected in the window with their 80 % band, what is usual there, and units that run cards would ask for.

    `units`: unit kind to units sent, expected, over the whole window."""

    calls: float
    low: int
    high: int
    usual: float
    units: Mapping[UnitKindId, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Threshold:
    """At which probability the warning is proposed. With a protocol it is cost / loss; without one it is the stated
    probability of the house (`protocol` None), never a hidden one."""

    probability: float
    protocol: str | None = None
    cost: float | None = None
    loss: float | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning as it stands. `area` None is the whole city; `call_kind` None is every kind.

    `[starts, ends)`: the window it speaks of; with `ends` it expires. `since`: when what it speaks of began, as far as
    is known. `chance`: probability that it comes (or is under way), 0..1. `issued_by`: the role that issued it.
    `version` counts updates from 1. It says nothing of any person.
    """

    warning: WarningId
    kind: WarningKind
    proposed: datetime
    starts: datetime
    ends: datetime
    chance: float
    threshold: Threshold
    area: AreaId | None = None
    call_kind: str | None = None
    since: datetime | None = None
    impact: Impact | None = None
    evidence: tuple[Evidence, ...] = ()
    actions: tuple[Action, ...] = ()
    state: WarningState = WarningState.PROPOSED
    changed: datetime | None = None
    issued: datetime | None = None
    issued_by: str | None = None
    reason: str | None = None
    version: int = 1
