"""Forecasts with their bands, their record and their provenance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import numpy as np

from tocsin.desk.board import Board
from tocsin.errors import NotFound
from tocsin.forecasting import laws
from tocsin.forecasting.demand.factors import Factor, why_expected
from tocsin.forecasting.scoring.record import PastHour, Record, Skill, record_of, skill_of
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId
from tocsin.situation.arrivals import hour_of
from tocsin.situation.picture import SaidBefore
from tocsin.web import schema
from tocsin.web.texts import find_sentence, render, sentence
from tocsin.web.views.areas import expected_at
from tocsin.web.views.facts import Facts

HOUR = timedelta(hours=1)
CITY_HOURS = 6
"""Hours of the city's forecast in the picture."""
PAST_SHOWN = 48
"""Past hours that a fan chart gets."""


class ForecastPainter:
    """Makes forecasts and keeps what holds for an hour: the record is the costly part."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._records: dict[int, Record] = {}
        self._records_of: tuple[SaidBefore, datetime, int] | None = None
        self._city: tuple[Demand, int] | None = None
        self._city_hours: list[schema.Hour] = []

    def record(self, board: Board, row: int) -> Record:
        """The record of one area's row, or of the city's (the number of areas)."""
        situation = board.situation
        over = (hour_of(board.clock.now), int(situation.arrivals.counts[:-1].sum()))
        kept = self._records_of
        if kept is None or kept[0] is not situation.said or kept[1:] != over:
            self._records, self._records_of = {}, (situation.said, *over)
        if row not in self._records:
            self._records[row] = record_of(situation.said, situation.arrivals, board.clock.now, row)
        return self._records[row]

    def city_record(self, board: Board) -> schema.Record:
        """The record of the whole city."""
        return record_view(self.record(board, len(self._facts.city.areas)))

    def city_hours(self, board: Board) -> list[schema.Hour]:
        """The next six hours of the whole city."""
        expected = expected_at(board.situation, board.clock.now)
        if expected is None:
            return []
        kept = self._city
        if kept is None or kept[0] is not expected.demand or kept[1] != expected.step:
            self._city = (expected.demand, expected.step)
            self._city_hours = hour_views(expected.demand, None, expected.step)[:CITY_HOURS]
        return self._city_hours

    def forecast(self, board: Board, area: AreaId | None) -> schema.Forecast:
        """The whole forecast of one area; of the city for None.

        Raises: NotFound for an area that the pack does not have.
        """
        if area is not None and area not in self._facts.row:
            raise NotFound(f"no area has the id {area!r}")
        situation, now = board.situation, board.clock.now
        row = len(self._facts.city.areas) if area is None else self._facts.row[area]
        record = self.record(board, row)
        expected = expected_at(situation, now)
        demand = situation.demand
        source = None if area is None or demand is None else _row_of(demand, area)
        has_area = demand is not None and (area is None or source is not None)
        return schema.Forecast(
            area=area,
            name=self._facts.area_name(area) or render("whole_city", {}),
            issued=None if demand is None else demand.issued,
            hours=hour_views(expected.demand, source, expected.step) if expected is not None and has_area else [],
            past=[past_view(hour) for hour in record.hours[-PAST_SHOWN:]],
            record=record_view(record),
            skill=skill_view(skill_of(situation.said, situation.arrivals, now, row, self._facts.city.timezone)),
            factors=_factors(expected.demand, source, expected.step) if expected is not None and has_area else [],
            model=None if demand is None else demand.model,
            learned_from=None if demand is None else demand.learned_from,
            learned_until=None if demand is None else demand.learned_until,
            note=_note(demand),
            based_on=situation.seq,
            kinds=list(situation.arrivals.kinds),
        )


def _row_of(demand: Demand, area: AreaId) -> int | None:
    return demand.areas.index(area) if area in demand.areas else None


def hour_views(demand: Demand, row: int | None, first: int) -> list[schema.Hour]:
    """The hours from step `first` on; `row` None is the city."""
    mean = demand.city_mean if row is None else demand.mean[row]
    dispersion = demand.city_dispersion if row is None else demand.dispersion[row]
    quantiles = demand.city_quantiles if row is None else demand.quantiles[row]
    bands = laws.bands(mean, dispersion)
    return [
        schema.Hour(
            start=demand.start + step * HOUR,
            mean=float(mean[step]),
            median=int(quantiles[step, 4]),
            b50=_band(bands.b50, step),
            b80=schema.Band(low=int(quantiles[step, 0]), high=int(quantiles[step, -1])),
            b95=_band(bands.b95, step),
            quantiles=[int(q) for q in quantiles[step]],
        )
        for step in range(first, len(mean))
    ]


def _band(band: laws.Band, step: int) -> schema.Band:
    return schema.Band(low=int(np.asarray(band.low)[step]), high=int(np.asarray(band.high)[step]))


def past_view(hour: PastHour) -> schema.PastHour:
    """One hour that is over."""
    return schema.PastHour(
        start=hour.start,
        observed=hour.observed,
        mean=hour.mean,
        b50=_span(hour.b50),
        b80=_span(hour.b80),
        b95=_span(hour.b95),
        side=hour.side,
    )


def _span(span: tuple[int, int] | None) -> schema.Band | None:
    return None if span is None else schema.Band(low=span[0], high=span[1])


def record_view(record: Record) -> schema.Record:
    """How often the band held."""
    return schema.Record(
        held=record.held,
        of=record.of,
        promised=record.promised,
        expected_low=record.expected_low,
        expected_high=record.expected_high,
        enough=record.enough,
        verdict=record.verdict,
    )


def skill_view(skill: Skill) -> schema.Skill:
    """Loss beside the plain rival's."""
    return schema.Skill(hours=skill.hours, model=skill.model, rival=skill.rival, gain=skill.gain)


def _factors(demand: Demand, row: int | None, step: int) -> list[schema.Factor]:
    found = why_expected(demand, len(demand.areas) if row is None else row, step)
    return [_factor(factor, demand) for factor in found]


def _factor(factor: Factor, demand: Demand) -> schema.Factor:
    code = "wide_prior" if factor.code == "usual" and demand.note == "wide_prior" else factor.code
    text = render(f"factor_{code}", {})
    return schema.Factor(code=cast("schema.FactorCode", code), text=text, value=factor.value, unit=factor.unit)


def _note(demand: Demand | None) -> schema.Sentence | None:
    if demand is None:
        return sentence("no_forecast")
    return None if demand.note is None else find_sentence(demand.note, {})
