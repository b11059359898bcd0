"""Expected late calls, as the API says them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tocsin.desk.board import Board
from tocsin.model.ids import AreaId, StationId, UnitKindId
from tocsin.model.lateness import LateChange
from tocsin.model.plan import Reason
from tocsin.planning.cover.expected import ExpectedLate
from tocsin.web import schema
from tocsin.web.texts import Value, find_sentence, sentence
from tocsin.web.views.facts import Facts

DECIMALS = 3
"""Late calls are expectations: more digits would promise too much, and every digit is a change on the stream."""
_KINDS = ("kind", "asked")
_STATIONS = ("station", "to_station", "from_station")
_AREAS = ("area",)


def rounded(value: float | None) -> float | None:
    """None for what is unknown, and for NaN."""
    return None if value is None or not math.isfinite(value) else round(float(value), DECIMALS)


def reason_view(facts: Facts, reason: Reason) -> schema.Sentence:
    """The core knows kinds of unit, stations and areas by id; people read their names."""
    values: dict[str, Value] = dict(reason.values)
    for gap in _KINDS:
        if gap in values:
            values[gap] = facts.kind_name(UnitKindId(str(values[gap])))
    for gap in _STATIONS:
        station = facts.city.stations.get(StationId(str(values.get(gap))))
        if station is not None:
            values[gap] = station.name
    for gap in _AREAS:
        values |= {gap: facts.area_name(AreaId(str(values[gap]))) or values[gap]} if gap in values else {}
    return find_sentence(reason.code, values)


def late_view(change: LateChange) -> schema.LateChange:
    """Before and after in one kind."""
    return schema.LateChange(
        kind=change.kind,
        before=rounded(change.before) or 0.0,
        after=rounded(change.after) or 0.0,
        change=rounded(change.change) or 0.0,
        low=rounded(change.low),
        high=rounded(change.high),
        areas=[
            schema.AreaLate(area=a.area, before=rounded(a.before) or 0.0, after=rounded(a.after) or 0.0)
            for a in change.areas
        ],
    )


def cover_late(facts: Facts, board: Board) -> schema.CoverLate:
    """Every kind that the desk looks at."""
    return schema.CoverLate(
        now=board.clock.now,
        seq=board.situation.seq,
        kinds=[_kind(facts, late) for late in board.late.values()],
    )


def _kind(facts: Facts, late: ExpectedLate) -> schema.KindCoverLate:
    return schema.KindCoverLate(
        kind=late.kind,
        units=list(late.units),
        within_s=late.within_s,
        delay_s=round(late.delay_s, 1),
        busy_share=rounded(late.busy_share),
        idle=late.idle,
        placeless=late.placeless,
        silent=late.silent,
        calls=None if late.calls is None else rounded(float(late.calls.sum())),
        late=rounded(late.total),
        low=rounded(late.low),
        high=rounded(late.high),
        areas=[
            schema.AreaCoverLate(area=area, calls=one.calls, late=one.late, share=one.share)
            for area in facts.city.areas
            for one in area_late(facts, area, {late.kind: late})
        ],
        why_unknown=None if late.why is None else reason_view(facts, late.why),
    )


def area_late(facts: Facts, area: AreaId, late: Mapping[UnitKindId, ExpectedLate]) -> list[schema.Late]:
    """One area, by kind; empty where it is unknown."""
    found = []
    for kind, one in late.items():
        if one.calls is None or one.late is None:
            continue
        row = facts.row[area]
        calls, lost = float(one.calls[row]), float(one.late[row])
        share = rounded(lost / calls) if calls > 0.0 else None
        found.append(schema.Late(kind=kind, calls=rounded(calls) or 0.0, late=rounded(lost) or 0.0, share=share))
    return found


def summary(before: float, after: float) -> schema.Sentence:
    """The difference in words."""
    values = {"before": round(before, 1), "after": round(after, 1), "change": round(abs(after - before), 2)}
    if abs(after - before) < 0.005:
        return sentence("late_same", **values)
    return sentence("late_more", **values) if after > before else sentence("late_fewer", **values)
