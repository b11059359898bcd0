"""The base policy with more policies beside it, and what is asked of them: made from a seed, tuned on nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from tocsin.accounting.access import Access, Action, Purpose, Request
from tocsin.accounting.policy import CedarPolicy, with_digest
from tocsin.accounting.policy.reading import read_policies

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
_UNSCOPED: Final = "(principal, action, resource)"
"""Of a policy that names no role, action or dataset, so that every decision evaluates it."""


def policy_of_size(access: Access, count: int, seed: int) -> CedarPolicy:
    """The rules of `access` with others added up to `count` policies, whose parts are drawn from its own nouns. As many
    in a hundred of them hold everywhere as of its own."""
    rng = np.random.default_rng(seed)
    own = len(read_policies(access.policies))
    missing = max(count - own, 0)
    everywhere = round(missing * access.policies.count(_UNSCOPED) / own)
    added = [_everywhere(n) for n in range(everywhere)]
    added += [_somewhere(access, rng, n) for n in range(everywhere, missing)]
    return CedarPolicy(with_digest(replace(access, policies="\n".join([access.policies, *added]))))


def _everywhere(n: int) -> str:
    never = f'context has approval && context.approval.recipient == "nobody-{n}"'
    return f'@id("bench-{n}")\n@why("Bench.")\nforbid (principal, action, resource) when {{ {never} }};'


def _somewhere(access: Access, rng: np.random.Generator, n: int) -> str:
    role, dataset = rng.choice(sorted(access.roles)), rng.choice(sorted(access.datasets))
    action, purpose = rng.choice([a.value for a in Action]), rng.choice(sorted(access.purposes))
    where = f'principal == Role::"{role}", action == Action::"{action}", resource == Dataset::"{dataset}"'
    when = f'context has purpose && context.purpose == "{purpose}" && context.fields.isEmpty()'
    return f'@id("bench-{n}")\n@why("Bench.")\npermit ({where}) when {{ {when} }};'


def requests(access: Access, count: int, seed: int) -> list[Request]:
    """Requests of every role, action and dataset; half of them ask for a field, with a purpose and one of its bases."""
    rng = np.random.default_rng(seed)
    purposes = sorted(access.purposes.values(), key=lambda purpose: purpose.id)
    return [_request(access, purposes, rng) for _ in range(count)]


def _request(access: Access, purposes: Sequence[Purpose], rng: np.random.Generator) -> Request:
    dataset = access.datasets[sorted(access.datasets)[rng.integers(len(access.datasets))]]
    role = sorted(access.roles)[rng.integers(len(access.roles))]
    action = list(Action)[rng.integers(len(Action))]
    plain = Request(role=role, action=action, dataset=dataset.id, now=NOW, office="Fire department")
    fields = sorted(dataset.fields)
    if not fields or rng.random() < 0.5:
        return plain
    purpose = purposes[int(rng.integers(len(purposes)))]
    basis = purpose.bases[int(rng.integers(len(purpose.bases)))]
    field = fields[rng.integers(len(fields))]
    return replace(plain, fields=frozenset({field}), purpose=purpose.id, basis=basis)
