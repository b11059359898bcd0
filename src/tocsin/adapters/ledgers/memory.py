"""The ledger in memory: what tests and a replay without a data folder use. The same entries, proofs and refusals."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from threading import RLock

from tocsin.accounting.canonical import canonical, read_canonical
from tocsin.accounting.checkpoints import Checkpoint, accept_cosignature, sign_checkpoint
from tocsin.accounting.entries import AccountId, Entry, EntryDraft, EntryKind, Json, Receipt, SubjectId
from tocsin.accounting.form import commitment_in, read_entry
from tocsin.accounting.leaves import MINIMUM_INDEX
from tocsin.accounting.merkle import MerkleTree, leaf_hash
from tocsin.accounting.notes import SigningKey, VerifierKey
from tocsin.accounting.pseudonyms import KEY_BYTES, commitment
from tocsin.accounting.receipts import write_receipt
from tocsin.accounting.records import Record
from tocsin.accounting.tiles import TILE_WIDTH
from tocsin.adapters.ledgers.claims import CLAIMS, claim_digest, claim_record
from tocsin.adapters.ledgers.drafting import Drafted, Scribe, check_clock
from tocsin.errors import LedgerDamaged, LedgerError, NotFound, TocsinError
from tocsin.model.seal import Sealed, seal


@dataclass(frozen=True, slots=True)
class _Kept:
    """The payload of an entry."""

    salt: bytes
    body: bytes


class MemoryLedger:
    """Implements `ports.Ledger`. Appends are done when `append` returns.

    Args:
        key: signs checkpoints; its name is the ledger's.
        witnesses: whose cosignatures are taken.
        random: gives n random bytes.
    """

    def __init__(
        self,
        key: SigningKey | None = None,
        witnesses: Sequence[VerifierKey] = (),
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._key = key or SigningKey("tocsin.example/memory", random(32))
        self._witnesses = tuple(witnesses)
        self._random = random
        self._lock = RLock()
        self._tree = MerkleTree()
        self._first = 0
        self._last_at_s = 0
        self._entries: list[bytes] = []
        self._payloads: dict[int, _Kept] = {}
        self._subject_keys: dict[str, bytes] = {}
        self._actor_keys: dict[str, bytes] = {}
        self._concerns: dict[str, list[int]] = {}
        self._subjects_of: dict[int, tuple[SubjectId, ...]] = {}
        self._actors: dict[int, AccountId] = {}
        self._records: dict[tuple[str, str], Record] = {}
        self._claim_key = random(KEY_BYTES)
        self._closed = False
        self._scribe = Scribe(random, self._subject_key, self._actor_key)
        self._note = self._sign()

    @property
    def verifier(self) -> VerifierKey:
        """The public half of the key that signs."""
        return self._key.verifier

    def append(self, drafts: Sequence[EntryDraft], records: Sequence[Record] = ()) -> Future[tuple[Receipt, ...]]:
        future: Future[tuple[Receipt, ...]] = Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(self._append(drafts, records))
        except TocsinError as error:
            future.set_exception(error)
        return future

    def _append(self, drafts: Sequence[EntryDraft], records: Sequence[Record]) -> tuple[Receipt, ...]:
        with self._lock:
            if self._closed:
                raise LedgerError("the ledger is closed: nothing of this was kept")
            last_at_s, written = self._last_at_s, []
            for draft in drafts:
                written.append(self._scribe.write(draft))
                last_at_s = check_clock(written[-1].at_s, last_at_s)
            first = len(self._entries)
            self._last_at_s = last_at_s
            for one in written:
                self._keep(one)
            for record in records:
                self._keep_record(record)
            self._note = self._sign() if written else self._note
            return tuple(self.receipt(index) for index in range(first, len(self._entries)))

    def _keep(self, one: Drafted) -> None:
        index = self._tree.append(leaf_hash(one.data))
        self._entries.append(one.data)
        if one.payload is not None:
            self._payloads[index] = _Kept(one.salt, one.payload)
        self._subjects_of[index] = tuple(dict.fromkeys(one.draft.subjects))
        for subject in self._subjects_of[index]:
            self._subject_key(subject)
            self._concerns.setdefault(subject, []).append(index)
        if one.draft.actor is not None:
            self._actors[index] = one.draft.actor

    def _keep_record(self, record: Record) -> None:
        if record.body is None:
            self._records.pop((record.space, record.id), None)
        else:
            body = read_canonical(canonical(record.body))
            self._records[record.space, record.id] = Record(record.space, record.id, body, record.subject)

    def size(self) -> int:
        return len(self._entries)

    def checkpoint(self) -> str:
        return self._note

    def add_cosignature(self, line: str) -> str:
        """Take a witness's cosignature of the newest checkpoint; the checkpoint with it. Raises: BadProof."""
        with self._lock:
            self._note = accept_cosignature(self._note, line, self._witnesses)
            return self._note

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        end = self.size() if stop is None else min(stop, self.size())
        for index in range(max(start, self._first), end):
            yield read_entry(index, self._entries[index])

    def receipt(self, index: int) -> Receipt:
        with self._lock:
            if not self._first <= index < self.size():
                raise NotFound(f"the ledger holds no entry {index}")
            size = self.size()
            proof = self._tree.inclusion(index, size)
            return Receipt(
                index, size, self._entries[index], write_receipt(index, proof, self._note, self._entries[index])
            )

    def uses_of(self, subject: SubjectId) -> Sequence[int]:
        return tuple(self._concerns.get(subject, ()))

    def open_payload(self, index: int) -> Sealed[Mapping[str, Json]] | None:
        kept = self._payloads.get(index)
        if kept is None:
            return None
        if commitment(kept.salt, kept.body) != commitment_in(read_entry(index, self._entries[index]).body):
            raise LedgerDamaged(f"the payload of entry {index} is not what the entry commits to: it was changed")
        return seal(read_canonical(kept.body))

    def actor_of(self, index: int) -> AccountId | None:
        return self._actors.get(index)

    def erase(self, subject: SubjectId) -> int:
        with self._lock:
            self._subject_keys.pop(subject, None)
            indexes = self._concerns.pop(subject, [])
            for index in indexes:
                others = tuple(s for s in self._subjects_of[index] if s != subject)
                self._subjects_of[index] = others
                if not others:
                    self._payloads.pop(index, None)
            self._records = {k: r for k, r in self._records.items() if r.subject != subject}
            return len(indexes)

    def forget_actor(self, account: AccountId) -> int:
        with self._lock:
            self._actor_keys.pop(account, None)
            indexes = [index for index, actor in self._actors.items() if actor == account]
            for index in indexes:
                del self._actors[index]
            return len(indexes)

    def prune(self, before: int, rule: str, at: datetime) -> int:
        with self._lock:
            first = min(before, self.size()) // TILE_WIDTH * TILE_WIDTH
            if first <= self._first:
                return self._first
            body: dict[str, Json] = {MINIMUM_INDEX: first, "rule": rule, "entries": first - self._first}
            self._append([EntryDraft(EntryKind.PRUNE, at, body)], ())
            concerns = defaultdict(list, {s: [i for i in found if i >= first] for s, found in self._concerns.items()})
            for index in range(self._first, first):
                self._entries[index] = b""
                self._payloads.pop(index, None)
                self._actors.pop(index, None)
                self._subjects_of.pop(index, None)
            self._concerns = {s: found for s, found in concerns.items() if found}
            self._first = first
            return first

    def find_record(self, space: str, name: str) -> Record | None:
        return self._records.get((space, name))

    def list_records(self, space: str) -> Sequence[Record]:
        return [self._records[k] for k in sorted(self._records) if k[0] == space]

    def keep_claim(self, code: str, subject: SubjectId, body: Mapping[str, Json] | None = None) -> None:
        with self._lock:
            self._keep_record(claim_record(self._claim_key, code, subject, body))

    def find_claim(self, code: str) -> Record | None:
        return self.find_record(CLAIMS, claim_digest(self._claim_key, code))

    def close(self) -> None:
        self._closed = True

    def _sign(self) -> str:
        return sign_checkpoint(Checkpoint(self._key.name, len(self._entries), self._tree.root()), self._key)

    def _subject_key(self, subject: str) -> bytes:
        return self._subject_keys.setdefault(subject, self._random(KEY_BYTES))

    def _actor_key(self, account: str) -> bytes:
        return self._actor_keys.setdefault(account, self._random(KEY_BYTES))
