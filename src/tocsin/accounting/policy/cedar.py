"""Decides by Cedar: default deny, a forbid outweighs every permit, no loops.

Source: Cutler et al. 2024, "Cedar: A New Language for Expressive, Fast, Safe, and Analyzable Authorization", OOPSLA.
Everything is parsed once. A decision is never kept: every request is evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cedarpy import AuthzResult, Entities, Schema, is_authorized
from cedarpy import Decision as Verdict

from tocsin.accounting.access import Access, Action, DatasetId, Decision, Policy, Request, RoleId
from tocsin.accounting.policy.asking import context_json, entities_json
from tocsin.accounting.policy.faults import find_faults
from tocsin.accounting.policy.reading import WHY, read_policies
from tocsin.accounting.policy.slices import slice_policies
from tocsin.accounting.policy.words import why_nothing_permits
from tocsin.errors import BadAccess


class CedarPolicy:
    """A pack's rules, or Tocsin's. Thread-safe: nothing changes after it is made."""

    def __init__(self, access: Access) -> None:
        """Raises: BadAccess with every fault of the rules."""
        faults = access.faults or find_faults(access)
        if faults:
            raise BadAccess(faults)
        policies = read_policies(access.policies)
        self._access = access
        self._whys: Mapping[str, str] = {
            name: policy.annotations.get(WHY, "").strip() for name, policy in policies.items()
        }
        self._entities = Entities.from_json_str(entities_json(access), Schema.from_str(access.schema))
        self._slices = slice_policies(policies, access)
        self._roles: Mapping[RoleId, dict[str, str]] = {r: {"type": "Role", "id": r} for r in access.roles}
        self._actions: Mapping[Action, dict[str, str]] = {a: {"type": "Action", "id": a.value} for a in Action}
        self._datasets: Mapping[DatasetId, dict[str, str]] = {d: {"type": "Dataset", "id": d} for d in access.datasets}

    @property
    def access(self) -> Access:
        return self._access

    @property
    def whys(self) -> Mapping[str, str]:
        """What each policy says of itself, by its `@id`."""
        return MappingProxyType(dict(self._whys))

    def has_permit(self, role: RoleId, action: Action, dataset: DatasetId) -> bool:
        """Whether any policy could ever permit it. Without one nobody may: default deny."""
        return (role, action, dataset) in self._slices.permits

    def decide(self, request: Request) -> Decision:
        """Never raises: what cannot be evaluated is refused and named in `errors`."""
        unknown = self._find_unknown(request)
        if unknown is not None:
            return Decision(allowed=False, policies=(), policy_set=self._access.digest, why=unknown)
        try:
            result = is_authorized(
                {
                    "principal": self._roles[request.role],
                    "action": self._actions[request.action],
                    "resource": self._datasets[request.dataset],
                    "context": context_json(request, self._access.datasets[request.dataset]),
                },
                self._slices.find((request.role, request.action, request.dataset)),
                self._entities,
            )
        except (ValueError, OverflowError) as error:
            return self._unevaluated((f"the request cannot be evaluated: {error}",))
        return self._decision(request, result)

    def _decision(self, request: Request, result: AuthzResult) -> Decision:
        errors = tuple(result.diagnostics.errors)
        if errors or result.decision is Verdict.NoDecision:
            # Cedar skips a policy that errs; a forbid that could not be asked might have been the one that matters.
            return self._unevaluated(errors or ("the request could not be evaluated",))
        policies = tuple(sorted(result.diagnostics.reasons))
        said = " ".join(self._whys[name] or f"Policy {name}." for name in policies)
        why = said or why_nothing_permits(request, self._access)
        return Decision(result.decision is Verdict.Allow, policies, self._access.digest, why)

    def _unevaluated(self, errors: tuple[str, ...]) -> Decision:
        why = "A policy could not be evaluated, so the request is refused."
        return Decision(allowed=False, policies=(), policy_set=self._access.digest, why=why, errors=errors)

    def _find_unknown(self, request: Request) -> str | None:
        """What the request names that the house does not have. Repeats nothing that the request says."""
        if request.role not in self._roles:
            return "The role is none of the house."
        dataset = self._access.datasets.get(request.dataset)
        if dataset is None:
            return "The dataset is none of the house."
        if not dataset.fields.keys() >= request.fields:
            return f"{dataset.title}: there is no such field."
        if request.purpose is not None and request.purpose not in self._access.purposes:
            return "Nobody declared the purpose."
        return None


class Closed:
    """Refuses everything and says why: the rules have faults."""

    def __init__(self, access: Access) -> None:
        self._access = access

    @property
    def access(self) -> Access:
        return self._access

    def decide(self, request: Request) -> Decision:  # noqa: ARG002 - whatever is asked
        """Refused."""
        why = "The rules of access cannot be used, so everything is refused. `tocsin check PACK` lists why."
        return Decision(allowed=False, policies=(), policy_set=self._access.digest, why=why, errors=self._access.faults)


def policy_of(access: Access) -> Policy:
    """The policy of these rules; with any fault one that refuses everything."""
    try:
        return CedarPolicy(access)
    except BadAccess as error:
        from dataclasses import replace

        return Closed(replace(access, faults=error.faults))
