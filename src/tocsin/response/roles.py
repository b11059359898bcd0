"""Who decides: a named role, never the desk itself and never a feed."""

from __future__ import annotations

from typing import Final

from tocsin.model.events import Decided
from tocsin.response.known import refused

DESK_ROLES: Final = frozenset({"desk", "feed"})
"""Roles of machines: they may propose, never decide."""


def no_role(role: str) -> tuple[Decided, ...]:
    """The refusal of an order that names no role, or a machine's; empty where it may be."""
    if not role.strip():
        return refused("role_missing", "Name the role that decides.")
    if role.strip().lower() in DESK_ROLES:
        return refused("role_may_not", "The desk proposes; a named role decides, such as watch_officer.")
    return ()


def nobody(role: str, reason: str) -> tuple[Decided, ...]:
    """The refusal of an order that wants a role and a reason and lacks one of them; empty where it may be."""
    no = no_role(role)
    return no if no or reason.strip() else refused("reason_missing", "Say in a few words why.")
