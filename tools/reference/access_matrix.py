"""The page of access: what each role may do under Tocsin's own rules, in words and as a matrix."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.accounting.access import Access, Action, RoleId
from tocsin.accounting.policy import CedarPolicy
from tocsin.accounting.policy.cells import Mark, Row
from tocsin.accounting.policy.matrix import rows_of
from tocsin.accounting.policy.words import sentences_of
from tocsin.adapters.packs import read_access

HEAD = """# Access matrix

Made by `tools/write_reference.py` from Tocsin's own rules (`src/tocsin/access/`), by asking the policy about every
cell. Change the rules, then run `make reference`. Where a pack has an `access/` folder, its rules hold instead, and
`tocsin policy check PACK` says what they allow. Every single cell, refused ones too, stands in
`tests/unit/accounting/access-matrix.tsv`.

| in a cell | means |
| --- | --- |
| yes | may |
| two | may, once two people in two roles agreed, neither of them whoever asks |
| glass | may for life and limb, with a reason and a second person who reviews it |
| (empty) | may not |

"""
SIGNS = {Mark.NO: "", Mark.YES: "yes", Mark.TWO: "two", Mark.GLASS: "glass"}


def written() -> str:
    access = read_access(None)
    rows = rows_of(CedarPolicy(access))
    parts = [HEAD, _roles(access, rows), _sealed(rows), _purposes(access), _datasets(access)]
    return "".join(parts)


def _roles(access: Access, rows: tuple[Row, ...]) -> str:
    sections = []
    for role in access.roles.values():
        plain = [row for row in rows if row.role == role.id and row.purpose is None]
        actions = [action for action in Action if any(row.cells[action] is not Mark.NO for row in plain)]
        lines = [f"## {role.title}", "", role.what, ""]
        if actions:
            lines += [_line(["`" + role.id + "`", *actions]), _line(["---"] * (len(actions) + 1))]
            lines += [_line([row.dataset, *(SIGNS[row.cells[a]] for a in actions)]) for row in plain if _says(row)]
        lines += ["", *_opened(access, role.id, rows)]
        sections.append("\n".join(lines).rstrip() + "\n\n")
    return "".join(sections)


def _says(row: Row) -> bool:
    return any(mark is not Mark.NO for mark in row.cells.values())


def _opened(access: Access, role: RoleId, rows: tuple[Row, ...]) -> Iterator[str]:
    """What a role opens for a purpose, as `tocsin policy check` says it."""
    yield from (f"- {line}" for line in sentences_of(access, role, rows) if " for " in line and "«" in line)


def _sealed(rows: tuple[Row, ...]) -> str:
    lines = ["## Sealed fields", "", _line(["field", "purpose", "basis", "action", "roles"]), _line(["---"] * 5)]
    told: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        for action, mark in row.cells.items():
            if row.field is not None and mark is not Mark.NO:
                sign = action.value if mark is Mark.YES else f"{action.value} ({mark})"
                key = (f"{row.dataset}.{row.field}", row.purpose or "", row.basis or "", sign)
                told.setdefault(key, []).append(row.role)
    lines += [_line([*key, ", ".join(roles)]) for key, roles in sorted(told.items())]
    return "\n".join(lines) + "\n\n"


def _purposes(access: Access) -> str:
    lines = ["## Purposes", "", _line(["purpose", "title", "term", "part of", "bases", "Art. 9"]), _line(["---"] * 6)]
    for purpose in access.purposes.values():
        bases, special = ", ".join(purpose.bases), ", ".join(purpose.special)
        lines.append(_line([f"`{purpose.id}`", purpose.title, purpose.iri, purpose.broader or "", bases, special]))
    return "\n".join(lines) + "\n\n"


def _datasets(access: Access) -> str:
    head = ["dataset", "field", "title", "sensitivity", "why it is held", "kept"]
    lines = ["## Datasets", "", _line(head), _line(["---"] * len(head))]
    for dataset in access.datasets.values():
        kept = "" if dataset.retention is None else f"{dataset.retention.days} days"
        for field in dataset.fields.values():
            row = [f"`{dataset.id}`", f"`{field.id}`", field.title, field.sensitivity.value, field.why]
            lines.append(_line([*row, kept if field.why else ""]))
    return "\n".join(lines) + "\n"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
