"""A warning changed by what happened to it. Which orders may be is decided in `response.warnings`, not here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from tocsin.model import events as ev
from tocsin.model.warnings import Action, Warned, WarningState

WarningChange = ev.WarningIssued | ev.WarningUpdated | ev.WarningDeclined | ev.WarningLifted | ev.WarningExpired

WARNING_CHANGES: Final[Mapping[type, str]] = {
    ev.WarningIssued: "warning_issued",
    ev.WarningUpdated: "warning_updated",
    ev.WarningDeclined: "warning_declined",
    ev.WarningLifted: "warning_lifted",
    ev.WarningExpired: "warning_expired",
}
"""Event to its line in the list of changes."""


def with_change(warned: Warned, event: WarningChange, at: datetime) -> Warned:
    """The warning after the event, which happened at `at`."""
    changed = replace(warned, changed=at)
    match event:
        case ev.WarningIssued():
            return _issued(changed, event, at)
        case ev.WarningUpdated():
            return _updated(changed, event, at)
        case ev.WarningDeclined():
            return replace(changed, state=WarningState.DECLINED, reason=event.reason)
        case ev.WarningLifted():
            return replace(changed, state=WarningState.LIFTED, reason=event.reason)
        case ev.WarningExpired():
            return replace(changed, state=WarningState.EXPIRED)


def _issued(warned: Warned, event: ev.WarningIssued, at: datetime) -> Warned:
    return replace(
        warned,
        state=WarningState.ISSUED,
        issued=at,
        issued_by=event.role,
        reason=event.reason,
        ends=event.until or warned.ends,
        actions=_started(warned.actions, event.actions, at),
    )


def _updated(warned: Warned, event: ev.WarningUpdated, at: datetime) -> Warned:
    figures = event.figures
    if figures is not None:
        warned = replace(
            warned,
            chance=figures.chance,
            ends=figures.ends,
            since=figures.since,
            impact=figures.impact,
            evidence=figures.evidence,
        )
    return replace(
        warned,
        version=event.version,
        reason=event.reason or warned.reason,
        ends=event.until or warned.ends,
        actions=_started(warned.actions, event.actions, at),
    )


def _started(actions: tuple[Action, ...], names: tuple[str, ...], at: datetime) -> tuple[Action, ...]:
    """An action that was started before keeps its first time."""
    return tuple(replace(a, started=at) if a.action in names and a.started is None else a for a in actions)


def is_long_over(warned: Warned, horizon: datetime, now: datetime) -> bool:
    """Over since before `horizon`, and its window too: until then nothing is proposed for that window again."""
    if warned.standing:
        return False
    return warned.changed is not None and warned.changed < horizon and warned.ends <= now
