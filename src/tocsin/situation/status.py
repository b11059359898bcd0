"""The unit status machine as data: what a reported mark means, given how the unit stands to that call.

Status belongs to the pair of unit and call. `TABLE` is the whole machine; docs/reference/unit-status.md shows
it and a test holds the two together. Three things about times stand beside the table, in `judge`:

* a report that fits between its neighbours replaces an inferred mark (it is confirmed), however late it comes;
* a mark that fits with equal times is filled in and leaves the status alone;
* for a call that the unit left only by inference, a later report is kept there and never touches the call that
  the unit has gone to since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tocsin.model.marks import Mark, UnitStatus
from tocsin.situation.picture import Assignment

MARKS: tuple[Mark, ...] = tuple(Mark)
RANK: Mapping[Mark, int] = {mark: rank for rank, mark in enumerate(MARKS)}

STATUS_OF: Mapping[Mark, UnitStatus] = {
    Mark.DISPATCHED: UnitStatus.DISPATCHED,
    Mark.EN_ROUTE: UnitStatus.EN_ROUTE,
    Mark.ON_SCENE: UnitStatus.ON_SCENE,
    Mark.TRANSPORTING: UnitStatus.TRANSPORTING,
    Mark.AT_HOSPITAL: UnitStatus.AT_HOSPITAL,
    Mark.AVAILABLE: UnitStatus.AVAILABLE_PLACE_UNKNOWN,
}
"""Status that a mark leaves. After AVAILABLE, `situation.duty` says where the unit is free."""

SKIPPED = "skipped"
BUSY_UNIT_DISPATCHED = "busy_unit_dispatched"
SEEN_ELSEWHERE = "seen_elsewhere"
UNSEEN_DISPATCH = "unseen_dispatch"


class Standing(StrEnum):
    """How a unit stands to one call: the newest mark of the assignment, or that there is none."""

    ABSENT = "absent"
    DISPATCHED = "dispatched"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    TRANSPORTING = "transporting"
    AT_HOSPITAL = "at_hospital"
    LEFT = "left"
    LEFT_INFERRED = "left_inferred"


class Verdict(StrEnum):
    """What becomes of a reported mark."""

    FOLLOWS = "follows"
    """Applied. Marks that are not always recorded may have been passed over."""
    CORRECTS = "corrects"
    """Applied, after the marks that must have happened were inferred. The unit is shown unconfirmed."""
    AGAIN = "again"
    """Applied as a new assignment to the same call."""
    RETURNS = "returns"
    """The unit was thought to have left. Taken back if it is on no other call, else kept there only."""
    CONFIRMS = "confirms"
    """Takes the place of an inferred mark."""
    REPEATED = "repeated"
    """Reported before: refused when the same, quarantined as `duplicate_mark` when its time differs."""
    BACKWARDS = "backwards"
    """A later stage was already reached: quarantined as `negative_duration`."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One cell of the table. `infers`: marks of this call that must have happened, with the contradiction."""

    verdict: Verdict
    infers: tuple[tuple[Mark, str], ...] = ()


_FOLLOWS = Rule(Verdict.FOLLOWS)
_AGAIN = Rule(Verdict.AGAIN)
_RETURNS = Rule(Verdict.RETURNS)
_CONFIRMS = Rule(Verdict.CONFIRMS)
_REPEATED = Rule(Verdict.REPEATED)
_BACKWARDS = Rule(Verdict.BACKWARDS)
_NO_TRANSPORT = Rule(Verdict.CORRECTS, ((Mark.TRANSPORTING, SKIPPED),))
_UNSEEN = Rule(Verdict.CORRECTS, ((Mark.DISPATCHED, UNSEEN_DISPATCH),))
_UNSEEN_AT_HOSPITAL = Rule(Verdict.CORRECTS, ((Mark.DISPATCHED, UNSEEN_DISPATCH), (Mark.TRANSPORTING, SKIPPED)))


def _row(*rules: Rule) -> Mapping[Mark, Rule]:
    return dict(zip(MARKS, rules, strict=True))


