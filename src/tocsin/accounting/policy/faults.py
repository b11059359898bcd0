"""Why a set of rules cannot be used. Nothing is passed over: with one fault everything is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from cedarpy import Decision, Entities, Schema, is_authorized, pst, validate_policies

from tocsin.accounting.access import Access, Action, Approval, BasisId, Dataset, PurposeId, Request, RoleId
from tocsin.accounting.policy.asking import SEALED, context_json, entities_json
from tocsin.accounting.policy.reading import Unreadable, find_too_deep, list_named, list_tags, read_policies, set_of
from tocsin.accounting.policy.slices import dataset_of

_NOW = datetime(2000, 1, 1, tzinfo=UTC)


def find_faults(access: Access) -> tuple[str, ...]:
    """Every reason why these rules cannot be used; empty where they can. Never raises.

    Checked are tables, schema, policies, each against the others. An invalid schema is a fault here because Cedar's
    own calls pass over one.
    """
    tables = [*_empty_tables(access), *_faults_of_datasets(access)]
    deep = find_too_deep(access.schema, "([{<>}])")
    if deep is not None:
        return (*tables, f"the schema {deep}")
    try:
        schema = Schema.from_str(access.schema)
    except ValueError as error:
        return (*tables, f"the schema does not parse: {error}")
    shapes = list(_faults_of_shapes(access, schema))
    try:
        policies = read_policies(access.policies)
    except Unreadable as error:
        return (*tables, *shapes, *error.faults)
    if not policies:
        tables.append("there is no policy: nothing would ever be allowed")
    return (*tables, *shapes, *_faults_of_policies(access, policies, schema))


def _empty_tables(access: Access) -> Iterator[str]:
    for name, table in (("roles", access.roles), ("datasets", access.datasets), ("purposes", access.purposes)):
        if not table:
            yield f"there are no {name}"


def _faults_of_datasets(access: Access) -> Iterator[str]:
    for dataset in access.datasets.values():
        if not dataset.fields:
            yield f"dataset {dataset.id} has no fields"
        for purpose in dataset.purposes:
            if purpose not in access.purposes:
                yield f"dataset {dataset.id} names the purpose {purpose!r}, which nobody declared"
        sealed = [field for field in dataset.fields.values() if field.sensitivity in SEALED]
        for field in sealed:
            if not field.why.strip():
                yield f"dataset {dataset.id}, field {field.id} is sealed and does not say why the house holds it"
        if sealed and dataset.retention is None:
            yield f"dataset {dataset.id} has sealed fields and does not say how long they are kept: retention_days"


def _faults_of_shapes(access: Access, schema: Schema) -> Iterator[str]:
    """Whether what Tocsin asks is what the schema says: else a policy could pass validation and still err."""
    try:
        entities = Entities.from_json_str(entities_json(access), schema)
    except ValueError as error:
        yield f"the schema does not take Tocsin's roles and datasets: {error}"
        return
    if not access.roles or not access.datasets:
        return
    role, dataset = next(iter(access.roles)), next(iter(access.datasets.values()))
    empty = set_of({})
    for action in Action:
        for request in _probes(role, action, dataset):
            asked = {
                "principal": {"type": "Role", "id": role},
                "action": {"type": "Action", "id": action.value},
                "resource": {"type": "Dataset", "id": dataset.id},
                "context": context_json(request, dataset),
            }
            result = is_authorized(asked, empty, entities, schema)
            if result.decision is Decision.NoDecision:
                yield f"the schema does not take what Tocsin asks ({action}): {result.diagnostics.errors[0]}"
                return


def _probes(role: RoleId, action: Action, dataset: Dataset) -> tuple[Request, ...]:
    """A request that says as little as one can, and one that says everything."""
    full = Request(
        role,
        action,
        dataset.id,
        _NOW,
        frozenset(dataset.fields),
        PurposeId("purpose"),
        BasisId("basis"),
        "office",
        Approval((role,), "recipient", _NOW, ("other",)),
        break_glass=True,
        actor="actor",
        asked_by="other",
        reason="reason",
        second="other",
    )
    return Request(role, action, dataset.id, _NOW), full


def _faults_of_policies(access: Access, policies: Mapping[str, pst.Template], schema: Schema) -> Iterator[str]:
    result = validate_policies(access.policies, schema)
    names = result.id_annotations_by_policy_id
    for error in result.errors:
        yield f"policy {names.get(error.policy_id, error.policy_id) or '?'} does not hold to the schema: {error.error}"
    if not result.validation_passed and not result.errors:
        yield "the policies do not hold to the schema"
    for name, policy in policies.items():
        yield from (f"policy {name} {fault}" for fault in _faults_of_names(access, policy))


def _faults_of_names(access: Access, policy: pst.Template) -> Iterator[str]:
    """A name that nothing bears makes a policy that never holds, and nobody would notice."""
    groups = {group for role in access.roles.values() for group in role.groups}
    known: Mapping[str, set[str]] = {
        "Role": {str(role) for role in access.roles},
        "Group": groups,
        "Dataset": {str(dataset) for dataset in access.datasets},
        "Action": {action.value for action in Action},
    }
    for uid in sorted(pst.entity_uids(policy), key=str):
        kind = str(uid.type)
        if kind in known and uid.id not in known[kind] and not (kind == "Action" and _is_group(uid, access)):
            yield f'names {kind}::"{uid.id}", which is not there'
    only = dataset_of(policy)
    about = [access.datasets[d] for d in access.datasets if only is None or d == only]
    fields = {str(field) for dataset in about for field in dataset.fields}
    for field in sorted(list_named(policy, "fields") - fields):
        where = f"the dataset {only} does not have" if only else "no dataset has"
        yield f"names the field {field!r}, which {where}"
    for purpose in sorted((list_named(policy, "purpose") | list_tags(policy)) - {str(p) for p in access.purposes}):
        yield f"names the purpose {purpose!r}, which nobody declared"
    bases = {str(b) for purpose in access.purposes.values() for b in (*purpose.bases, *purpose.special)}
    for basis in sorted(list_named(policy, "basis") - bases):
        yield f"names the legal basis {basis!r}, on which no purpose rests"


def _is_group(uid: pst.EntityUid, access: Access) -> bool:
    """Whether a pack's schema has it as a group of actions; validation has held its name against the schema."""
    return f'"{uid.id}"' in access.schema or f" {uid.id}" in access.schema
