"""What every `Ledger` must keep.

```python
from tocsin.conformance.ledger import PROMISES

@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_my_ledger(promise):
    promise(MyLedger)
```

Each promise takes a function that makes a new, empty ledger, and closes what it has opened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any, Final, TypeAlias

from tocsin.accounting.canonical import canonical
from tocsin.accounting.checkpoints import Checkpoint
from tocsin.accounting.entries import MOST_SUBJECTS, AccountId, EntryDraft, EntryKind, Receipt, SubjectId
from tocsin.accounting.leaves import MINIMUM_INDEX
from tocsin.accounting.merkle import leaf_hash, verify_inclusion
from tocsin.accounting.notes import parse_note
from tocsin.accounting.receipts import ReceiptText
from tocsin.accounting.records import Record
from tocsin.conformance.promise import expect, expect_raises
from tocsin.errors import BadEntry, ClockSetBack, LedgerError, NotFound
from tocsin.ports import Ledger

NewLedger: TypeAlias = Callable[[], Ledger]

START: Final = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
_WHO: Final = AccountId("officer-17")


@contextmanager
def _opened(new_ledger: NewLedger) -> Iterator[Ledger]:
    ledger = new_ledger()
    try:
        yield ledger
    finally:
        ledger.close()


def draft(n: int = 0, *subjects: str, **more: Any) -> EntryDraft:
    """A use of some calls, `n` seconds after the start."""
    given: dict[str, Any] = {"actor": _WHO, "payload": {"reason": f"because {n}"}, **more}
    at = START + timedelta(seconds=n)
    return EntryDraft(EntryKind.USE, at, {"rows": n}, subjects=tuple(map(SubjectId, subjects)), **given)


def _append(ledger: Ledger, drafts: Sequence[EntryDraft], records: Sequence[Record] = ()) -> tuple[Receipt, ...]:
    return ledger.append(drafts, records).result(timeout=60)


def _fill(ledger: Ledger, count: int) -> None:
    _append(ledger, [draft(n, f"call:{n}") for n in range(count)])


def _holds(receipt: Receipt, checkpoint: str) -> bool:
    """Whether the receipt's hashes lead from its entry to the root that its checkpoint states."""
    read = ReceiptText.parse(receipt.proof)
    head = Checkpoint.parse(parse_note(read.checkpoint).text)
    leaf = leaf_hash(receipt.entry)
    sound = (read.index, head.size) == (receipt.index, receipt.size)
    same = Checkpoint.parse(parse_note(checkpoint).text)
    agrees = same.size != head.size or same.root == head.root
    return sound and agrees and verify_inclusion(read.index, head.size, leaf, head.root, read.hashes)


