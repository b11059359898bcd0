"""The policies that can matter to a request, by role, action and dataset, so that a hundred policies cost like ten.

A policy is left out of a slice only where its scope says that it never matches there. Cedar asks the scope first and
the conditions only where it holds, so a policy that is left out could neither decide nor err: the slice decides as the
whole set does, in its errors too (tests/property/test_policy_slices.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from cedarpy import PolicySet, pst

from tocsin.accounting.access import Access, Action, DatasetId, Role, RoleId
from tocsin.accounting.policy.reading import set_of

Key: TypeAlias = tuple[RoleId, Action, DatasetId]
_ACTIONS = frozenset(action.value for action in Action)


@dataclass(frozen=True, slots=True)
class Slices:
    """What matters to each role, action and dataset. Equal slices are one."""

    names: Mapping[Key, tuple[str, ...]]
    sets: Mapping[tuple[str, ...], PolicySet]
    permits: frozenset[Key]
    """Where any policy could permit something."""

    def find(self, key: Key) -> PolicySet:
        """The slice of a role, action and dataset of the house."""
        return self.sets[self.names[key]]


def slice_policies(policies: Mapping[str, pst.Template], access: Access) -> Slices:
    """A slice for every role, action and dataset."""
    scopes = {name: _Scope(policy) for name, policy in policies.items()}
    names: dict[Key, tuple[str, ...]] = {}
    for role in access.roles.values():
        mine = {name: scope for name, scope in scopes.items() if scope.takes(role)}
        for action in Action:
            here = {name: scope for name, scope in mine.items() if scope.is_about(action)}
            for dataset in access.datasets:
                names[role.id, action, dataset] = tuple(n for n, scope in here.items() if scope.touches(dataset))
    sets = {some: set_of({name: policies[name] for name in some}) for some in set(names.values())}
    permits = {key for key, some in names.items() if any(policies[name].effect == "permit" for name in some)}
    return Slices(names, sets, frozenset(permits))


class _Scope:
    """Whom and what a policy's scope takes. None stands for: perhaps anything, so it is in every slice."""

    def __init__(self, policy: pst.Template) -> None:
        self._principal = policy.principal
        self._actions = actions_of(policy)
        self._dataset = dataset_of(policy)

    def takes(self, role: Role) -> bool:
        scope = self._principal
        if not isinstance(scope, pst.ScopeEq | pst.ScopeIn | pst.ScopeIsIn) or isinstance(scope.entity, pst.Slot):
            return True
        kind, name = str(scope.entity.type), scope.entity.id
        if kind == "Role":
            return name == role.id
        return name in role.groups if kind == "Group" and not isinstance(scope, pst.ScopeEq) else True

    def is_about(self, action: Action) -> bool:
        return self._actions is None or action.value in self._actions

    def touches(self, dataset: DatasetId) -> bool:
        return self._dataset is None or self._dataset == dataset


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
