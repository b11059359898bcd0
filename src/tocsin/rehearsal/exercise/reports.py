"""What the world of an exercise reports to its desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from tocsin.model.ids import CallId, HospitalId, UnitId
from tocsin.model.marks import Mark
from tocsin.rehearsal.exercise.course import ExerciseCall


@dataclass(frozen=True, slots=True)
class CallCame:
    """A call came in."""

    at: datetime
    call: ExerciseCall


@dataclass(frozen=True, slots=True)
class Marked:
    """A unit reported a mark on a call. `job`: running number of the jobs of this unit."""

    at: datetime
    unit: UnitId
    call: CallId
    mark: Mark
    job: int
    hospital: HospitalId | None = None


Report: TypeAlias = CallCame | Marked