TABLE: Mapping[Standing, Mapping[Mark, Rule]] = {
    # reported:                dispatched   en_route    on_scene    transporting  at_hospital          available
    Standing.ABSENT: _row(_FOLLOWS, _UNSEEN, _UNSEEN, _UNSEEN, _UNSEEN_AT_HOSPITAL, _UNSEEN),
    Standing.DISPATCHED: _row(_REPEATED, _FOLLOWS, _FOLLOWS, _FOLLOWS, _NO_TRANSPORT, _FOLLOWS),
    Standing.EN_ROUTE: _row(_BACKWARDS, _REPEATED, _FOLLOWS, _FOLLOWS, _NO_TRANSPORT, _FOLLOWS),
    Standing.ON_SCENE: _row(_BACKWARDS, _BACKWARDS, _REPEATED, _FOLLOWS, _NO_TRANSPORT, _FOLLOWS),
    Standing.TRANSPORTING: _row(_BACKWARDS, _BACKWARDS, _BACKWARDS, _REPEATED, _FOLLOWS, _FOLLOWS),
    Standing.AT_HOSPITAL: _row(_BACKWARDS, _BACKWARDS, _BACKWARDS, _BACKWARDS, _REPEATED, _FOLLOWS),
    Standing.LEFT: _row(_AGAIN, _UNSEEN, _UNSEEN, _UNSEEN, _UNSEEN_AT_HOSPITAL, _REPEATED),
    Standing.LEFT_INFERRED: _row(_AGAIN, _RETURNS, _RETURNS, _RETURNS, _RETURNS, _CONFIRMS),
}
"""Standing of the unit to the call × reported mark → what becomes of it. All cells are filled."""

_STANDING: Mapping[Mark, Standing] = {mark: Standing(mark.value) for mark in MARKS[:-1]}


def standing_of(assignment: Assignment | None) -> Standing:
    """How the unit stands to the call of this assignment."""
    if assignment is None:
        return Standing.ABSENT
    if Mark.AVAILABLE in assignment.marks:
        return Standing.LEFT_INFERRED if Mark.AVAILABLE in assignment.inferred else Standing.LEFT
    return _STANDING[tuple(assignment.marks)[-1]]


def fits(assignment: Assignment, mark: Mark, at: datetime, *, ignoring: Mark | None = None) -> bool:
    """Whether `at` lies between the neighbours of `mark` in this assignment, equal times allowed."""
    rank = RANK[mark]
    for other, time in assignment.marks.items():
        if other is mark or other is ignoring:
            continue
        if (time > at) if RANK[other] < rank else (time < at):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Judgement:
    """`fault`: quarantine code, else None. `repeat`: the same report again. `touches`: it may change what the
    unit is shown to do now, so that a call it is still on elsewhere must be closed first."""

    verdict: Verdict
    infers: tuple[tuple[Mark, str], ...] = ()
    fault: str | None = None
    repeat: bool = False
    touches: bool = True


_OK = Judgement(Verdict.FOLLOWS)
_KEPT_ASIDE = Judgement(Verdict.CONFIRMS, touches=False)
_FILLED = Judgement(Verdict.FOLLOWS, touches=False)
_SAME = Judgement(Verdict.REPEATED, repeat=True)
_DUPLICATE = Judgement(Verdict.REPEATED, fault="duplicate_mark")
_EARLIER = Judgement(Verdict.BACKWARDS, fault="earlier_than_last_mark")
_NEGATIVE = Judgement(Verdict.BACKWARDS, fault="negative_duration")


