"""Rules that cannot be used are found when they are read, each fault with its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.rules import base, changed
from tocsin.accounting.access import Access, DatasetId, FieldId, PurposeId
from tocsin.accounting.policy import find_faults

CALLS, PLACE = DatasetId("calls"), FieldId("place")


def with_policy(text: str) -> Access:
    return changed(policies=base().policies + "\n" + text)


def with_calls(**what: object) -> Access:
    calls = replace(base().datasets[CALLS], **what)  # type: ignore[arg-type]
    return changed(datasets={**base().datasets, CALLS: calls})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("permit (principal, action", "the policies do not parse"),
        ("permit (principal, action, resource);", "has no @id"),
        ('@id("") permit (principal, action, resource);', "has no @id"),
        ('@id("picture-plans") permit (principal, action, resource);', "stands above two policies"),
        ('@id("t") permit (principal == ?principal, action, resource);', "a template stands for no policy"),
        (
            '@id("x") permit (principal, action, resource) when { context.mood == "good" };',
            "does not hold to the schema",
        ),
        ('@id("x") permit (principal == Role::"mayor", action, resource);', 'names Role::"mayor"'),
        ('@id("x") permit (principal in Group::"everyone", action, resource);', 'names Group::"everyone"'),
        ('@id("x") permit (principal, action, resource == Dataset::"taxes");', 'names Dataset::"taxes"'),
        ('@id("x") permit (principal, action == Action::"sell", resource);', "sell"),
        ('@id("x") permit (principal == User::"anna", action, resource);', "does not hold to the schema"),
        (
            '@id("x") permit (principal, action, resource == Dataset::"calls") when {context.fields.contains("name")};',
            "names the field 'name', which the dataset calls does not have",
        ),
        (
            '@id("x") permit (principal, action, resource) when { ["place", "nmae"].containsAll(context.fields) };',
            "names the field 'nmae', which no dataset has",
        ),
        (
            '@id("x") permit (principal, action, resource) when { context has purpose && context.purpose == "fun" };',
            "names the purpose 'fun', which nobody declared",
        ),
        (
            '@id("x") permit (principal, action, resource) when { resource.hasTag("fun") };',
            "names the purpose 'fun', which nobody declared",
        ),
        (
            '@id("x") permit (principal, action, resource) when {context has basis&&["why"].contains(context.basis)};',
            "names the legal basis 'why', on which no purpose rests",
        ),
    ],
)
def test_a_policy_that_cannot_be_meant_is_a_fault(text: str, fault: str) -> None:
    found = find_faults(with_policy(text))
    assert any(fault in one for one in found), found


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ("entity {", "the schema does not parse"),
        ("", "the schema does not take Tocsin's roles and datasets"),
        ("entity Role; entity Dataset; entity Group;", "the schema does not take Tocsin's roles and datasets"),
    ],
)
def test_an_invalid_schema_is_never_passed_over(schema: str, fault: str) -> None:
    found = find_faults(changed(schema=schema))
    assert any(fault in one for one in found), found


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("  now: Long,\n", ""),
        ("  break_glass: Bool,\n", "  break_glass: String,\n"),
        ("purpose?: String", "purpose: String"),
        ("  fields: Set<String>,\n", "  fields: Set<String>,\n  mood: String,\n"),
        (", administer", ""),
    ],
)
def test_a_schema_of_other_requests_than_tocsins_is_a_fault(was: str, becomes: str) -> None:
    assert was in base().schema
    found = find_faults(
        changed(schema=base().schema.replace(was, becomes), policies='@id("x") forbid (principal, action, resource);')
    )
    assert any("the schema does not take what Tocsin asks" in one for one in found), found


def test_a_sealed_field_says_why_and_a_dataset_how_long() -> None:
    fields = base().datasets[CALLS].fields
    silent = {**fields, PLACE: replace(fields[PLACE], why=" ")}
    assert any("field place is sealed and does not say why" in f for f in find_faults(with_calls(fields=silent)))
    assert any("does not say how long" in f for f in find_faults(with_calls(retention=None)))
    assert find_faults(with_calls(retention=timedelta(days=1))) == ()


def test_a_dataset_names_purposes_that_somebody_declared() -> None:
    found = find_faults(with_calls(purposes=(PurposeId("fun"),)))
    assert any("names the purpose 'fun', which nobody declared" in fault for fault in found)


@pytest.mark.parametrize("table", ["roles", "datasets", "purposes"])
def test_empty_tables_are_faults(table: str) -> None:
    assert f"there are no {table}" in find_faults(changed(**{table: {}}))


def test_no_policy_at_all_is_a_fault() -> None:
    assert "there is no policy: nothing would ever be allowed" in find_faults(changed(policies="// nothing"))


def test_every_fault_is_told_at_once() -> None:
    policies = [f'@id("{name}") permit (principal == Role::"{name}", action, resource);' for name in "ab"]
    assert len(find_faults(with_policy("\n".join(policies)))) == 2


DEEP = 50_000


@pytest.mark.parametrize(
    "expression",
    [
        "(" * DEEP + "true" + ")" * DEEP,
        "[" * DEEP + "]" * DEEP + ".isEmpty()",
        "true" + " && true" * DEEP,
        "1" + " + 1" * DEEP + " > 0",
        "if true then true else " * DEEP + "true",
        "context" + ".a" * DEEP,
        "context" + '["a"]' * DEEP,
        "principal == " + "A::" * DEEP + '"x"',
        "true }" + " when { true }" * DEEP + " when { true",
        "context has a" + ".a" * DEEP,
        '{"a": ' * DEEP + "1" + "}" * DEEP + " == 1",
    ],
    ids=["brackets", "lists", "and", "plus", "if", "dots", "indexes", "names", "when", "has", "records"],
)
def test_a_text_that_would_end_cedars_process_is_a_fault(expression: str) -> None:
    found = find_faults(changed(policies=f'@id("x") permit (principal, action, resource) when {{ {expression} }};'))
    assert any("is the most" in one for one in found), found


def test_a_schema_that_is_too_deep_is_a_fault() -> None:
    found = find_faults(changed(schema=f"entity A = {{ a: {'Set<' * DEEP}Long{'>' * DEEP} }};"))
    assert any("is the most" in one for one in found), found


def test_brackets_in_texts_and_comments_do_not_count() -> None:
    said = "(" * 200
    text = f'// {said}\n@id("x") @why("{said}") permit (principal, action, resource) when {{ context.sealed }};'
    assert find_faults(with_policy(text)) == ()


def test_comparisons_are_no_brackets() -> None:
    many = "\n".join(
        f'@id("x{i}") forbid (principal, action, resource) when {{ context.now < {i} && {i} <= context.now }};'
        for i in range(200)
    )
    assert find_faults(with_policy(many)) == ()
