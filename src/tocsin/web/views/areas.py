"""Areas now: calls expected and observed, who reaches them in time, and why some are thin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.desk.board import Board, KindCover
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId
from tocsin.model.marks import UnitStatus
from tocsin.situation.numbers import calls_by_area, find_next_hour
from tocsin.situation.picture import Situation, UnitState
from tocsin.web import schema
from tocsin.web.texts import render, sentence
from tocsin.web.views.facts import Facts
from tocsin.web.views.lateness import area_late
from tocsin.web.views.units import Now

HOUR = timedelta(hours=1)
REACHED = 0.5
"""An area counts as reachable when a free unit reaches at least this share of its corners in time."""
LEAST = 6
"""Areas in the list of least cover."""
WHY_UNITS = 2
THIN = 0.9
"""Cover under this is worth a reason: above it a unit that is away is no news."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The hour that the screen calls the next one: its step of the forecast, and the forecast's own row of areas."""

    demand: Demand
    step: int
    row: Mapping[AreaId, int]


def expected_at(situation: Situation, now: datetime) -> Expected | None:
    """None without a forecast that reaches so far."""
    demand, hour = situation.demand, find_next_hour(situation, now)
    if demand is None or hour is None:
        return None
    return Expected(demand, (hour.start - demand.start) // HOUR, {area: row for row, area in enumerate(demand.areas)})


def known(value: float) -> float | None:
    """None for NaN and infinity: JSON has neither."""
    return float(value) if math.isfinite(value) else None


class AreaPainter:
    """Makes views of areas and keeps each until something in it changes."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._kept: list[schema.Area] = []

    def paint(self, board: Board) -> list[schema.Area]:
        """Views of all areas, in the pack's order."""
        expected = expected_at(board.situation, board.clock.now)
        observed = calls_by_area(board.situation, board.clock.now)
        fresh = [
            area_view(self._facts, area, expected, observed.get(area, 0), board) for area in self._facts.city.areas
        ]
        self._kept = [old if old == new else new for old, new in zip(self._kept or fresh, fresh, strict=True)]
        return self._kept


def area_view(facts: Facts, area: AreaId, expected: Expected | None, observed: int, board: Board) -> schema.Area:
    """One area."""
    covers = [cover_view(kind, facts.row[area]) for kind in board.cover.values()]
    mean, band = None, None
    row = None if expected is None else expected.row.get(area)
    if expected is not None and row is not None:
        mean = known(expected.demand.mean[row, expected.step])
        quantiles = expected.demand.quantiles[row, expected.step]
        band = schema.Band(low=int(quantiles[0]), high=int(quantiles[-1]))
    return schema.Area(
        area=area,
        expected=mean,
        band=band,
        observed=observed,
        cover=covers,
        late=area_late(facts, area, board.late),
        reachable=_reachable(facts, covers),
    )


def cover_view(cover: KindCover, row: int) -> schema.Cover:
    """Cover of one area by one kind of unit."""
    return schema.Cover(
        kind=cover.kind,
        within_s=float(cover.within_s),
        share=known(cover.share[row]),
        certain=known(cover.certain[row]),
    )


def _reachable(facts: Facts, covers: list[schema.Cover]) -> bool | None:
    share = leading_share(facts, covers)
    return None if share is None else share >= REACHED


def leading_share(facts: Facts, covers: list[schema.Cover]) -> float | None:
    """The share that a free unit of the leading kind reaches in time."""
    return next((c.share for c in covers if c.kind == facts.leading), None)


def least_cover(facts: Facts, areas: list[schema.Area]) -> list[schema.Area]:
    """The areas that the leading kind covers least, least first."""
    known_share = [(share, area) for area in areas if (share := leading_share(facts, area.cover)) is not None]
    known_share.sort(key=lambda pair: pair[0])
    return [area for _, area in known_share[:LEAST]]


def cover_why(facts: Facts, least: list[schema.Area], board: Board, now: Now) -> schema.Sentence | None:
    """Which of its own units of the leading kind are away from the least covered area.

    None where all of them are there, or where no area is thin."""
    for area in (area for area in least if (leading_share(facts, area.cover) or 0.0) < THIN):
        away = [
            _away(facts, board, state, now[unit].status)
            for unit in facts.stationed.get(AreaId(area.area), ())
            if facts.kind_of(unit) == facts.leading
            and (state := board.situation.units.get(unit)) is not None
            and (now[unit].status.busy or now[unit].status is UnitStatus.OUT_OF_SERVICE)
        ]
        if away:
            name = facts.area_name(AreaId(area.area)) or area.area
            return sentence("cover_why", units=", ".join(away[:WHY_UNITS]), area=name)
    return None


def _away(facts: Facts, board: Board, state: UnitState, status: UnitStatus) -> str:
    doing = render(f"doing_{status.value}", {})
    call = board.situation.calls.get(state.call) if state.call is not None else None
    place = facts.area_name(call.area) if call is not None else None
    if place is None or status is UnitStatus.AT_HOSPITAL:
        return render("cover_unit", {"unit": state.unit, "doing": doing})
    return render("cover_unit_at", {"unit": state.unit, "doing": doing, "place": place})
