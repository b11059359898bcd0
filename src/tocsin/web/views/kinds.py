"""The forecast of one kind of call, in the city or in one area."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tocsin.desk.board import Board
from tocsin.errors import NotFound
from tocsin.forecasting import laws
from tocsin.forecasting.demand.kinds import area_kind_means
from tocsin.forecasting.scoring.record import PastHour, Record, Skill
from tocsin.forecasting.scoring.summary import row_of
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId
from tocsin.model.verification import FIGURES
from tocsin.situation.picture import Arrivals, Situation
from tocsin.web import schema
from tocsin.web.views.areas import expected_at
from tocsin.web.views.facts import Facts
from tocsin.web.views.forecast import HOUR, PAST_SHOWN, hour_views, past_view, record_view, skill_view

NO_RECORD = Record(0, 0, None, None, None, False, "no_record", ())
"""Bands of a kind are not kept hour by hour; what became of them is in the track record."""


def kind_forecast(facts: Facts, board: Board, whole: schema.Forecast, kind: str) -> schema.Forecast:
    """The forecast `whole` of a city or an area, of one kind of call alone.

    Raises: NotFound for a kind that the pack does not count.
    """
    situation = board.situation
    if kind not in situation.arrivals.kinds:
        known = ", ".join(situation.arrivals.kinds) or "none"
        raise NotFound(f"no kind of call is named {kind!r}; known are {known}")
    expected = expected_at(situation, board.clock.now)
    area = None if whole.area is None else AreaId(whole.area)
    demand = None if expected is None else _of_kind(facts, expected.demand, situation.arrivals, area, kind)
    hours = [] if demand is None or expected is None else hour_views(demand, None, expected.step)
    return whole.model_copy(
        update={
            "kind": kind,
            "by_kind": [],
            "name": f"{whole.name}: {kind}",
            "hours": hours,
            "past": [] if area else [past_view(hour) for hour in _past(situation.arrivals, kind)],
            "record": record_view(NO_RECORD),
            "skill": skill_view(
                _skill(situation.track.kinds.get(kind)) if area is None else Skill(0, None, None, None)
            ),
            "factors": [],
        }
    )


def with_kinds(facts: Facts, board: Board, whole: schema.Forecast) -> schema.Forecast:
    """The forecast `whole` of a city or an area with its next hour by kind of call, the most first."""
    return whole.model_copy(update={"by_kind": _next_by_kind(facts, board, whole)})


def _next_by_kind(facts: Facts, board: Board, whole: schema.Forecast) -> list[schema.KindNext]:
    situation = board.situation
    expected = expected_at(situation, board.clock.now)
    if expected is None or not whole.hours:
        return []
    area = None if whole.area is None else AreaId(whole.area)
    found = []
    for kind in situation.arrivals.kinds:
        demand = _of_kind(facts, expected.demand, situation.arrivals, area, kind)
        if demand is not None:
            found.append(_next_of(situation, demand, expected.step, area, kind))
    return sorted(found, key=lambda one: (-one.mean, one.kind))


def _next_of(situation: Situation, demand: Demand, step: int, area: AreaId | None, kind: str) -> schema.KindNext:
    low, high = int(demand.city_quantiles[step, 0]), int(demand.city_quantiles[step, -1])
    sums = situation.track.kinds.get(kind) if area is None else None
    row = None if sums is None else row_of("kind", kind, sums)
    return schema.KindNext(
        kind=kind,
        mean=float(demand.city_mean[step]),
        b80=schema.Band(low=low, high=high),
        cells=0 if row is None else row.cells,
        held=None if row is None else row.coverage_80_raw,
        promised=None if row is None else row.promised,
    )


def _of_kind(facts: Facts, demand: Demand, arrivals: Arrivals, area: AreaId | None, kind: str) -> Demand | None:
    """The demand with the kind's law in the place of the city's."""
    if kind not in demand.kinds or demand.kind_mean is None or demand.kind_dispersion is None:
        return None
    at = demand.kinds.index(kind)
    mean, dispersion = demand.kind_mean[at], demand.kind_dispersion[at]
    if area is not None:
        if area not in demand.areas:
            return None
        row = demand.areas.index(area)
        means = area_kind_means(demand, arrivals, facts.city.timezone, row, facts.row[area])
        mean, dispersion = means[arrivals.kinds.index(kind)], demand.dispersion[row]
    quantiles = laws.quantiles(mean, dispersion)
    return replace(demand, city_mean=mean, city_dispersion=dispersion, city_quantiles=quantiles, parts=None)


def _past(arrivals: Arrivals, kind: str) -> list[PastHour]:
    if arrivals.by_kind is None or arrivals.start is None:
        return []
    counts = arrivals.by_kind[:-1, arrivals.kinds.index(kind)]
    first = max(0, len(counts) - PAST_SHOWN)
    return [PastHour(arrivals.start + (first + n) * HOUR, int(count)) for n, count in enumerate(counts[first:])]


def _skill(sums: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None) -> Skill:
    """Over everything said of the kind so far, all hours ahead."""
    if sums is None:
        return Skill(0, None, None, None)
    row = row_of("kind", "", sums)
    rival = float(sums[FIGURES.index("rival")]) / row.cells if row.cells else None
    return Skill(row.cells, row.pinball, rival, row.gain)
