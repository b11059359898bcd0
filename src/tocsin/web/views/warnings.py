"""Warnings as sentences: what may come, what it rests on, why it is proposed, and what may be done with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from statistics import median

from tocsin.desk.board import Board
from tocsin.model.warnings import Action, Evidence, Impact, Warned
from tocsin.planning.crisis.mobilisation import Mobilisation, mobilise
from tocsin.response.warnings import list_orders
from tocsin.situation.track import Track, WarningTally
from tocsin.web import schema
from tocsin.web.texts import Value, find_sentence, render, sentence
from tocsin.web.views.facts import Facts
from tocsin.web.views.mobilisation import mobilisation_view

TIMES = frozenset({"hour", "start", "end", "since", "now", "until"})
"""Values of evidence that are times; people read them in the city's own time."""
NO_TALLY = WarningTally()
Minute = int | None


class WarningPainter:
    """Makes views of warnings and keeps them as long as the warning is the same."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._kept: dict[str, tuple[Warned, WarningTally, Minute, schema.Warning]] = {}

    def paint(self, board: Board) -> list[schema.Warning]:
        """Every warning of the picture: those that stand first, the newest first."""
        kept, self._kept = self._kept, {}
        for warned in _by_need(board.situation.warnings.values()):
            before = kept.get(warned.warning)
            tally, minute = tally_of(board.situation.track, warned), _minute(warned, board.clock.now)
            if before is not None and before[0] is warned and before[1] is tally and before[2] == minute:
                view = before[3]
            else:
                view = warning_view(self._facts, warned, tally, mobilisation_of(self._facts, board, warned))
            self._kept[warned.warning] = (warned, tally, minute, view)
        return [view for *_, view in self._kept.values()]


def _minute(warned: Warned, now: datetime) -> Minute:
    """Of a warning that stands: whom to order for it is worked out again every minute of the desk's clock."""
    return int(now.timestamp() // 60) if warned.standing else None


def mobilisation_of(facts: Facts, board: Board, warned: Warned) -> Mobilisation | None:
    """Whom to order for a warning that stands."""
    return mobilise(facts.city, board.situation, warned, board.clock.now) if warned.standing else None


def tally_of(track: Track, warned: Warned) -> WarningTally:
    """What became of the warnings of the same kind so far."""
    return track.warnings.get(warned.kind.value, NO_TALLY)


def _by_need(warnings: Iterable[Warned]) -> list[Warned]:
    return sorted(warnings, key=lambda w: (not w.standing, -w.proposed.timestamp(), w.warning))


def warning_view(
    facts: Facts, warned: Warned, tally: WarningTally = NO_TALLY, mobilisation: Mobilisation | None = None
) -> schema.Warning:
    """One warning. `tally`: what became of those of its kind. `mobilisation`: whom to order for it."""
    return schema.Warning(
        warning=warned.warning,
        kind=warned.kind.value,
        state=warned.state.value,
        area=warned.area,
        call_kind=warned.call_kind,
        title=sentence(f"warning_{warned.kind.value}"),
        text=_text(facts, warned),
        chance=warned.chance,
        threshold=warned.threshold.probability,
        why_threshold=_why(facts, warned),
        protocol=warned.threshold.protocol,
        proposed=warned.proposed,
        since=warned.since,
        starts=warned.starts,
        ends=warned.ends,
        issued=warned.issued,
        issued_by=warned.issued_by,
        reason=warned.reason,
        version=warned.version,
        impact=None if warned.impact is None else _impact(warned.impact),
        evidence=[_evidence(facts, line) for line in warned.evidence],
        actions=[_action(action) for action in warned.actions],
        record=_record(tally),
        can=[order.value for order in list_orders(warned) if order.value in _CAN],  # type: ignore[misc]
        calls_over=warned.calls_over,
        mobilisation=mobilisation_view(facts, mobilisation),
    )


_CAN = ("issue", "update", "decline", "lift")


def _text(facts: Facts, warned: Warned) -> schema.Sentence:
    values: dict[str, Value] = {
        "place": facts.area_name(warned.area) or render("whole_city", {}),
        "start": facts.local_time(warned.starts),
        "end": facts.local_time(warned.ends),
    }
    impact = warned.impact
    if impact is None:
        return sentence("warning_text_plain", **values, chance=warned.chance)
    values |= {"calls": round(impact.calls), "low": impact.low, "high": impact.high, "usual": round(impact.usual)}
    if warned.call_kind is not None:
        return sentence("warning_text_kind", **values, kind=warned.call_kind)
    return sentence("warning_text", **values)


def _why(facts: Facts, warned: Warned) -> schema.Sentence:
    threshold = warned.threshold
    if threshold.protocol is None:
        return sentence("warning_why_house", probability=threshold.probability)
    protocol = next((p for p in facts.city.protocols if p.name == threshold.protocol), None)
    if protocol is None or threshold.cost is None or threshold.loss is None:
        return sentence("warning_why_gone", protocol=threshold.protocol, probability=threshold.probability)
    money: dict[str, Value] = {"cost": f"{threshold.cost:g}", "loss": f"{threshold.loss:g}"}
    return sentence("warning_why_protocol", title=protocol.title, probability=threshold.probability, **money)


def _impact(impact: Impact) -> schema.WarningImpact:
    return schema.WarningImpact(
        calls=impact.calls,
        band=schema.Band(low=impact.low, high=impact.high),
        usual=impact.usual,
        units={str(kind): count for kind, count in impact.units.items()},
    )


def _evidence(facts: Facts, evidence: Evidence) -> schema.Sentence:
    values = {
        name: facts.local_hour(value) if name in TIMES else _named(facts, name, value)
        for name, value in evidence.values.items()
    }
    return find_sentence(evidence.code, values)


def _named(facts: Facts, name: str, value: Value) -> Value:
    """An area by its name."""
    known = facts.city.areas.get(str(value)) if name == "area" else None  # type: ignore[call-overload]
    return value if known is None else known.name


def _action(action: Action) -> schema.WarningAction:
    return schema.WarningAction(
        action=action.action, text=action.text, role=action.role, minutes=action.minutes, started=action.started
    )


def _record(tally: WarningTally) -> schema.WarningRecordShort:
    lead_min = median(tally.leads_s) / 60.0 if tally.leads_s else None
    return schema.WarningRecordShort(
        proposed=tally.proposed, over=tally.over, came=tally.came, lead_min=lead_min, text=_record_text(tally, lead_min)
    )


def _record_text(tally: WarningTally, lead_min: float | None) -> schema.Sentence:
    if not tally.over:
        return sentence("warning_record_none")
    if lead_min is None or lead_min < 0:
        return sentence("warning_record", came=tally.came, over=tally.over)
    return sentence("warning_record_lead", came=tally.came, over=tally.over, lead=round(lead_min))
