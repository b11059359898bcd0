"""Move-ups as sentences: who goes where, what it gains and costs, what speaks against it, what may be done with it."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.desk.board import Board
from tocsin.model.ids import StationId
from tocsin.model.moves import MoveOption, MoveUp
from tocsin.model.place import Point
from tocsin.model.plan import Reason
from tocsin.response.moves import list_move_orders
from tocsin.web import schema
from tocsin.web.texts import sentence
from tocsin.web.views.facts import Facts, find_position, position
from tocsin.web.views.lateness import late_view, reason_view

Path = tuple[Point, ...]


class MovePainter:
    """Makes views of move-ups and keeps them as long as the move-up is the same."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._kept: dict[str, tuple[MoveUp, Path, schema.MoveUp]] = {}

    def paint(self, board: Board) -> schema.Moves:
        """Every move-up of the picture: those that stand first, the newest first."""
        kept, self._kept = self._kept, {}
        for move in _by_need(board.situation.moves.values()):
            before = kept.get(move.move)
            path = board.move_paths.get(move.move, ())
            same = before is not None and before[0] is move and before[1] is path
            view = before[2] if before is not None and same else move_view(self._facts, move, path)
            self._kept[move.move] = (move, path, view)
        why, look = board.moves.why_none, board.moves
        return schema.Moves(
            moves=[view for _, _, view in self._kept.values()],
            why_none=None if why is None else reason_view(self._facts, why),
            budget=schema.MoveBudget(
                moves_per_h=look.moves_per_h,
                empty_min_per_h=look.empty_min_per_h,
                moves=look.moves,
                empty_min=round(look.empty_min, 1),
            ),
        )


def _by_need(moves: Iterable[MoveUp]) -> list[MoveUp]:
    return sorted(moves, key=lambda m: (not m.standing, -m.proposed.timestamp(), m.move))


def move_view(facts: Facts, move: MoveUp, path: Path = ()) -> schema.MoveUp:
    """One move-up. `path`: along streets, where somebody has worked it out."""
    best = move.best
    values = {"unit": move.unit, "to_station": _station(facts, move.to_station)}
    return schema.MoveUp(
        move=move.move,
        state=move.state.value,
        proposed=move.proposed,
        changed=move.changed,
        until=move.until,
        unit=move.unit,
        to_station=move.to_station,
        title=sentence("move_up_title", **values),
        text=sentence(
            "move_up_text",
            **values,
            fewer=round(-best.late.change, 2),
            before=round(best.late.before, 1),
            drive_s=round(best.drive_s),
        ),
        best=_option(facts, best),
        runner_up=None if move.runner_up is None else _option(facts, move.runner_up),
        against=[reason_view(facts, reason) for reason in move.against],
        path=[position(point) for point in path],
        role=move.role,
        reason=move.reason,
        why_over=None if move.why_over is None else reason_view(facts, Reason(f"move_up_{move.why_over}")),
        can=[order.value for order in list_move_orders(move)],  # type: ignore[misc]
    )


def _option(facts: Facts, option: MoveOption) -> schema.MoveOption:
    return schema.MoveOption(
        unit=option.unit,
        kind=option.kind,
        from_station=option.from_station,
        from_place=find_position(_place(facts, option.from_station)),
        to_station=option.to_station,
        drive_s=round(option.drive_s, 1),
        drive_low_s=round(option.drive_low_s, 1),
        drive_high_s=round(option.drive_high_s, 1),
        late=late_view(option.late),
        reason=reason_view(facts, option.reason),
    )


def _place(facts: Facts, station: StationId | None) -> Point | None:
    told = None if station is None else facts.city.stations.get(station)
    return None if told is None else told.place


def _station(facts: Facts, station: StationId) -> str:
    told = facts.city.stations.get(station)
    return str(station) if told is None else told.name
