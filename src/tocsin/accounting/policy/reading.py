"""Cedar text as nodes by `@id`, and what the nodes speak of."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cedarpy import PolicySet, pst

ID, WHY = "id", "why"
"""Annotations: what the ledger says of a policy, and what people read."""


_APART = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*')
_JOINTS = re.compile(r"&&|\|\||[-+*.<>\[]|::|==|!=|\b(?:if|has|in|like|is|when|unless)\b")
MOST_DEEP = 60
"""Brackets in brackets. Cedar's parser walks down a text by recursion, and one of a thousand brackets ends the process
instead of failing."""
MOST_JOINTS = 300
"""Signs and words of one policy that join expressions: a chain of thousands does the same."""


def find_too_deep(text: str, brackets: str = "([{}])") -> str | None:
    """Why a policy text or a schema must not be given to Cedar at all, or None.

    Args:
        brackets: the opening ones, then the closing ones. A schema has `<` and `>` too, which policies compare with.
    """
    bare = _APART.sub(" ", text)
    depth = deepest = 0
    opening = brackets[: len(brackets) // 2]
    for sign in bare:
        if sign in brackets:
            depth += 1 if sign in opening else -1
            deepest = max(deepest, depth)
    if deepest > MOST_DEEP:
        return f"is nested {deepest} brackets deep: {MOST_DEEP} is the most"
    most = max(len(_JOINTS.findall(policy)) for policy in bare.split(";"))
    if most > MOST_JOINTS:
        return f"has a policy of {most} joined expressions: {MOST_JOINTS} is the most, so write several policies"
    return None


class Unreadable(Exception):
    """Cedar text that no policy set can be made of. Carries every fault."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


MOST_ANNOTATIONS: Final = 4_000
"""Two for each policy: reading tens of thousands would take minutes."""


def read_policies(text: str) -> dict[str, pst.Template]:
    """Policies by their `@id`, in the order of the text, each carrying it as its id.

    Raises: Unreadable for text that does not parse, a policy without `@id`, one id twice, or a template.
    """
    deep = find_too_deep(text)
    if deep is not None:
        raise Unreadable((f"the text of the policies {deep}",))
    if text.count("@") > MOST_ANNOTATIONS:
        raise Unreadable(
            (f"the policies have more than {MOST_ANNOTATIONS:,} annotations: a city's rules fit on a few pages",)
        )
    try:
        nodes = PolicySet.from_str(text).to_pst()
    except ValueError as error:
        raise Unreadable((f"the policies do not parse: {error}",)) from error
    faults = [f"{name}: a template stands for no policy: write the policies out" for name in nodes.templates]
    policies: dict[str, pst.Template] = {}
    for place, policy in sorted(nodes.static_policies.items(), key=lambda item: int(item[0].removeprefix("policy"))):
        name = policy.annotations.get(ID, "").strip()
        if not name:
            faults.append(f'{place} has no @id: what decides must have a name, so write @id("…") above it')
        elif name in policies:
            faults.append(f'@id("{name}") stands above two policies: a name says which one decided')
        else:
            policies[name] = dataclasses.replace(policy, id=name)
    if faults:
        raise Unreadable(tuple(faults))
    return policies


def set_of(policies: Mapping[str, pst.Template]) -> PolicySet:
    """A policy set whose ids are the `@id`s."""
    return PolicySet.from_pst(pst.PolicySet(templates={}, static_policies=dict(policies), template_links=()))


def list_named(policy: pst.Template, key: str) -> set[str]:
    """The texts that a policy holds against `context.<key>`, such as the fields or purposes that it names."""
    found: set[str] = set()
    for node in _walk(policy):
        if isinstance(node, pst.BinaryOp):
            for side, other in ((node.left, node.right), (node.right, node.left)):
                if side == pst.GetAttr(pst.Var("context"), key):
                    found.update(leaf.value for leaf in _walk(other) if isinstance(leaf, pst.StringLit))
    return found


def list_tags(policy: pst.Template) -> set[str]:
    """The tags that a policy asks of an entity by name."""
    tags: set[str] = set()
    for node in _walk(policy):
        if (
            isinstance(node, pst.BinaryOp)
            and node.op in ("get_tag", "has_tag")
            and isinstance(node.right, pst.StringLit)
        ):
            tags.add(node.right.value)
    return tags


def _walk(node: Any) -> Iterator[Any]:
    """Every node below one, itself first."""
    yield node
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        for field in dataclasses.fields(node):
            yield from _walk(getattr(node, field.name))
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, tuple):
        for value in node:
            yield from _walk(value)
