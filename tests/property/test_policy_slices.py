"""A slice decides exactly as the whole set: allowed or not, by which policies, with which errors."""

from __future__ import annotations

import json
from datetime import timedelta

from cedarpy import Entities, Schema, is_authorized
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules import NOW, ask, base, changed
from tocsin.accounting.access import Action, Approval, Request, RoleId
from tocsin.accounting.policy import CedarPolicy
from tocsin.accounting.policy.asking import context_json, entities_json
from tocsin.accounting.policy.reading import read_policies, set_of

ROLES = sorted(base().roles)
DATASETS = ["calls", "ledger", "exports", "situation"]
GROUPS = sorted({group for role in base().roles.values() for group in role.groups})
FIELDS = {name: sorted(base().datasets[name].fields) for name in DATASETS}  # type: ignore[index]
PRINCIPALS = st.one_of(
    st.just("principal"),
    st.just("principal is Role"),
    st.sampled_from(ROLES).map(lambda role: f'principal == Role::"{role}"'),
    st.sampled_from(ROLES).map(lambda role: f'principal in Role::"{role}"'),
    st.sampled_from(GROUPS).map(lambda group: f'principal in Group::"{group}"'),
    st.sampled_from(GROUPS).map(lambda group: f'principal is Role in Group::"{group}"'),
)
ACTIONS = st.one_of(
    st.just("action"),
    st.sampled_from(list(Action)).map(lambda action: f'action == Action::"{action}"'),
    st.sampled_from(list(Action)).map(lambda action: f'action in Action::"{action}"'),
    st.lists(st.sampled_from(list(Action)), min_size=1, max_size=4).map(
        lambda actions: "action in [" + ", ".join(f'Action::"{action}"' for action in actions) + "]"
    ),
)
RESOURCES = st.one_of(
    st.just("resource"),
    st.just("resource is Dataset"),
    st.sampled_from(DATASETS).map(lambda dataset: f'resource == Dataset::"{dataset}"'),
    st.sampled_from(DATASETS).map(lambda dataset: f'resource in Dataset::"{dataset}"'),
    st.sampled_from(DATASETS).map(lambda dataset: f'resource is Dataset in Dataset::"{dataset}"'),
)
CONDITIONS = st.sampled_from(
    [
        "",
        "when { context.sealed }",
        "unless { context.sealed }",
        "when { context.fields.isEmpty() }",
        'when { context has purpose && context.purpose == "oversight" }',
        "when { principal.emergencies }",
        "unless { context has approval && context.approval.count >= 2 }",
        "when { context.now + 9223372036854775807 > 0 }",
        "when { context.break_glass || context.now * 9223372036854775807 > 0 }",
    ]
)
POLICIES = st.lists(
    st.tuples(st.sampled_from(["permit", "permit", "forbid"]), PRINCIPALS, ACTIONS, RESOURCES, CONDITIONS),
    min_size=1,
    max_size=24,
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    dataset = draw(st.sampled_from(DATASETS))
    fields = draw(st.lists(st.sampled_from(FIELDS[dataset]), max_size=3, unique=True))
    approval = Approval((RoleId("a"), RoleId("b")), "x", NOW + timedelta(days=1), ("ada", "grace"))
    return ask(
        draw(st.sampled_from(ROLES)),
        draw(st.sampled_from(list(Action))),
        dataset,
        *fields,
        purpose=draw(st.none() | st.sampled_from(sorted(base().purposes))),
        basis=draw(st.none() | st.sampled_from(["eu-gdpr:A6-1-c", "eu-gdpr:A6-1-d"])),
        approval=draw(st.sampled_from([None, approval])),
        actor=draw(st.sampled_from(["", "anna", "ada"])),
        asked_by=draw(st.sampled_from([None, "anna", "ada"])),
        break_glass=draw(st.booleans()),
        reason=draw(st.sampled_from(["", "life and limb"])),
        second=draw(st.sampled_from(["", "grace"])),
    )


@given(POLICIES, st.booleans(), st.lists(requests(), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_slice_decides_as_the_whole_set(drawn: list[tuple[str, ...]], with_base: bool, asked: list[Request]) -> None:
    text = "\n".join(
        f'@id("drawn-{i}") {effect} ({principal}, {action}, {resource}) {condition};'
        for i, (effect, principal, action, resource, condition) in enumerate(drawn)
    )
    access = changed(policies=(base().policies if with_base else "") + text)
    policy = CedarPolicy(access)
    whole = set_of(read_policies(access.policies))
    entities = Entities.from_json_str(entities_json(access), Schema.from_str(access.schema))
    for request in asked:
        result = is_authorized(
            {
                "principal": {"type": "Role", "id": request.role},
                "action": {"type": "Action", "id": request.action.value},
                "resource": {"type": "Dataset", "id": request.dataset},
                "context": context_json(request, access.datasets[request.dataset]),
            },
            whole,
            entities,
        )
        decision = policy.decide(request)
        assert sorted(decision.errors) == sorted(result.diagnostics.errors)
        assert decision.allowed is (result.allowed and not decision.errors)
        if not decision.errors:
            assert decision.policies == tuple(sorted(result.diagnostics.reasons))
            assert policy.has_permit(request.role, request.action, request.dataset) or not result.allowed


@given(requests())
@settings(max_examples=50, deadline=None)
def test_what_is_asked_holds_to_the_schema(request: Request) -> None:
    schema = Schema.from_str(base().schema)
    result = is_authorized(
        {
            "principal": {"type": "Role", "id": request.role},
            "action": {"type": "Action", "id": request.action.value},
            "resource": {"type": "Dataset", "id": request.dataset},
            "context": context_json(request, base().datasets[request.dataset]),
        },
        set_of({}),
        Entities.from_json_str(entities_json(base()), schema),
        schema,
    )
    assert result.diagnostics.errors == [], json.dumps(result.diagnostics.errors)
