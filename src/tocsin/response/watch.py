"""What needs a person: rules over the picture that raise and clear alarms and warnings."""

from __future__ import annotations

from datetime import datetime

from tocsin.model.city import City
from tocsin.model.commands import Command
from tocsin.model.origin import Origin
from tocsin.situation.picture import Situation


def watch(situation: Situation, city: City, now: datetime, *, origin: Origin) -> tuple[Command, ...]:  # noqa: ARG001
    """Commands that raise or clear what changed since the last look. Deterministic ids."""
    return ()
