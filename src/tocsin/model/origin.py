"""Who gave a command, in which role, for what, and in which world."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """Which world a command belongs to. Never mixed in one log."""

    LIVE = "live"
    """Fed on the wall clock."""
    REPLAY = "replay"
    """Recorded; every feed of kind `replay`."""
    EXERCISE = "exercise"
    """Rehearsed on a made-up course of events."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Provenance of a command and of every event that comes of it.

    `actor` names the feed, the desk's own worker or the account; `role` is an ICS or desk role;
    `purpose` says what for (W3C DPV terms where there is one).
    """

    actor: str
    role: str
    purpose: str
    mode: Mode
