"""The gate: what opens, what does not, and what the ledger says of either."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.fakes.gate import (
    BASIS,
    EMERGENCY,
    KIND,
    LAT,
    LON,
    NOW,
    PLACE,
    RAW,
    Failing,
    Gate,
    Revoked,
    make_log,
    somebody,
)
from tocsin.accounting.access import BasisId, DatasetId, FieldId, PurposeId
from tocsin.accounting.entries import EntryKind, Receipt, SubjectId
from tocsin.accounting.uses import Disclosure, Refusal, RefusalCode
from tocsin.errors import BadEntry, ClockSetBack, LedgerDamaged, LedgerError, LedgerFull, TocsinError
from tocsin.model.ids import EventId
from tocsin.model.origin import Mode


def test_a_place_opens_for_a_purpose_with_the_proof_that_it_was_written_down() -> None:
    gate = Gate()
    got = gate.ask("c1")
    assert isinstance(got, Disclosure)
    (row,) = got.rows
    assert (row.subject, row.values, row.missing) == ("c1", {PLACE: {"lon": LON, "lat": LAT}}, {})
    assert got.receipt.index == 0
    assert got.decision.policies == ("desk-opens-places",)
    ((kind, body),) = gate.entries()
    assert kind is EntryKind.USE
    said = {"role": "dispatcher", "dataset": "calls", "fields": ["place"], "purpose": "tocsin:EmergencyResponse"}
    said |= {"basis": BASIS, "action": "consult", "decision": "allow", "rows": 1, "stated": "use"}
    assert said.items() <= body.items()
    assert gate.ledger.uses_of(SubjectId("call:c1")) == (0,)


def test_an_entry_names_no_call_no_place_no_account_and_no_reason() -> None:
    gate = Gate()
    gate.ask("c1", reason="Mrs Miller's door")
    text = json.dumps(gate.entries()[0][1])
    assert not any(
        secret in text for secret in (chr(34) + "c1" + chr(34), "call:c1", str(LON), "a-dispatcher", "Miller")
    )


def test_rows_come_in_the_order_of_the_scope_and_say_what_is_not_there() -> None:
    got = Gate().ask("gone", "bare", "c1", "c1", fields=frozenset({PLACE, KIND}))
    assert isinstance(got, Disclosure)
    gone, bare, whole = got.rows
    assert gone.missing == {PLACE: "destroyed", KIND: "destroyed"}
    assert bare.missing == {PLACE: "not_held", KIND: "not_held"}
    assert whole.values[KIND] == "52D01"


def test_a_report_that_was_set_aside_opens_as_it_came() -> None:
    gate = Gate()
    got = gate.ask(
        "aside", "c1", fields=frozenset({RAW}), break_glass=True, reason="cannot read it", second="incident_commander"
    )
    assert isinstance(got, Disclosure)
    assert got.rows[0].values == {RAW: ['{"call":"aside","note":"\\xff"}']}
    assert got.rows[1].missing == {RAW: "not_held"}


GLASS = {"break_glass": True, "reason": "a child in the water", "second": "incident_commander"}
PLAIN = {"dataset": DatasetId("plans"), "fields": frozenset({FieldId("proposal")})}
MALFORMED = [
    ({"dataset": DatasetId("diary")}, RefusalCode.UNKNOWN_DATASET, "body.dataset"),
    (PLAIN, RefusalCode.UNKNOWN_DATASET, "body.dataset"),
    ({"fields": frozenset({FieldId("Anna Miller")})}, RefusalCode.UNKNOWN_FIELD, "body.fields"),
    ({"fields": frozenset()}, RefusalCode.NO_FIELDS, "body.fields"),
    ({"fields": frozenset({FieldId("block")})}, RefusalCode.NOT_SEALED, "body.fields"),
    ({"scope": ()}, RefusalCode.NO_SCOPE, "body.scope"),
    ({"scope": tuple(f"n{n}" for n in range(10_001))}, RefusalCode.SCOPE_TOO_LARGE, "body.scope"),
    ({"scope": ("c1", "nobody")}, RefusalCode.UNKNOWN_SCOPE, "body.scope"),
    ({"purpose": None, "basis": None}, RefusalCode.PURPOSE_MISSING, "body.purpose"),
    ({"basis": None}, RefusalCode.PURPOSE_MISSING, "body.purpose"),
    ({"purpose": PurposeId("curiosity about Anna")}, RefusalCode.UNKNOWN_PURPOSE, "body.purpose"),
    ({"basis": BasisId("eu-gdpr:A6-1-a")}, RefusalCode.BASIS_NOT_OF_PURPOSE, "body.basis"),
    ({"task": "never opened"}, RefusalCode.TASK_OVER, "body.task"),
    (GLASS | {"reason": "now"}, RefusalCode.REASON_MISSING, "body.reason"),
    (GLASS | {"second": None}, RefusalCode.SECOND_MISSING, "body.second"),
    (GLASS | {"second": "dispatcher"}, RefusalCode.SECOND_SELF, "body.second"),
    (GLASS | {"second": "Dispatcher"}, RefusalCode.SECOND_SELF, "body.second"),
    (GLASS | {"second": "a-dispatcher"}, RefusalCode.SECOND_SELF, "body.second"),
    (GLASS | {"second": "Anna"}, RefusalCode.SECOND_UNKNOWN, "body.second"),
    (GLASS | {"second": "resident"}, RefusalCode.SECOND_UNKNOWN, "body.second"),
    (GLASS | {"second": "auditor"}, RefusalCode.SECOND_UNKNOWN, "body.second"),
    ({"mode": Mode.EXERCISE}, RefusalCode.EXERCISE, None),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "code", "where"), MALFORMED, ids=lambda v: str(v)[:30])
def test_what_cannot_be_is_refused_with_its_place_and_written_down(changed, code, where) -> None:
    gate = Gate()
    got = gate.ask("c1", **changed)
    assert isinstance(got, Refusal)
    assert (got.code, got.where) == (code, where)
    assert got.what
    assert got.do
    assert got.receipt is not None
    ((kind, body),) = gate.entries()
    assert kind is EntryKind.REFUSAL
    assert (body["decision"], body["code"]) == ("deny", code.value)
    assert "Anna" not in json.dumps(body)
    assert "subjects" not in body


def test_ten_thousand_calls_open_at_once_and_one_more_does_not() -> None:
    gate = Gate(log=make_log(10_000))
    scope = tuple(f"n{n}" for n in range(10_000))
    got = gate.ask(scope=scope)
    assert isinstance(got, Disclosure)
    assert [row.subject for row in got.rows] == list(scope)
    assert gate.entries()[0][1]["rows"] == 10_000


@pytest.mark.parametrize(
    "role", ["analyst", "auditor", "administrator", "liaison", "resident", "feed", "public_information"]
)
def test_a_role_that_may_not_is_told_by_which_rule(role: str) -> None:
    gate = Gate()
    got = gate.ask(who=somebody(role))
    assert isinstance(got, Refusal)
    assert got.code is RefusalCode.NOT_ALLOWED
    assert got.decision is not None
    assert gate.entries()[0][0] is EntryKind.REFUSAL


def test_a_role_that_the_account_does_not_hold_opens_nothing() -> None:
    got = Gate().ask(who=replace(somebody("analyst"), role=somebody("dispatcher").role))
    assert isinstance(got, Refusal)
    assert got.code is RefusalCode.ROLE_NOT_HELD


def test_a_role_that_was_taken_back_a_second_ago_opens_nothing() -> None:
    accounts = Revoked()
    gate = Gate(standing=accounts)
    assert isinstance(gate.ask(), Disclosure)
    accounts.why = "The role was taken back."
    gate.later(seconds=1)
    got = gate.ask()
    assert isinstance(got, Refusal)
    assert (got.code, got.what) == (RefusalCode.ROLE_NOT_HELD, accounts.why)


def test_a_task_states_its_purpose_once_until_it_ends() -> None:
    gate = Gate()
    task = gate.tasks.open(gate.who, EMERGENCY, BASIS, NOW).task.id
    by_task = {"task": task, "purpose": None, "basis": None}
    assert isinstance(gate.ask(**by_task), Disclosure)
    assert gate.entries()[0][1]["stated"] == "task"
    other = gate.ask(**by_task, who=replace(gate.who, session="another"))
    assert isinstance(other, Refusal), "a task is its session's alone"
    gate.later(hours=12)
    over = gate.ask(**by_task)
    assert isinstance(over, Refusal)
    assert over.code is RefusalCode.TASK_OVER
    again = gate.tasks.open(gate.who, EMERGENCY, BASIS, gate.clock.now()).task.id
    assert gate.tasks.end(again, gate.who) is not None
    assert isinstance(gate.ask(task=again), Refusal)


def test_a_task_that_the_session_remembers_holds_after_a_restart_and_no_longer_than_it_would() -> None:
    before, gate = Gate(), Gate()
    task = before.tasks.open(gate.who, EMERGENCY, BASIS, NOW).task
    who, plain = replace(gate.who, task=task), {"purpose": None, "basis": None}
    assert isinstance(gate.ask(who=who, task=task.id, **plain), Disclosure)
    assert isinstance(gate.ask(who=who, **plain), Disclosure)
    gate.later(hours=12)
    assert gate.ask(who=who, task=task.id, **plain).code is RefusalCode.TASK_OVER
    assert gate.ask(who=who, **plain).code is RefusalCode.PURPOSE_MISSING


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LedgerFull("no room"), RefusalCode.LEDGER_FULL),
        (LedgerDamaged("torn"), RefusalCode.LEDGER_DAMAGED),
        (ClockSetBack("two hours"), RefusalCode.CLOCK_SET_BACK),
        (LedgerError("closed"), RefusalCode.LEDGER_CLOSED),
        (BadEntry("body.office", "no Unicode"), RefusalCode.BAD_ENTRY),
    ],
)
def test_what_cannot_be_written_down_is_not_opened(error: TocsinError, code: RefusalCode) -> None:
    got = Gate(Failing(lambda: error)).ask()
    assert isinstance(got, Refusal)
    assert (got.code, got.receipt) == (code, None)
    assert str(error) in got.what


def test_a_refusal_stays_what_it_was_where_it_cannot_be_written_down() -> None:
    got = Gate(Failing(lambda: LedgerFull("no room"))).ask("nobody")
    assert isinstance(got, Refusal)
    assert (got.code, got.receipt) == (RefusalCode.UNKNOWN_SCOPE, None)
    assert "no room" in got.what


def test_a_closed_ledger_opens_nothing() -> None:
    gate = Gate()
    gate.ledger.close()
    got = gate.ask()
    assert isinstance(got, Refusal)
    assert got.code is RefusalCode.LEDGER_CLOSED


def test_a_clock_set_back_opens_nothing() -> None:
    gate = Gate()
    assert isinstance(gate.ask(), Disclosure)
    gate.later(hours=-2)
    got = gate.ask()
    assert isinstance(got, Refusal)
    assert got.code is RefusalCode.CLOCK_SET_BACK
    assert len(gate.entries()) == 1


def test_a_receipt_of_something_else_opens_nothing() -> None:
    class Forger(Failing):
        def append(self, drafts, records=()):
            done = super().append(drafts, records)
            good = done.result()[0]
            done._result = (self.forge(good),)
            return done

    ledger = Forger()
    ledger.forge = lambda good: good
    gate = Gate(ledger)
    honest = gate.ask()
    assert isinstance(honest, Disclosure)
    for forge in (
        lambda good: Receipt(good.index, good.size, b"{}", good.proof),
        lambda good: Receipt(good.size, good.size, good.entry, good.proof),
        lambda _: honest.receipt,
        lambda _: "a receipt",
    ):
        ledger.forge = forge
        got = gate.ask()
        assert isinstance(got, Refusal)
        assert got.code is RefusalCode.FORGED_RECEIPT


def test_a_payload_that_was_changed_opens_nothing_of_the_whole_scope() -> None:
    gate = Gate()
    salt, body = gate.log._payloads[EventId("e1")]
    gate.log._payloads[EventId("e1")] = (salt, body.replace(b"10.02", b"11.02"))
    got = gate.ask("bare", "c1")
    assert isinstance(got, Refusal)
    assert got.code is RefusalCode.LOG_FAILED
    assert got.receipt is not None


@pytest.mark.parametrize("second", ["Watch officer", " watch  OFFICER ", "watch_officer"])
def test_a_second_person_may_be_named_by_the_title_of_a_role(second) -> None:
    gate = Gate()
    got = gate.ask(break_glass=True, reason="a child in the water", second=second, purpose=None, basis=None)
    assert isinstance(got, Disclosure)
    ((_, body),) = gate.entries()
    assert body["second"] == "watch_officer"


def test_break_glass_stands_out_and_keeps_its_reason_inside() -> None:
    gate = Gate()
    got = gate.ask(break_glass=True, reason="a child in the water", second="watch_officer", purpose=None, basis=None)
    assert isinstance(got, Disclosure)
    ((kind, body),) = gate.entries()
    assert kind is EntryKind.BREAK_GLASS
    assert body["basis"] == "eu-gdpr:A6-1-d"
    assert "child" not in json.dumps(body)
