"""The public account counts what is in the ledger: the same as counting by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules import base
from tocsin.accounting.account import LogHead, PublicAccount, account_of
from tocsin.accounting.entries import Entry, EntryKind, Json
from tocsin.accounting.tally import Tally
from tocsin.model.city import Controller

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=40)
USED = (EntryKind.USE, EntryKind.BREAK_GLASS, EntryKind.EXPORT)
REFUSED = (EntryKind.REFUSAL, EntryKind.POLICY_ERROR)


KINDS = (*USED, *REFUSED, EntryKind.REVIEW, EntryKind.BUDGET, EntryKind.EXPIRY)
WORDS = {
    "dataset": ("calls", "ledger", "gone"),
    "purpose": ("tocsin:EmergencyResponse", "dpv:RightsFulfilment"),
    "basis": ("eu-gdpr:A6-1-d", "eu-gdpr:A6-1-c"),
    "office": ("Control room", "Data protection office"),
    "role": ("watch_officer", "auditor"),
}


def body_of(kind: EntryKind, index: int, dice: Random) -> dict[str, Json]:
    body: dict[str, Json] = {name: dice.choice(words) for name, words in WORDS.items()}
    body |= {"action": "consult", "rows": dice.randrange(50), "recipient": ""}
    body["fields"] = dice.sample(["place", "raw"], dice.randrange(3))
    if kind is EntryKind.EXPORT:
        body["recipient"] = dice.choice(("", "County"))
    if kind is EntryKind.REVIEW:
        body |= {"of": dice.randrange(index + 1), "verdict": dice.choice(("justified", "not_justified"))}
    if kind is EntryKind.BUDGET:
        first = date(2025, 1, 1) + timedelta(days=dice.randrange(5))
        body |= {"epsilon": dice.choice((0.25, 0.5)), "limit": 4.0, "first_day": first.isoformat()}
        body["last_day"] = (first + timedelta(days=dice.randrange(5))).isoformat()
    if kind is EntryKind.EXPIRY:
        body |= {"payloads": dice.randrange(9), "digest": "ab"}
    return body


@st.composite
def ledgers(draw: st.DrawFn) -> list[Entry]:
    dice = Random(draw(st.integers(0, 2**32)))  # noqa: S311 - draws tests, no secrets
    hours = sorted(dice.randrange(24 * 39) for _ in range(draw(st.integers(0, 40))))
    found = []
    for index, hour in enumerate(hours):
        kind = dice.choice(KINDS)
        found.append(Entry(index, kind, START + timedelta(hours=hour), body_of(kind, index, dice), b""))
    return found


def account(entries: Sequence[Entry]) -> PublicAccount:
    tally = Tally()
    for entry in entries:
        tally.add(entry)
    return account_of(tally, base(), Controller(), LogHead(len(entries)), NOW)


def same_use(entry: Entry) -> tuple[object, ...]:
    names = ("dataset", "purpose", "basis", "office", "role", "action", "recipient")
    return entry.kind, tuple(sorted(entry.body["fields"])), *(entry.body[name] for name in names)


@settings(max_examples=100, deadline=None)
@given(ledgers())
def test_counts_are_those_of_counting_by_hand(entries: list[Entry]):
    found = account(entries)
    listed = [e for e in entries if e.kind in (*USED, *REFUSED)]
    by_hand = Counter(map(same_use, listed))
    assert {(k.kind, k.fields, k.dataset, k.purpose, k.basis, k.office, k.role, k.action, k.recipient): s.uses
            for k, s in found.uses} == dict(by_hand)  # fmt: skip
    assert sum(s.rows for _, s in found.uses) == sum(e.body["rows"] for e in listed)
    assert dict(found.kinds) == Counter(e.kind for e in entries)
    assert (found.since, found.until) == ((entries[0].at, entries[-1].at) if entries else (None, None))


@settings(max_examples=100, deadline=None)
@given(ledgers())
def test_days_and_weeks_hold_every_use_once(entries: list[Entry]):
    found = account(entries)
    listed = [e for e in entries if e.kind in (*USED, *REFUSED)]
    days: Counter[date] = Counter(e.at.date() for e in listed if e.kind in USED)
    assert {p.start: p.counts.uses for p in found.days if p.counts.uses} == dict(days)
    for periods, step in ((found.days, 1), (found.weeks, 7)):
        assert sum(p.counts.refusals for p in periods) == sum(e.kind in REFUSED for e in listed)
        assert sum(p.counts.rows for p in periods) == sum(e.body["rows"] for e in listed if e.kind in USED)
        assert sum(p.counts.exports for p in periods) == sum(e.kind is EntryKind.EXPORT for e in listed)
        starts = [p.start for p in periods]
        assert all((b - a).days == step for a, b in pairwise(starts))
    assert all(p.start.weekday() == 0 for p in found.weeks)
    if listed:
        assert (found.days[0].start, found.days[-1].start) == (listed[0].at.date(), listed[-1].at.date())


@settings(max_examples=100, deadline=None)
@given(ledgers())
def test_break_glass_uses_are_overdue_until_they_are_reviewed(entries: list[Entry]):
    found = account(entries)
    broken = [e for e in entries if e.kind is EntryKind.BREAK_GLASS]
    reviews = {}
    for review in entries:
        if review.kind is EntryKind.REVIEW and review.body["of"] < review.index:
            reviews.setdefault(review.body["of"], review)
    assert [use.index for use in found.break_glass] == [e.index for e in reversed(broken)]
    for use in found.break_glass:
        review = reviews.get(use.index)
        assert use.reviewed == (review.at if review else None)
        assert use.verdict == (review.body["verdict"] if review else None)
    late = [e for e in broken if e.index not in reviews and NOW - e.at > timedelta(hours=24)]
    assert found.overdue == len(late)


@settings(max_examples=100, deadline=None)
@given(ledgers())
def test_budgets_and_deletions_add_up(entries: list[Entry]):
    found = account(entries)
    spent: Counter[tuple[str, date]] = Counter()
    for e in entries:
        if e.kind is EntryKind.BUDGET:
            first, last = (date.fromisoformat(e.body[name]) for name in ("first_day", "last_day"))
            for n in range((last - first).days + 1):
                spent[e.body["dataset"], first + timedelta(days=n)] += e.body["epsilon"]
    most = {dataset: max(v for (d, _), v in spent.items() if d == dataset) for dataset, _ in spent}
    assert {dataset: one.epsilon for dataset, one in found.budgets} == most
    assert sum(one.payloads for one in found.destroyed) == sum(
        e.body["payloads"] for e in entries if e.kind is EntryKind.EXPIRY
    )
