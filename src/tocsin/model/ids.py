"""Identifiers. All are strings in packs, in the log and in the API; the types keep them apart."""

from __future__ import annotations

from typing import NewType

AreaId = NewType("AreaId", str)
AgencyId = NewType("AgencyId", str)
StationId = NewType("StationId", str)
HospitalId = NewType("HospitalId", str)
UnitId = NewType("UnitId", str)
UnitKindId = NewType("UnitKindId", str)
CallId = NewType("CallId", str)
AlarmId = NewType("AlarmId", str)
WarningId = NewType("WarningId", str)
MoveUpId = NewType("MoveUpId", str)
NeighbourId = NewType("NeighbourId", str)
SiteId = NewType("SiteId", str)
ResourceId = NewType("ResourceId", str)
"""What can be counted and lent or sent: a pump, a generator, a crew, a place in a shelter, litres of fuel."""
CommandId = NewType("CommandId", str)
"""Idempotency key: a command with an id that the log holds already is a repeat and changes nothing."""
EventId = NewType("EventId", str)
Seq = NewType("Seq", int)
"""Place of an event in the log, from 1 without gaps. 0 is the empty log."""
