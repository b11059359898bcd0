"""Marks that units report on a call, and the states a unit can be in."""

from __future__ import annotations

from enum import StrEnum


class Mark(StrEnum):
    """Time marks of one unit on one call, in the order in which they happen."""

    DISPATCHED = "dispatched"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    TRANSPORTING = "transporting"
    AT_HOSPITAL = "at_hospital"
    AVAILABLE = "available"


class UnitStatus(StrEnum):
    """The state of a unit. The table of transitions is in docs/reference/unit-status.md."""

    OFF_DUTY = "off_duty"
    AVAILABLE_AT_STATION = "available_at_station"
    AVAILABLE_POSTED = "available_posted"
    AVAILABLE_PLACE_UNKNOWN = "available_place_unknown"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    TRANSPORTING = "transporting"
    AT_HOSPITAL = "at_hospital"
    RETURNING = "returning"
    OUT_OF_SERVICE = "out_of_service"

    @property
    def free(self) -> bool:
        """Can be sent: on duty and on no call."""
        return self in _FREE

    @property
    def busy(self) -> bool:
        """On a call."""
        return self in _BUSY


_FREE = frozenset(
    {
        UnitStatus.AVAILABLE_AT_STATION,
        UnitStatus.AVAILABLE_POSTED,
        UnitStatus.AVAILABLE_PLACE_UNKNOWN,
        UnitStatus.RETURNING,
    }
)
_BUSY = frozenset(
    {
        UnitStatus.DISPATCHED,
        UnitStatus.EN_ROUTE,
        UnitStatus.ON_SCENE,
        UnitStatus.TRANSPORTING,
        UnitStatus.AT_HOSPITAL,
    }
)
