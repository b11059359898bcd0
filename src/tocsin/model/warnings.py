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
    """What could be done, as the pack's protocol says. `minutes`: how long it takes to take effect, None unknown.
    `started`: when a role started it, None as long as nobody did."""

    action: str
    text: str
    role: str | None = None
    minutes: float | None = None
    started: datetime | None = None


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
    `version` counts updates from 1. `calls_over`: the warning comes true when more calls than this come, in a demand
    warning's window, in the two hours from a surge's proposal; None for kinds that have another test. It says nothing
    of any person.
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
    calls_over: int | None = None

    @property
    def standing(self) -> bool:
        """Proposed or issued: not decided against, not over."""
        return self.state in (WarningState.PROPOSED, WarningState.ISSUED)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the desk works out of a warning, and works out again while it stands."""

    chance: float
    ends: datetime
    since: datetime | None = None
    impact: Impact | None = None
    evidence: tuple[Evidence, ...] = ()


class TriggerKind(StrEnum):
    """What a protocol can wait for. Gauges and outbreaks have no feed at the desk yet, so no protocol names them."""

    SURGE = "surge"
    DEMAND = "demand"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a protocol waits for. `area` None is the whole city, `call_kind` None every kind.

    A surge has no further figures: the detector says its probability. Demand: more than `calls_over` calls, or more
    than `times_usual` times what is usual, within the next `within_h` whole hours (one of the two is given).
    """

    kind: TriggerKind
    area: AreaId | None = None
    call_kind: str | None = None
    calls_over: int | None = None
    times_usual: float | None = None
    within_h: int = 6


@dataclass(frozen=True, slots=True)
class WarningProtocol:
    """What a pack ties to a warning: when it is worth proposing, and what could be done then.

    Acting costs `cost`, not acting when it comes loses `loss`, in any one unit, `0 < cost < loss`. Acting pays in the
    mean when the probability is at least `cost / loss` (Murphy 1977; Richardson 2000, Quarterly Journal of the Royal
    Meteorological Society 126). `name` is the file's name without its ending. `window_h`: how long a surge warning
    stands without news, None the house's own.
    """

    name: str
    title: str
    trigger: Trigger
    cost: float
    loss: float
    actions: tuple[Action, ...] = ()
    window_h: float | None = None

    @property
    def threshold(self) -> Threshold:
        """The probability from which acting pays."""
        return Threshold(self.cost / self.loss, self.name, self.cost, self.loss)
