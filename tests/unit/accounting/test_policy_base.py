"""What Tocsin's own rules allow, and what no rule can outweigh."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from tests.rules import NOW, ask, base, changed, policy
from tocsin.accounting.access import Action, Approval, Request, RoleId
from tocsin.accounting.policy import CedarPolicy, Closed, digest_of, policy_of
from tocsin.errors import BadAccess

EMERGENCY = {"purpose": "emergency_response", "basis": "eu-gdpr:A6-1-d"}
AGREED = Approval(
    (RoleId("watch_officer"), RoleId("data_protection_officer")),
    "Neighbouring county",
    NOW + timedelta(days=7),
    ("ada", "grace"),
)


def allowed(request: Request) -> bool:
    return policy().decide(request).allowed


def test_the_base_has_no_faults() -> None:
    assert base().faults == ()


def test_a_decision_says_what_decided_and_on_which_rules() -> None:
    decision = policy().decide(ask("dispatcher", Action.CONSULT, "calls", "place", **EMERGENCY))
    assert decision.allowed
    assert decision.policies == ("desk-opens-places",)
    assert decision.policy_set == base().digest == digest_of(base())
    assert decision.why == "The desk opens exact places and reported kinds to answer an emergency."
    assert decision.errors == ()


def test_a_refusal_names_the_policy_that_forbids() -> None:
    decision = policy().decide(ask("dispatcher", Action.CONSULT, "calls", "place"))
    assert not decision.allowed
    assert decision.policies == ("sealed-needs-purpose-and-basis",)
    assert "on a legal basis that goes with it" in decision.why


def test_a_refusal_that_nothing_permits_says_so_in_words() -> None:
    decision = policy().decide(ask("auditor", Action.CONSULT, "calls", "place", **EMERGENCY))
    assert decision.policies == ()
    assert decision.why == "No policy lets the role Auditor consult «Calls: Exact place» for Emergency response."


@pytest.mark.parametrize(
    ("purpose", "basis"),
    [
        (None, "eu-gdpr:A6-1-d"),
        ("emergency_response", None),
        ("emergency_response", "eu-gdpr:A6-1-a"),
        ("statistics", "eu-gdpr:A6-1-c"),
        ("rights_of_data_subjects", "eu-gdpr:A6-1-d"),
    ],
)
def test_a_sealed_field_needs_a_purpose_of_the_dataset_and_a_basis_of_the_purpose(purpose, basis) -> None:
    assert not allowed(ask("dispatcher", Action.CONSULT, "calls", "place", purpose=purpose, basis=basis))


def test_no_role_opens_a_sealed_field_without_a_purpose() -> None:
    for role, dataset in product(base().roles, base().datasets.values()):
        for field in dataset.fields.values():
            if field.sensitivity in ("restricted", "special"):
                for action in Action:
                    assert not allowed(ask(role, action, dataset.id, field.id, approval=AGREED, actor="anna"))


def test_residents_see_what_is_public_and_nothing_else() -> None:
    for action, dataset in product(Action, base().datasets):
        public = action is Action.CONSULT and dataset in ("ledger", "policy")
        request = ask("resident", action, dataset, approval=AGREED, actor="anna", **EMERGENCY)
        assert allowed(request) is public


def test_nobody_beside_the_desk_opens_a_place_for_an_emergency() -> None:
    can = {role for role in base().roles if allowed(ask(role, Action.CONSULT, "calls", "place", **EMERGENCY))}
    assert can == {"watch_officer", "dispatcher", "incident_commander", "operations_chief", "demo"}


@pytest.mark.parametrize("role", ["auditor", "administrator", "feed", "resident"])
def test_who_has_nothing_to_do_with_calls_sees_none(role: str) -> None:
    assert not allowed(ask(role, Action.CONSULT, "calls"))


def test_an_analyst_sees_blocks_and_no_places_whatever_is_stated() -> None:
    assert allowed(ask("analyst", Action.CONSULT, "calls"))
    for purpose in base().purposes.values():
        for basis, field in product(purpose.bases, ("place", "kind_reported", "raw")):
            request = ask("analyst", Action.CONSULT, "calls", field, purpose=purpose.id, basis=basis)
            assert not allowed(replace(request, break_glass=True, reason="life and limb", second="grace"))


def test_only_administrators_give_accounts_and_they_see_no_city() -> None:
    can = {role for role in base().roles if allowed(ask(role, Action.ADMINISTER, "accounts"))}
    assert can == {"administrator"}
    assert not any(allowed(ask("administrator", Action.CONSULT, d)) for d in ("situation", "calls", "warnings"))


def leaving(approval: Approval | None, actor: str = "anna") -> Request:
    return ask("analyst", Action.EXPORT, "calls", approval=approval, actor=actor)


def test_what_leaves_needs_two_people_in_two_roles() -> None:
    assert allowed(leaving(AGREED))
    assert not allowed(leaving(None))
    assert not allowed(leaving(replace(AGREED, roles=AGREED.roles[:1], by=AGREED.by[:1])))
    assert not allowed(leaving(replace(AGREED, by=("ada", "ada"))))
    assert not allowed(leaving(replace(AGREED, roles=(AGREED.roles[0],) * 2)))
    assert not allowed(leaving(replace(AGREED, by=())))


def test_whoever_asks_does_not_count_among_the_two() -> None:
    assert not allowed(leaving(AGREED, actor="ada"))
    assert not allowed(leaving(AGREED, actor=""))


def test_an_approval_ends_and_names_a_recipient() -> None:
    assert not allowed(leaving(replace(AGREED, expires=NOW)))
    assert not allowed(leaving(replace(AGREED, recipient=" ")))


def test_places_never_leave_as_figures_and_reach_another_agency_only_with_two() -> None:
    aid = {"purpose": "mutual_aid", "basis": "eu-gdpr:A6-1-d", "actor": "anna"}
    assert not allowed(ask("analyst", Action.EXPORT, "calls", "place", approval=AGREED, **aid))
    assert allowed(ask("liaison", Action.DISCLOSE, "calls", "place", approval=AGREED, **aid))
    assert not allowed(ask("liaison", Action.DISCLOSE, "calls", "place", **aid))


@pytest.mark.parametrize("action", [Action.APPROVE, Action.REVIEW])
def test_nobody_judges_their_own(action: Action) -> None:
    dataset = "exports" if action is Action.APPROVE else "ledger"
    assert allowed(ask("data_protection_officer", action, dataset))
    assert allowed(ask("data_protection_officer", action, dataset, actor="grace", asked_by="anna"))
    assert not allowed(ask("data_protection_officer", action, dataset, actor="grace", asked_by="grace"))
    assert not allowed(ask("data_protection_officer", action, dataset, asked_by="anna"))


def glass(role: str = "dispatcher", **more: object) -> Request:
    said = {"reason": "Caller collapsed", "second": "grace", "actor": "anna", **EMERGENCY, **more}
    return ask(role, Action.CONSULT, "calls", "raw", break_glass=True, **said)


def test_the_glass_is_broken_with_a_reason_and_a_second_person() -> None:
    assert policy().decide(glass()).policies == ("desk-breaks-glass",)
    assert not allowed(glass(reason=" "))
    assert not allowed(glass(second=""))
    assert not allowed(glass(second="anna"))
    assert not allowed(replace(glass(), break_glass=False))


def test_the_glass_is_broken_by_those_who_answer_emergencies_only() -> None:
    assert {role for role in base().roles if allowed(glass(role))} == {
        role.id for role in base().roles.values() if role.emergencies
    }


def test_the_glass_is_broken_to_consult_and_for_nothing_else() -> None:
    for action in Action:
        if action is not Action.CONSULT:
            assert not allowed(replace(glass(), action=action, approval=AGREED))


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (ask("mayor", Action.CONSULT, "calls"), "The role is none of the house."),
        (ask("analyst", Action.CONSULT, "taxes"), "The dataset is none of the house."),
        (ask("analyst", Action.CONSULT, "calls", "name"), "Calls: there is no such field."),
        (ask("analyst", Action.CONSULT, "calls", purpose="curiosity"), "Nobody declared the purpose."),
    ],
)
def test_what_the_house_does_not_have_is_refused(request_: Request, why: str) -> None:
    decision = policy().decide(request_)
    assert (decision.allowed, decision.why, decision.errors) == (False, why, ())


def test_what_cannot_be_evaluated_is_refused_and_named() -> None:
    naive = replace(ask("analyst", Action.CONSULT, "calls"), now=NOW.replace(tzinfo=None))
    surrogate = ask("analyst", Action.CONSULT, "calls", basis="\ud800")
    for request in (naive, surrogate):
        decision = policy().decide(request)
        assert not decision.allowed
        assert len(decision.errors) == 1


ERRS = """
@id("everything") permit (principal, action, resource);
@id("errs") forbid (principal, action == Action::"consult", resource) when { context.now + 9223372036854775807 > 0 };
"""


def test_an_evaluation_error_refuses_even_where_a_policy_permits() -> None:
    rules = CedarPolicy(changed(policies=ERRS))
    decision = rules.decide(ask("analyst", Action.CONSULT, "forecasts"))
    assert not decision.allowed
    assert "`errs`" in decision.errors[0]
    assert rules.decide(ask("analyst", Action.STEER, "forecasts")).allowed


def test_rules_with_a_fault_refuse_everything_and_say_so() -> None:
    closed = policy_of(changed(policies="permit (principal"))
    assert isinstance(closed, Closed)
    for role, action, dataset in product(base().roles, Action, base().datasets):
        decision = closed.decide(ask(role, action, dataset, approval=AGREED, actor="anna", **EMERGENCY))
        assert not decision.allowed
        assert decision.errors == closed.access.faults != ()
    assert "everything is refused" in decision.why


def test_rules_that_were_read_with_a_fault_stay_closed() -> None:
    with pytest.raises(BadAccess, match="not this one"):
        CedarPolicy(replace(base(), faults=("not this one",)))


def test_the_digest_changes_with_anything_that_decides() -> None:
    role = base().roles[RoleId("analyst")]
    others = [
        changed(policies=base().policies + "\n"),
        changed(schema=base().schema + "\n"),
        changed(roles={**base().roles, role.id: replace(role, groups=(*role.groups, "desk"))}),
        changed(purposes=dict(list(base().purposes.items())[1:])),
        changed(datasets=dict(list(base().datasets.items())[1:])),
    ]
    assert len({base().digest, *(access.digest for access in others)}) == 6
