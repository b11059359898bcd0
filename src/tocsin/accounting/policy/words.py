"""Rules in words, for people who do not read Cedar."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.accounting.access import Access, Action, Request

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
