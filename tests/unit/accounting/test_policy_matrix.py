"""Every cell of role × action × dataset × field × purpose × basis is explicit, and a change of one is told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.rules import base, changed, policy
from tocsin.accounting.access import Action, RoleId
from tocsin.accounting.policy import CedarPolicy
from tocsin.accounting.policy.cells import Mark, Row, as_lines, list_changes, rows_from_lines
from tocsin.accounting.policy.matrix import rows_of
from tocsin.accounting.policy.words import sentence_of, sentences_of

GOLDEN = Path(__file__).parent / "access-matrix.tsv"


@cache
def rows() -> tuple[Row, ...]:
    return rows_of(policy())


def test_every_cell_is_as_the_golden_file_says() -> None:
    assert as_lines(rows()) == GOLDEN.read_text(encoding="utf-8").splitlines(), "run: python -m tools.accept_access"


def test_no_cell_is_missing() -> None:
    keys = {row.key for row in rows()}
    grounds = [(purpose.id, basis) for purpose in base().purposes.values() for basis in purpose.bases]
    for role in base().roles:
        for dataset in base().datasets.values():
            assert (role, dataset.id, "-", "-", "-") in keys
            for field in dataset.fields.values():
                if field.sensitivity in ("restricted", "special"):
                    assert {(role, dataset.id, field.id, *ground) for ground in grounds} <= keys
    assert all(set(row.cells) == set(Action) for row in rows())


def test_lines_come_back_as_the_rows_they_were() -> None:
    assert rows_from_lines(as_lines(rows())) == rows()


def test_lines_that_are_none_are_refused() -> None:
    head, row, *_ = as_lines(rows())
    for lines in ([head, row + "\tyes"], [head, row.replace("no", "maybe", 1)], [head + "\tsell", row]):
        with pytest.raises(ValueError, match=r"columns|valid"):
            rows_from_lines(lines)


ANALYST_EXPORTS = """
@id("analysts-see-places")
permit (principal == Role::"analyst", action == Action::"consult", resource == Dataset::"calls")
when { ["place"].containsAll(context.fields) && context has purpose && context.purpose == "emergency_response" };
@id("no-warnings-from-command")
forbid (principal in Group::"command", action == Action::"decide", resource == Dataset::"warnings");
"""


def test_a_change_is_told_as_granted_or_taken() -> None:
    some = [RoleId(role) for role in ("watch_officer", "demo", "analyst", "auditor")]
    after = rows_of(CedarPolicy(changed(policies=base().policies + ANALYST_EXPORTS)), some)
    changes = list_changes([row for row in rows() if row.role in some], after)
    granted = {(c.role, c.field, c.purpose, c.action, c.was, c.now) for c in changes if c.granted}
    assert granted == {("analyst", "place", "emergency_response", Action.CONSULT, Mark.NO, Mark.YES)}
    taken = {(c.role, c.dataset, c.action) for c in changes if not c.granted}
    assert taken == {(role, "warnings", Action.DECIDE) for role in ("watch_officer", "demo")}
    assert list_changes(after, after) == ()
    told = {sentence_of(base(), change) for change in changes}
    assert "Analyst: consult «Calls, place», for emergency_response on eu-gdpr:A6-1-d: no → yes" in told


def test_a_role_that_is_taken_away_loses_all_it_had() -> None:
    left = [row for row in rows() if row.role != "auditor"]
    changes = list_changes(rows(), left)
    assert {change.role for change in changes} == {"auditor"}
    assert not any(change.granted for change in changes)
    assert len(changes) == sum(m is not Mark.NO for row in rows() if row.role == "auditor" for m in row.cells.values())


def test_a_dataset_that_only_one_version_has_is_told_too() -> None:
    new = replace(base().datasets["clock"], id="weather", title="Weather")  # type: ignore[index, arg-type]
    text = (
        '@id("w") permit (principal == Role::"analyst", action == Action::"consult", resource == Dataset::"weather");'
    )
    access = changed(datasets={**base().datasets, "weather": new}, policies=base().policies + text)
    some = [RoleId("analyst"), RoleId("resident")]
    changes = list_changes([row for row in rows() if row.role in some], rows_of(CedarPolicy(access), some))
    assert [(c.role, c.dataset, c.action, c.granted) for c in changes] == [("analyst", "weather", Action.CONSULT, True)]


def test_a_role_is_told_in_words() -> None:
    assert sentences_of(base(), RoleId("auditor"), rows()) == (
        "Exports: consult.",
        "Accounts, roles and tokens: consult.",
        "Ledger of uses: consult, sealed fields apart.",
        "These rules: consult.",
        "Ledger of uses: consult «Reasons and scope of a use» for Checking that uses were lawful on eu-gdpr:A6-1-c.",
    )
    assert sentences_of(base(), RoleId("nobody"), rows()) == ("Nothing.",)
    dispatcher = sentences_of(base(), RoleId("dispatcher"), rows())
    assert any("«The report as it came»" in line and "by breaking the glass" in line for line in dispatcher)
    assert "Calls: export, sealed fields apart, with the approval of two." in sentences_of(
        base(), RoleId("analyst"), rows()
    )
