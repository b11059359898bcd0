"""The record of processing and the impact sheet: asked of policy and ledger, and different where these are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.rules import NOW, base, changed, policy
from tocsin.accounting.access import DatasetId, FieldId, RoleId
from tocsin.accounting.account import LogHead
from tocsin.accounting.entries import Entry, EntryKind, Json
from tocsin.accounting.exchange import exchange_form
from tocsin.accounting.impact import Finding, State, impact_of
from tocsin.accounting.openings import Opening, openings_of
from tocsin.accounting.policy import policy_of
from tocsin.accounting.processing import Processing, duration_of, processing_of
from tocsin.accounting.tally import Tally
from tocsin.model.city import Controller

CITY = Controller("City", "Town hall", "dpo@example.org")
USE: dict[str, Json] = {
    "dataset": "calls",
    "fields": ["place"],
    "purpose": "tocsin:EmergencyResponse",
    "basis": "eu-gdpr:A6-1-d",
    "office": "Fire department",
    "role": "dispatcher",
    "rows": 1,
}


@pytest.fixture(scope="module")
def openings() -> tuple[Opening, ...]:
    return openings_of(policy(), NOW)


def tally_of(*entries: tuple[EntryKind, dict[str, Json]], ago: timedelta = timedelta()) -> Tally:
    tally = Tally()
    for index, (kind, body) in enumerate(entries):
        tally.add(Entry(index, kind, NOW - ago, body, b""))
    return tally


def record(openings: tuple[Opening, ...], tally: Tally | None = None, controller: Controller = CITY) -> Processing:
    return processing_of(base(), openings, tally or Tally(), controller, NOW)


def findings(openings: tuple[Opening, ...], tally: Tally, log: LogHead | None = None) -> dict[str, Finding]:
    sheet = impact_of(record(openings, tally), openings, tally, log or LogHead(0))
    return {one.id: one for one in (*sheet.necessity, *sheet.risks, *sheet.measures)}


def test_openings_are_what_the_base_policy_says(openings: tuple[Opening, ...]):
    desk = {"watch_officer", "dispatcher", "incident_commander", "operations_chief", "demo"}
    to_place = {
        o.role for o in openings if (o.field, o.purpose, o.action) == ("place", "emergency_response", "consult")
    }
    assert to_place == desk
    raw = [o for o in openings if o.field == "raw"]
    assert raw
    assert all(o.by_glass and o.role in desk for o in raw)
    assert {o.role for o in openings if o.purpose == "mutual_aid"} == {"liaison"}
    assert {o.action for o in openings if o.purpose == "mutual_aid"} == {"disclose"}
    assert not [o for o in openings if o.role in ("analyst", "resident", "feed", "administrator")]


def test_a_refused_policy_opens_nothing():
    assert openings_of(policy_of(changed(faults=("broken",))), NOW) == ()


def test_what_was_used_is_in_the_record_whatever_the_rules_say_now():
    used = record((), tally_of((EntryKind.USE, USE)))
    emergency = used.activities[0]
    assert [(one.dataset, one.field) for one in emergency.data] == [("calls", "place")]
    assert emergency.subjects == base().datasets[DatasetId("calls")].concerns
    assert (emergency.uses, emergency.last) == (1, NOW)


def test_recipients_are_named():
    export = {**USE, "recipient": "County of Example"}
    tally = tally_of((EntryKind.USE, USE), (EntryKind.EXPORT, export), (EntryKind.REFUSAL, USE))
    found = record((), tally).activities[0].received
    assert [(one.name, one.internal, one.uses) for one in found] == [
        ("County of Example", False, 1),
        ("Fire department", True, 1),
    ]


def test_what_is_missing_is_said(openings: tuple[Opening, ...]):
    assert record(openings).missing == ()
    assert len(record(openings, controller=Controller()).missing) == 3
    endless = replace(base().datasets[DatasetId("calls")], retention=None)
    access = changed(datasets={**base().datasets, DatasetId("calls"): endless})
    assert "Calls" in processing_of(access, openings, Tally(), CITY, NOW).missing[0]
    assert "third countries" in record(openings, tally_of((EntryKind.EXPORT, USE))).missing[0]


def test_durations_are_iso_8601():
    assert duration_of(timedelta(days=180)) == "P180D"
    assert duration_of(None) is None


def test_the_exchange_form_names_controller_and_officer(openings: tuple[Opening, ...]):
    said = exchange_form(record(openings), "City")["@graph"][0]["dpv:hasDataController"]
    assert said["dct:title"] == "City"
    assert said["dpv:hasDataProtectionOfficer"]["dpv:hasContact"] == "dpo@example.org"
    unsaid = exchange_form(record(openings, controller=Controller()), "City")["@graph"][0]["dpv:hasDataController"]
    assert unsaid == {"@type": "dpv:DataController"}


def test_a_quiet_house_has_nothing_open_but_its_witness(openings: tuple[Opening, ...]):
    found = findings(openings, Tally())
    assert {name for name, one in found.items() if one.state is State.OPEN} == {"witnesses"}
    with_witness = findings(openings, Tally(), LogHead(1, witnesses=("office.example",)))
    assert with_witness["witnesses"].state is State.IN_PLACE


@pytest.mark.parametrize(
    ("entry", "ago", "finding", "state"),
    [
        ((EntryKind.BREAK_GLASS, USE), timedelta(hours=25), "break_glass", State.OPEN),
        ((EntryKind.BREAK_GLASS, USE), timedelta(hours=23), "break_glass", State.IN_PLACE),
        ((EntryKind.REFUSAL, USE), timedelta(), "refusals", State.TO_LOOK_AT),
        ((EntryKind.POLICY_ERROR, USE), timedelta(), "refusals", State.OPEN),
        ((EntryKind.EXPORT, USE), timedelta(), "exports", State.OPEN),
        ((EntryKind.EXPORT, {**USE, "expires": "2030-01-01T00:00:00Z"}), timedelta(), "exports", State.IN_PLACE),
        ((EntryKind.EXPIRY, {"dataset": "calls", "payloads": 3}), timedelta(), "deletion", State.IN_PLACE),
    ],
)
def test_findings_follow_the_ledger(
    openings: tuple[Opening, ...],
    entry: tuple[EntryKind, dict[str, Json]],
    ago: timedelta,
    finding: str,
    state: State,
):
    assert findings(openings, tally_of(entry, ago=ago))[finding].state is state


def test_a_purpose_that_was_used_is_not_asked_about(openings: tuple[Opening, ...]):
    assert "Emergency response" in findings(openings, Tally())["unused"].found
    assert "Emergency response" not in findings(openings, tally_of((EntryKind.USE, USE)))["unused"].found
    long_ago = tally_of((EntryKind.USE, USE), ago=timedelta(days=366))
    assert "Emergency response" in findings(openings, long_ago)["unused"].found


def test_what_nobody_may_open_and_what_has_no_reason_is_found(openings: tuple[Opening, ...]):
    without = tuple(o for o in openings if o.field != FieldId("raw"))
    assert "The report as it came" in findings(without, Tally())["unopened"].found
    outright = (*openings, replace(openings[0], field=FieldId("raw"), role=RoleId("analyst"), by_glass=False))
    assert findings(outright, Tally())["special"].state is State.TO_LOOK_AT
