"""The cells of role × action × dataset × field × purpose × basis, as values and as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tocsin.accounting.access import Action, BasisId, DatasetId, FieldId, PurposeId, RoleId


class Mark(StrEnum):
    """What a cell says."""

    NO = "no"
    YES = "yes"
    TWO = "two"
    """With the approval of two people in two roles."""
    GLASS = "glass"
    """By breaking the glass: with a reason and a second person who reviews it."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a role with a dataset. `field` None: what is not sealed. `purpose` None: none is stated."""

    role: RoleId
    dataset: DatasetId
    field: FieldId | None
    purpose: PurposeId | None
    basis: BasisId | None
    cells: Mapping[Action, Mark]

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What tells it from other rows; `-` stands for none."""
        return (self.role, self.dataset, self.field or "-", self.purpose or "-", self.basis or "-")


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that is not as it was."""

    role: RoleId
    dataset: DatasetId
    field: FieldId | None
    purpose: PurposeId | None
    basis: BasisId | None
    action: Action
    was: Mark
    now: Mark

    @property
    def granted(self) -> bool:
        """Whether it allows more than before."""
        order = [Mark.NO, Mark.GLASS, Mark.TWO, Mark.YES]
        return order.index(self.now) > order.index(self.was)


def list_changes(before: Iterable[Row], after: Iterable[Row]) -> tuple[Change, ...]:
    """The cells that differ. A cell that only one of them has counts as `no` in the other, so that a role that was
    taken away loses all it had."""
    rows = {row.key: row for row in (*before, *after)}
    old, new = ({row.key: row for row in side} for side in (before, after))
    return tuple(change for key, row in rows.items() for change in _changes(row, _cells(old, key), _cells(new, key)))


def _changes(row: Row, was: Mapping[Action, Mark], now: Mapping[Action, Mark]) -> Iterator[Change]:
    for action in Action:
        if was[action] is not now[action]:
            yield Change(row.role, row.dataset, row.field, row.purpose, row.basis, action, was[action], now[action])


def _cells(
    rows: Mapping[tuple[str, str, str, str, str], Row], key: tuple[str, str, str, str, str]
) -> dict[Action, Mark]:
    """The cells of a row; of one that is folded into the row without a purpose, that one's."""
    row = rows.get(key)
    if row is None and key[2] == "-":
        row = rows.get((*key[:3], "-", "-"))
    return {action: Mark.NO if row is None else row.cells.get(action, Mark.NO) for action in Action}


def as_lines(rows: Iterable[Row]) -> list[str]:
    """The matrix as text, a row a line and a column an action: what the golden file holds."""
    head = ["role", "dataset", "field", "purpose", "basis", *(action.value for action in Action)]
    body = [[*row.key, *(row.cells[action].value for action in Action)] for row in rows]
    return ["\t".join(line) for line in [head, *body]]


def rows_from_lines(lines: Iterable[str]) -> tuple[Row, ...]:
    """The rows that `as_lines` wrote.

    Raises: ValueError for anything else.
    """
    head, *body = [line.split("\t") for line in lines if line.strip()] or [[]]
    actions = [Action(name) for name in head[5:]]
    return tuple(_row_from(parts, actions) for parts in body)


def _row_from(parts: list[str], actions: list[Action]) -> Row:
    if len(parts) != 5 + len(actions):
        raise ValueError(f"a row has {len(parts)} columns, not {5 + len(actions)}")
    role, dataset, field, purpose, basis = (None if part == "-" else part for part in parts[:5])
    return Row(
        RoleId(role or "-"),
        DatasetId(dataset or "-"),
        None if field is None else FieldId(field),
        None if purpose is None else PurposeId(purpose),
        None if basis is None else BasisId(basis),
        {action: Mark(mark) for action, mark in zip(actions, parts[5:], strict=True)},
    )
