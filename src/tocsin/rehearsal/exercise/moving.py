"""Where a unit of an exercise would go when it comes free, were it moved by a rule: expected cover.

Source: Jagtenberg, Bhulai and van der Mei 2015, Operations Research for Health Care 4 (DMEXCLP): the station where one
unit more adds most expected cover, given the units of its kind that stand by or are bound for stations.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from tocsin.geography.metric import Floats
from tocsin.model.city import City
from tocsin.model.ids import StationId
from tocsin.rehearsal.exercise.roads import Roads

THETA_S = 480.0
"""A station covers an area that it reaches within this of the call."""


class ExpectedCover:
    """Chooses stations by expected cover.

    Args:
        q: busy probability of a unit, 0 to 1.
        delay_s: from the call until units are sent.
    Areas count by their people, alike where the pack does not say how many live there; each stands at its centre.
    """

    def __init__(self, city: City, roads: Roads, at: datetime, q: float, *, delay_s: float = 60.0) -> None:
        self._stations = tuple(city.stations)
        self._row = {station: i for i, station in enumerate(self._stations)}
        self._q = q
        areas = list(city.areas.values())
        people = np.array([float(area.population or 0) for area in areas])
        self._weight: Floats = people if people.sum() > 0 else np.ones(len(areas))
        places = [station.place for station in city.stations.values()]
        drive_s = np.column_stack([roads.drive_s(places, area.centre, at) for area in areas])
        self._covers = drive_s + roads.turnout_s + delay_s <= THETA_S

    def station_for(self, home: StationId, others: Sequence[StationId]) -> StationId:
        """The station for one unit more beside `others` of its kind; its own where none is better."""
        standing = np.bincount([self._row[s] for s in others], minlength=len(self._stations))
        gain = self._covers @ (self._weight * self._q ** (standing @ self._covers))
        best = int(np.argmax(gain))
        return home if gain[best] <= gain[self._row[home]] + 1e-9 else self._stations[best]
