"""Rules in words, for people who do not read Cedar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tocsin.accounting.access import Access, Action, DatasetId, PurposeId, Request, RoleId
from tocsin.accounting.policy.asking import SEALED
from tocsin.accounting.policy.cells import Change, Mark, Row

VERBS: dict[Action, str] = {
    Action.COLLECT: "collect",
    Action.ALTER: "alter",
    Action.CONSULT: "consult",
    Action.DISCLOSE: "disclose",
    Action.COMBINE: "combine",
    Action.ERASE: "erase",
    Action.EXPORT: "export",
    Action.APPROVE: "approve",
    Action.REVIEW: "review",
    Action.DECIDE: "decide about",
    Action.STEER: "steer",
    Action.ADMINISTER: "administer",
}
SAID: dict[Mark, str] = {
    Mark.NO: "no",
    Mark.YES: "yes",
    Mark.TWO: "with the approval of two",
    Mark.GLASS: "by breaking the glass",
}
_ENDS: dict[Mark, str] = {
    Mark.YES: "",
    Mark.TWO: ", with the approval of two",
    Mark.GLASS: ", by breaking the glass: with a reason and a second person who reviews it",
}


def why_nothing_permits(request: Request, access: Access) -> str:
    """That no policy lets the role do it. Role, dataset and fields are the house's own names."""
    role, dataset = access.roles[request.role], access.datasets[request.dataset]
    fields = listed(dataset.fields[field].title for field in sorted(request.fields))
    what = f"{dataset.title}: {fields}" if fields else dataset.title
    purpose = "" if request.purpose is None else f" for {access.purposes[request.purpose].title}"
    return f"No policy lets the role {role.title} {VERBS[request.action]} «{what}»{purpose}."


def listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def sentences_of(access: Access, role: RoleId, rows: Iterable[Row]) -> tuple[str, ...]:
    """What a role can do, a sentence a dataset and way of opening it; first what is open, then what is sealed."""
    mine = [row for row in rows if row.role == role]
    plain = [sentence for row in mine if row.purpose is None for sentence in _plain(access, row)]
    stated = _stated(access, [row for row in mine if row.purpose is not None], mine)
    return (*plain, *stated) or ("Nothing.",)


def _plain(access: Access, row: Row) -> Iterator[str]:
    title = access.datasets[row.dataset].title
    for mark, end in _ENDS.items():
        actions = [VERBS[action] for action, cell in row.cells.items() if cell is mark]
        if actions:
            sealed = any(field.sensitivity in SEALED for field in access.datasets[row.dataset].fields.values())
            yield f"{title}: {listed(actions)}{', sealed fields apart' if sealed else ''}{end}."


def _stated(access: Access, rows: list[Row], mine: list[Row]) -> Iterator[str]:
    """Rows of the same action, purpose and mark told together, with their fields and bases."""
    usual = {row.dataset: row.cells for row in mine if row.purpose is None}
    told: dict[tuple[DatasetId, Action, Mark, PurposeId], dict[str, set[str]]] = {}
    for row in rows:
        field = "what is not sealed" if row.field is None else access.datasets[row.dataset].fields[row.field].title
        for action, mark in row.cells.items():
            already = row.field is None and usual[row.dataset][action] is mark
            if mark is not Mark.NO and row.purpose is not None and not already:
                fields = told.setdefault((row.dataset, action, mark, row.purpose), {})
                fields.setdefault(field, set()).add(row.basis or "")
    for (dataset, action, mark, purpose), fields in told.items():
        bases = sorted({basis for some in fields.values() for basis in some})
        yield (
            f"{access.datasets[dataset].title}: {VERBS[action]} «{listed(fields)}» for "
            f"{access.purposes[purpose].title} on {' or '.join(bases)}{_ENDS[mark]}."
        )


def sentence_of(access: Access, change: Change) -> str:
    """What changed in a cell. Names that the house no longer has are told as they were written."""
    role = access.roles[change.role].title if change.role in access.roles else change.role
    dataset = access.datasets.get(change.dataset)
    title = change.dataset if dataset is None else dataset.title
    field = "" if change.field is None else f", {change.field}"
    purpose = "" if change.purpose is None else f", for {change.purpose} on {change.basis}"
    return f"{role}: {VERBS[change.action]} «{title}{field}»{purpose}: {SAID[change.was]} → {SAID[change.now]}"