def judge(
    assignment: Assignment | None, last_mark: datetime | None, elsewhere: bool, mark: Mark, at: datetime
) -> Judgement:
    """What a reported mark means.

    Args:
        assignment: the unit's assignment to that call, None if it was never seen on it.
        last_mark: time of the unit's last applied mark on any call.
        elsewhere: the unit is on another call at present.
    """
    earlier = last_mark is not None and at < last_mark
    if assignment is None:
        if earlier:
            return _EARLIER
        return _of_rule(TABLE[Standing.ABSENT][mark], mark, elsewhere)
    own = assignment.marks.get(mark)
    guessed = own is not None and mark in assignment.inferred and not starts_anew(assignment, mark, at)
    if guessed and fits(assignment, mark, at):
        return _KEPT_ASIDE
    if own == at and mark not in assignment.inferred:
        return _SAME
    standing = standing_of(assignment)
    if standing is Standing.LEFT_INFERRED and mark is not Mark.DISPATCHED:
        return _judge_left_by_inference(assignment, own, elsewhere or earlier, mark, at)
    if earlier:
        return _EARLIER
    return _judge_in_time(assignment, standing, own, elsewhere, mark, at)


def _judge_left_by_inference(
    assignment: Assignment, own: datetime | None, moved_on: bool, mark: Mark, at: datetime
) -> Judgement:
    if own is not None and mark not in assignment.inferred:
        return _DUPLICATE
    if not fits(assignment, mark, at, ignoring=Mark.AVAILABLE):
        return _NEGATIVE
    late = moved_on or at <= assignment.marks[Mark.AVAILABLE]
    return _FILLED if late else _OK


def _judge_in_time(
    assignment: Assignment, standing: Standing, own: datetime | None, elsewhere: bool, mark: Mark, at: datetime
) -> Judgement:
    rule = TABLE[standing][mark]
    left = standing is Standing.LEFT or standing is Standing.LEFT_INFERRED
    backwards = rule.verdict is Verdict.BACKWARDS or (left and mark is not Mark.DISPATCHED)
    if own is None and backwards and fits(assignment, mark, at):
        return _FILLED  # equal times, reported the other way round
    if own is not None and not left:
        return _DUPLICATE if rule.verdict is Verdict.REPEATED else _NEGATIVE
    if rule.verdict is Verdict.BACKWARDS:
        return _NEGATIVE
    if rule.verdict is Verdict.REPEATED:
        return _DUPLICATE
    return _of_rule(rule, mark, elsewhere)


def _of_rule(rule: Rule, mark: Mark, elsewhere: bool) -> Judgement:
    """A report that the unit is free of a call says nothing of another call that it is on."""
    if rule is _FOLLOWS:
        return _OK
    return Judgement(rule.verdict, rule.infers, touches=not (elsewhere and mark is Mark.AVAILABLE))


def with_mark(
    assignment: Assignment | None,
    mark: Mark,
    at: datetime,
    inferred: bool,
    moved_on: bool,
) -> tuple[dict[Mark, datetime], frozenset[Mark]]:
    """The marks of the assignment, and which of them are inferred, after one more.

    Args:
        moved_on: the unit is on another call, or has a newer mark from one.
    """
    if assignment is None or starts_anew(assignment, mark, at):
        return {mark: at}, frozenset({mark}) if inferred else frozenset()
    marks = dict(assignment.marks)
    guessed = assignment.inferred
    left = marks.get(Mark.AVAILABLE)
    if left is not None and mark is not Mark.AVAILABLE and at > left and Mark.AVAILABLE in guessed:
        if moved_on:
            marks[Mark.AVAILABLE] = at  # it stayed on that call for longer than was inferred
        else:
            del marks[Mark.AVAILABLE]
            guessed = guessed - {Mark.AVAILABLE}
    in_order = not marks or RANK[next(reversed(marks))] < RANK[mark]
    marks[mark] = at
    if not in_order:
        marks = {m: marks[m] for m in MARKS if m in marks}
    if inferred:
        guessed = guessed | {mark}
    elif mark in guessed:
        guessed = guessed - {mark}
    return marks, guessed


def starts_anew(assignment: Assignment, mark: Mark, at: datetime) -> bool:
    """A dispatch after the unit left: sent to the same call again."""
    if mark is not Mark.DISPATCHED or Mark.AVAILABLE not in assignment.marks:
        return False
    return not (Mark.DISPATCHED in assignment.inferred and at <= assignment.marks[Mark.DISPATCHED])
