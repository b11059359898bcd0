"""The policies that can matter to a request, by action and dataset, so that a hundred policies cost like ten.

A policy is left out of a slice only where its scope says that it never matches there. Cedar asks the scope first and
the conditions only where it holds, so a policy that is left out could neither decide nor err: the slice decides as the
whole set does, in its errors too (tests/property/test_policy_slices.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cedarpy import PolicySet, pst

from tocsin.accounting.access import Action, DatasetId
from tocsin.accounting.policy.reading import set_of

_ACTIONS = frozenset(action.value for action in Action)


def slice_policies(
    policies: Mapping[str, pst.Template], datasets: Iterable[DatasetId]
) -> dict[tuple[Action, DatasetId], PolicySet]:
    """A policy set for every action and dataset, equal ones shared."""
    scopes = {name: (actions_of(policy), dataset_of(policy)) for name, policy in policies.items()}
    shared: dict[tuple[str, ...], PolicySet] = {}
    slices = {}
    for dataset in datasets:
        for action in Action:
            names = tuple(name for name, scope in scopes.items() if _matches(scope, action, dataset))
            if names not in shared:
                shared[names] = set_of({name: policies[name] for name in names})
            slices[action, dataset] = shared[names]
    return slices


def _matches(scope: tuple[frozenset[str] | None, str | None], action: Action, dataset: DatasetId) -> bool:
    actions, only = scope
    return (actions is None or action.value in actions) and (only is None or only == dataset)


def actions_of(policy: pst.Template) -> frozenset[str] | None:
    """The actions that a policy is about; None where it may be about any."""
    scope = policy.action
    if isinstance(scope, pst.ActionEq):
        named: tuple[pst.EntityUid, ...] = (scope.entity,)
    elif isinstance(scope, pst.ActionIn):
        named = scope.entities
    else:
        return None
    ids = frozenset(uid.id for uid in named if str(uid.type) == "Action")
    # A group of actions of the pack's own stands for members that only Cedar knows.
    return ids if len(ids) == len(set(named)) and ids <= _ACTIONS else None


def dataset_of(policy: pst.Template) -> str | None:
    """The dataset that a policy is about; None where it may be about any. Datasets have no datasets below them, so
    `resource in Dataset::"calls"` means the one."""
    scope = policy.resource
    if isinstance(scope, pst.ScopeEq | pst.ScopeIn | pst.ScopeIsIn) and isinstance(scope.entity, pst.EntityUid):
        return scope.entity.id if str(scope.entity.type) == "Dataset" else None
    return None