def starts_empty(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        expect(ledger.size() == 0, "a new ledger has no entry")
        expect(list(ledger.entries()) == [], "a new ledger reads as nothing")
        expect(Checkpoint.parse(parse_note(ledger.checkpoint()).text).size == 0, "its checkpoint says so")
        expect(tuple(ledger.uses_of(SubjectId("call:1"))) == (), "nobody was looked at")
        expect(ledger.open_payload(0) is None, "there is no payload")
        with expect_raises(NotFound, "a receipt of an entry that is not there"):
            ledger.receipt(0)


def gives_back_what_was_appended(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        first, second = _append(ledger, [draft(1), draft(2, "call:a")])
        expect((first.index, second.index) == (0, 1), "indexes run from 0 without gaps")
        entries = list(ledger.entries())
        expect([e.index for e in entries] == [0, 1], "entries are read in order")
        expect([e.data for e in entries] == [first.entry, second.entry], "what is read is what the receipts say")
        expect(entries[0].kind is EntryKind.USE and entries[0].at == draft(1).at, "kind and time are as drafted")
        expect(entries[1].body["rows"] == 2, "the body is as drafted")
        expect([e.index for e in ledger.entries(1)] == [1], "`start` is taken in")
        expect([e.index for e in ledger.entries(0, 1)] == [0], "`stop` is left out")


def writes_canonical_json(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        (receipt,) = _append(ledger, [draft(3, "call:ä")])
        body = json.loads(receipt.entry)
        expect(receipt.entry == canonical(body), "an entry is canonical JSON")
        expect({"v", "kind", "at", "actor", "subjects", "payload", "rows"} <= set(body), "it says what it is")
        for secret in (b"officer", b"call:", b"because"):
            expect(secret not in receipt.entry, "no name, id or reason stands in the open")


def gives_receipts_that_hold(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        receipts = [r for n in range(9) for r in _append(ledger, [draft(n, f"call:{k}") for k in range(n + 1)])]
        now = ledger.checkpoint()
        expect(all(_holds(r, now) for r in receipts), "every receipt of an append holds")
        fresh = [ledger.receipt(index) for index in range(ledger.size())]
        expect(all(_holds(r, now) and r.size == ledger.size() for r in fresh), "fresh receipts hold at the newest size")
        expect([r.entry for r in fresh] == [r.entry for r in receipts], "and prove the same entries")
        with expect_raises(NotFound, "a receipt beyond the end"):
            ledger.receipt(ledger.size())


def shows_nothing_in_common(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        one, two = _append(ledger, [draft(1, "call:a"), draft(1, "call:a")])
        a, b = json.loads(one.entry), json.loads(two.entry)
        for name in ("actor", "subjects", "payload"):
            expect(a[name] != b[name], f"two entries about the same show nothing in common: {name}")


def finds_uses_by_subject(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        many = [f"call:{n}" for n in range(MOST_SUBJECTS + 1)]
        _append(ledger, [draft(1, "call:1", "call:2"), draft(2, "call:2", "call:2"), draft(3, *many)])
        expect(tuple(ledger.uses_of(SubjectId("call:1"))) == (0, 2), "uses of a subject are found, oldest first")
        expect(tuple(ledger.uses_of(SubjectId("call:2"))) == (0, 1, 2), "named twice in an entry, it counts once")
        expect(tuple(ledger.uses_of(SubjectId("call:x"))) == (), "nobody looked at this one")
        listed = [json.loads(e.data).get("subjects") for e in ledger.entries()]
        expect(len(listed[0]) == 2 and listed[2] is None, "an entry about very many lists none of them")


def names_actors_inside(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        _append(ledger, [draft(1), draft(2, actor=None), draft(3)])
        expect([ledger.actor_of(n) for n in range(4)] == [_WHO, None, _WHO, None], "who did it is known inside")
        expect(ledger.forget_actor(_WHO) == 2, "forgetting says how many entries it was in")
        expect(ledger.actor_of(0) is None, "a forgotten account is found no more")
        expect(ledger.forget_actor(_WHO) == 0, "forgetting again finds nothing")
        expect(_holds(ledger.receipt(0), ledger.checkpoint()), "proofs hold on")


def appends_all_or_nothing(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        _fill(ledger, 2)
        before = ledger.checkpoint()
        long = EntryDraft(EntryKind.USE, START, {"text": "x" * 70_000})
        taken = EntryDraft(EntryKind.USE, START, {"kind": "policy"})
        odd = EntryDraft(EntryKind.USE, START, {"value": float("nan")})
        naive = EntryDraft(EntryKind.USE, START.replace(tzinfo=None), {})
        for wrong in (long, taken, odd, naive):
            with expect_raises(BadEntry, "an entry that cannot be"):
                _append(ledger, [draft(3, "call:new"), wrong])
        with expect_raises(BadEntry, "a payload that cannot be"):
            _append(ledger, [draft(3, "call:new", payload={"a": float("inf")})])
        expect(ledger.size() == 2 and ledger.checkpoint() == before, "a refused append leaves the ledger as it was")
        expect(tuple(ledger.uses_of(SubjectId("call:new"))) == (), "and nothing beside it")
        expect(_append(ledger, []) == (), "nothing appended gives no receipt")
        expect(ledger.size() == 2, "and no entry")


def refuses_a_clock_set_back(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        _append(ledger, [draft(100)])
        _append(ledger, [draft(98)])
        with expect_raises(ClockSetBack, "a time more than two seconds before the last entry"):
            _append(ledger, [draft(97)])
        with expect_raises(ClockSetBack, "the same within one append"):
            _append(ledger, [draft(200), draft(101)])
        expect(ledger.size() == 2, "then nothing is kept")
        _append(ledger, [draft(100)])


def keeps_records_with_the_entries(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        _append(ledger, [draft(1)], [Record("a", "2", {"x": [1, "é"]}), Record("a", "1", {}), Record("b", "1", {})])
        expect(ledger.find_record("a", "2") == Record("a", "2", {"x": [1, "é"]}), "a record is found as it was kept")
        expect([r.id for r in ledger.list_records("a")] == ["1", "2"], "a space is listed by id")
        _append(ledger, [], [Record("a", "2", {"x": 2}), Record("a", "1", None)])
        expect([r.body for r in ledger.list_records("a")] == [{"x": 2}], "later ones replace, None deletes")
        with expect_raises(LedgerError, "an append refused for its time"):
            _append(ledger, [draft(-100)], [Record("a", "9", {})])
        expect(ledger.find_record("a", "9") is None, "a refused append keeps no record")
        expect(ledger.find_record("c", "1") is None, "an unknown space is empty")


def erases_a_subject_and_the_proofs_hold(new_ledger: NewLedger) -> None:
    gone = SubjectId("call:a")
    with _opened(new_ledger) as ledger:
        _append(ledger, [draft(1, "call:a"), draft(2, "call:a", "call:b"), draft(3, "call:b")])
        _append(ledger, [], [Record("notes", "1", {}, gone), Record("notes", "2", {})])
        ledger.keep_claim("code-a", gone)
        before, entries = ledger.checkpoint(), [e.data for e in ledger.entries()]
        expect(ledger.open_payload(0) is not None, "payloads open")
        expect(ledger.erase(gone) == 2, "erasing says how many entries it was in")
        expect(tuple(ledger.uses_of(gone)) == (), "an erased subject is found no more")
        expect(ledger.open_payload(0) is None, "a payload that concerned it alone is gone")
        expect(ledger.open_payload(1) is not None, "one that concerns others too stays")
        expect([r.id for r in ledger.list_records("notes")] == ["2"], "its records are gone")
        expect(ledger.find_claim("code-a") is None, "its claim code is gone")
        expect(ledger.checkpoint() == before and [e.data for e in ledger.entries()] == entries, "the ledger stays")
        expect(all(_holds(ledger.receipt(n), before) for n in range(3)), "proofs hold on")
        expect(ledger.erase(gone) == 0, "erasing again finds nothing")
        expect(ledger.erase(SubjectId("call:nobody")) == 0, "nor for a subject that never was")
        _append(ledger, [draft(4, "call:a")])
        expect(tuple(ledger.uses_of(gone)) == (3,), "new uses are found, with a new key")


def prunes_in_whole_bundles_and_the_proofs_hold(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        _fill(ledger, 600)
        at = START + timedelta(seconds=700)
        expect(ledger.prune(100, "P1Y", at) == 0, "less than a bundle is not pruned")
        expect(ledger.prune(550, "P1Y", at) == 512, "whole bundles of 256 are")
        rest = list(ledger.entries())
        expect(rest[0].index == 512 and rest[-1].index == 600, "what is left is read")
        expect(rest[-1].kind is EntryKind.PRUNE, "an entry says that it was pruned")
        expect(
            rest[-1].body[MINIMUM_INDEX] == 512 and rest[-1].body["rule"] == "P1Y", "from where, and under which rule"
        )
        expect(tuple(ledger.uses_of(SubjectId("call:7"))) == (), "what lay beside pruned entries is gone")
        expect(ledger.open_payload(7) is None and ledger.actor_of(7) is None, "payloads and actors too")
        with expect_raises(NotFound, "a receipt of a pruned entry"):
            ledger.receipt(7)
        expect(_holds(ledger.receipt(555), ledger.checkpoint()), "proofs hold on")
        expect(ledger.prune(550, "P1Y", at) == 512 and ledger.size() == 601, "again, there is nothing to prune")


def remembers_claim_codes_as_digests(new_ledger: NewLedger) -> None:
    with _opened(new_ledger) as ledger:
        ledger.keep_claim("code-1", SubjectId("call:1"), {"until": "2027-01-01"})
        found = ledger.find_claim("code-1")
        expect(found is not None and found.subject == "call:1", "a claim code finds its subject")
        expect(found is not None and (found.body or {}).get("until") == "2027-01-01", "and what was kept with it")
        expect(found is not None and "code-1" not in repr(found), "the code itself is kept nowhere")
        expect(ledger.find_claim("code-2") is None, "an unknown code finds nothing")


def takes_many_callers(new_ledger: NewLedger) -> None:
    found: list[Receipt] = []
    with _opened(new_ledger) as ledger:

        def call(k: int) -> None:
            for n in range(10):
                found.extend(_append(ledger, [draft(0, f"call:{k}:{n}"), draft(0, f"call:{k}:{n}")]))

        threads = [Thread(target=call, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(sorted(r.index for r in found) == list(range(160)), "every entry of every caller has its place")
        expect(all(_holds(r, ledger.checkpoint()) for r in found), "every receipt holds")
        pairs = [tuple(ledger.uses_of(SubjectId(f"call:{k}:{n}"))) for k in range(8) for n in range(10)]
        expect(all(b == a + 1 for a, b in pairs), "entries of one append stand together")


def refuses_when_closed(new_ledger: NewLedger) -> None:
    ledger = new_ledger()
    _fill(ledger, 1)
    ledger.close()
    ledger.close()
    with expect_raises(LedgerError, "appending to a closed ledger"):
        _append(ledger, [draft(1)])


PROMISES: Final[tuple[Callable[[NewLedger], None], ...]] = (
    starts_empty,
    gives_back_what_was_appended,
    writes_canonical_json,
    gives_receipts_that_hold,
    shows_nothing_in_common,
    finds_uses_by_subject,
    names_actors_inside,
    appends_all_or_nothing,
    refuses_a_clock_set_back,
    keeps_records_with_the_entries,
    erases_a_subject_and_the_proofs_hold,
    prunes_in_whole_bundles_and_the_proofs_hold,
    remembers_claim_codes_as_digests,
    takes_many_callers,
    refuses_when_closed,
)


def check_ledger(new_ledger: NewLedger) -> None:
    """Hold a store to every promise. Raises: Broken at the first that it does not keep."""
    for promise in PROMISES:
        promise(new_ledger)
