"""What changed, newest first."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.model.ids import CallId
from tocsin.situation.picture import CallState, Change, Situation
from tocsin.web import schema
from tocsin.web.texts import find_sentence

SHOWN = 100


class ChangePainter:
    """Makes views of changes and keeps them: a change never changes."""

    def __init__(self) -> None:
        self._of: tuple[Change, ...] = ()
        self._views: dict[Change, schema.Change] = {}

    def paint(self, situation: Situation) -> list[schema.Change]:
        """Every change that the picture holds, newest first."""
        if situation.changes is not self._of:
            self._of = situation.changes
            self._views = {c: self._views.get(c) or change_view(c, situation.calls) for c in situation.changes}
        return list(reversed(self._views.values()))


def change_view(change: Change, calls: Mapping[CallId, CallState]) -> schema.Change:
    """One line."""
    call = calls.get(change.call) if change.call is not None else None
    return schema.Change(
        seq=change.seq,
        at=change.at,
        code=change.code,
        text=find_sentence(change.code, {}).text,
        unit=change.unit,
        call=change.call,
        call_kind=None if call is None else call.kind,
        area=change.area,
        inferred=change.inferred,
    )


def page(changes: list[schema.Change], limit: int, after: int) -> schema.ChangePage:
    """The newest `limit` of the changes with a greater `seq` than `after`."""
    asked = [change for change in changes if change.seq > after]
    return schema.ChangePage(changes=asked[:limit], more=len(asked) > limit)
