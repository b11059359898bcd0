"""Puts a whole picture together from one board. What did not change since the last one is not made again."""

from __future__ import annotations

from datetime import datetime

from tocsin.desk.board import Board
from tocsin.model.origin import Mode
from tocsin.situation.numbers import calls_per_ten_minutes, list_changes, unit_table
from tocsin.situation.picture import Situation
from tocsin.web import schema
from tocsin.web.views.alarms import alarm_views, needing_calls
from tocsin.web.views.areas import AreaPainter, cover_why, least_cover
from tocsin.web.views.calls import CallPainter
from tocsin.web.views.changes import SHOWN, ChangePainter
from tocsin.web.views.clock import clock_view
from tocsin.web.views.facts import Facts
from tocsin.web.views.forecast import ForecastPainter
from tocsin.web.views.moves import MovePainter
from tocsin.web.views.numbers import NumberPainter
from tocsin.web.views.units import UnitPainter, hospitals_now, stations_now, table_view, units_now
from tocsin.web.views.warnings import WarningPainter


class Painter:
    """Paints pictures of one desk. Keeps views between boards, so it belongs to one thread."""

    def __init__(self, facts: Facts, mode: Mode) -> None:
        self.facts = facts
        self.mode = mode
        self.changes = ChangePainter()
        self.forecasts = ForecastPainter(facts)
        self.warnings = WarningPainter(facts)
        self.moves = MovePainter(facts)
        self._calls = CallPainter(facts)
        self._units = UnitPainter(facts)
        self._areas = AreaPainter(facts)
        self._numbers = NumberPainter(facts)
        self._last: tuple[Board, schema.Picture] | None = None

    def paint(self, board: Board, rev: int, wall: datetime) -> schema.Picture:
        """The picture of this board as revision `rev`."""
        if self._last is not None and self._last[0] is board and self._last[1].rev == rev:
            return self._last[1]
        picture = self._paint(board, rev, wall)
        self._last = (board, picture)
        return picture

    def _paint(self, board: Board, rev: int, wall: datetime) -> schema.Picture:
        facts, situation, now = self.facts, board.situation, board.clock.now
        units = units_now(facts, board)
        rows = unit_table(facts.city, units)
        table = table_view(facts, rows)
        areas = self._areas.paint(board)
        least = least_cover(facts, areas)
        record = self.forecasts.city_record(board)
        start, counts = calls_per_ten_minutes(situation, now)
        return schema.Picture(
            seq=situation.seq,
            rev=rev,
            clock=clock_view(board.clock, self.mode, wall),
            calls=self._calls.paint(situation.calls, now, needing_calls(situation)),
            units=self._units.paint(board, units),
            areas=areas,
            numbers=self._numbers.paint(situation, now, rows, record),
            alarms=alarm_views(facts, board, table),
            warnings=self.warnings.paint(board),
            moves=self.moves.paint(board),
            table=table,
            hospitals=hospitals_now(facts, situation.units, units),
            stations=stations_now(facts, situation.units, units),
            least_cover=least,
            cover_why=cover_why(facts, least, board, units),
            city=self.forecasts.city_hours(board),
            city_record=record,
            ribbon=schema.Ribbon(start=start, counts=counts),
            changes=self.changes.paint(situation)[:SHOWN],
            changes_in_12_min=len(list_changes(situation, now)),
            corrections=situation.tally.corrections,
            quarantined=_quarantined(situation),
            feeds=_feeds(facts, situation),
        )


def _quarantined(situation: Situation) -> schema.Quarantined:
    return schema.Quarantined(count=situation.tally.quarantined, by_code=dict(situation.tally.quarantined_by))


def _feeds(facts: Facts, situation: Situation) -> list[schema.FeedState]:
    """Every feed with the newest report that came in. The log does not tell feeds apart by more than their actor."""
    newest = max((change.at for change in situation.changes), default=None)
    return [schema.FeedState(name=feed.name, kind=feed.kind, newest=newest) for feed in facts.city.feeds]
