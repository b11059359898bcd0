"""Every cell of role × action × dataset × field × purpose × basis, asked of the policy one by one.

Nothing is worked out from the policies' text: a cell is what `decide` answers. Fields that are not sealed stand in one
row a dataset; each sealed field has a row for every purpose and basis of the house.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tocsin.accounting.access import Access, Action, Approval, BasisId, PurposeId, Request, RoleId
from tocsin.accounting.policy.asking import SEALED
from tocsin.accounting.policy.cedar import CedarPolicy
from tocsin.accounting.policy.cells import Mark, Row

_NOW = datetime(2000, 1, 1, tzinfo=UTC)
_APPROVAL = Approval(
    (RoleId("one"), RoleId("other")), "somebody", _NOW + timedelta(days=1), ("one who agrees", "another who agrees")
)


def rows_of(policy: CedarPolicy, roles: Iterable[RoleId] | None = None) -> tuple[Row, ...]:
    """Every row, by role, dataset, field, purpose and basis in the order of the house's tables. A row of what is not
    sealed with a purpose is left out where it says the same as the one without.

    Args:
        roles: None: all of the house.
    """
    asked = policy.access.roles if roles is None else roles
    return tuple(row for role in asked for row in _rows_of_role(policy, role))


def _rows_of_role(policy: CedarPolicy, role: RoleId) -> Iterator[Row]:
    grounds = _grounds(policy.access)
    for dataset in policy.access.datasets.values():
        plain = _row(policy, Row(role, dataset.id, None, None, None, {}))
        yield plain
        for purpose, basis in grounds:
            row = _row(policy, Row(role, dataset.id, None, purpose, basis, {}))
            if row.cells != plain.cells:
                yield row
        for field in dataset.fields.values():
            if field.sensitivity in SEALED:
                for purpose, basis in grounds:
                    yield _row(policy, Row(role, dataset.id, field.id, purpose, basis, {}))


def _grounds(access: Access) -> list[tuple[PurposeId, BasisId]]:
    return [(purpose.id, basis) for purpose in access.purposes.values() for basis in purpose.bases]


def _row(policy: CedarPolicy, row: Row) -> Row:
    return replace(row, cells={action: _mark(policy, row, action) for action in Action})


def _mark(policy: CedarPolicy, row: Row, action: Action) -> Mark:
    if not policy.has_permit(row.role, action, row.dataset):
        return Mark.NO
    fields = frozenset() if row.field is None else frozenset({row.field})
    plain = Request(row.role, action, row.dataset, _NOW, fields, row.purpose, row.basis, actor="whoever asks")
    for mark, request in (
        (Mark.YES, plain),
        (Mark.TWO, replace(plain, approval=_APPROVAL)),
        (Mark.GLASS, replace(plain, break_glass=True, reason="life and limb", second="somebody else")),
    ):
        if policy.decide(request).allowed:
            return mark
    return Mark.NO
