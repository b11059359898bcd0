"""Every door to the outside on one page. Adapters implement these; conformance suites hold them to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from tocsin.accounting.access import DatasetId, RoleId
from tocsin.accounting.approvals import Export, Made, Option
from tocsin.accounting.entries import AccountId, Entry, EntryDraft, Json, Receipt, SubjectId
from tocsin.accounting.identity.accounts import Passkey, UserAccount
from tocsin.accounting.identity.sessions import Session
from tocsin.accounting.identity.tokens import OneTimeLink, ServiceToken
from tocsin.accounting.records import Record
from tocsin.model.commands import Command
from tocsin.model.events import Draft, Payload, Recorded
from tocsin.model.ids import CallId, CommandId, EventId, Seq
from tocsin.model.messages import AnyMessage_contra
from tocsin.model.seal import Sealed

T = TypeVar("T")
R = TypeVar("R")

EMPTY_LOG = Seq(0)
"""Head of a log without events."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A folded situation as bytes, taken after event `seq`, when the desk's clock stood at `at`.
    `version` names the encoding: a snapshot of another version is passed over, never guessed at."""

    seq: Seq
    at: datetime
    version: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Reported:
    """An event that reported a call. `quarantined`: the report was set aside; `sealed`: something was sealed with it,
    whether or not it is still there."""

    event: EventId
    quarantined: bool
    sealed: bool
    commitment: bytes | None = field(default=None, compare=False)
    """Of what was sealed: it stays when the payload is destroyed."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row of the log as it lies there.

    `data` is everything that is stored of the event, in a form of its own that never changes; `body` the event's own
    part of it; `read` gives the event, and raises LogDamaged where it cannot be read."""

    seq: Seq
    kind: str
    data: bytes
    body: bytes
    read: Callable[[], Recorded]


class EventLog(Protocol):
    """The one append-only log. Thread-safe for readers; one process and one thread appends."""

    def append(self, drafts: Sequence[Draft], expected: Seq) -> tuple[Recorded, ...]:
        """Append all or nothing, durably, after event `expected`.

        Raises: Conflict if the head is not `expected`; LogFull; LogDamaged.
        """
        ...

    def read(self, after: Seq = EMPTY_LOG, until: datetime | None = None) -> Iterator[Recorded]:
        """Events with `seq > after` in order, and only those with `at <= until` where given. Streams."""
        ...

    def rows(self, after: Seq = EMPTY_LOG) -> Iterator[StoredRow]:
        """Rows with `seq > after` in order, as they are stored and unread: what an anchor in the ledger is made of.
        A row that is missing is passed over, so that whoever counts sees it."""
        ...

    def head(self) -> Seq: ...

    def last_at(self) -> datetime | None:
        """The `at` of the newest event."""
        ...

    def known(self, commands: Iterable[CommandId]) -> set[CommandId]:
        """Which of these commands the log holds already."""
        ...

    def reports_of(self, calls: Collection[CallId]) -> Mapping[CallId, tuple[Reported, ...]]:
        """The events that reported each of these calls, oldest first; calls that the log does not know are left out."""
        ...

    def open_payload(self, event: EventId) -> Sealed[Payload] | None:
        """The sealed part of an event, still sealed: `desk/disclose.py` opens it. None when it never had one, or it was
        destroyed.

        Raises: LogDamaged when the payload does not match its commitment."""
        ...

    def destroy_payload(self, event: EventId) -> bool:
        """Destroy the sealed part for good. The event, its commitment and every fold stay."""
        ...

    def destroy_payloads(self, events: Sequence[EventId]) -> int:
        """The same for many at once; how many there were to destroy."""
        ...

    def save_snapshot(self, snapshot: Snapshot) -> None: ...

    def find_snapshot(self, version: str, until: datetime | None = None) -> Snapshot | None:
        """The newest of this version, with `at < until` where given (strictly: more events may share the instant)."""
        ...

    def close(self) -> None: ...


class Feed(Protocol):
    """Yields commands in time order. A feed only reports; it never touches state."""

    name: str

    def first_at(self) -> datetime | None:
        """When its first report happened; None when it has none."""
        ...

    def last_at(self) -> datetime | None: ...

    def between(self, after: datetime, until: datetime) -> Sequence[tuple[datetime, Command]]:
        """Reports with `after < time <= until`, in time order, ids the same at every call."""
        ...

    def next_call(self, after: datetime) -> datetime | None:
        """When the next call comes in; None after the last."""
        ...

    def next_report(self, after: datetime) -> datetime | None:
        """When the next report of any kind comes in; None after the last."""
        ...


class Outlet(Protocol[AnyMessage_contra]):
    """Sends messages of one type: `Outlet[Message]` belongs to the real world, `Outlet[ExerciseMessage]` to an
    exercise, and neither takes the other's. At least once: receivers ignore an id that they know."""

    def send(self, message: AnyMessage_contra) -> None:
        """Send one message.

        Raises: NeverDone for a message of the other type, whatever the types said; BadSettings when it cannot be sent.
        """
        ...


class Clock(Protocol):
    """The desk's time. Aware, UTC."""

    def now(self) -> datetime: ...


class Executor(Protocol):
    """Runs a function over shards, in this process or elsewhere."""

    def map(self, function: Callable[[T], R], shards: Sequence[T]) -> list[R]: ...


class Ledger(Protocol):
    """The transparency log beside the event log: append-only, Merkle-hashed, signed. Thread-safe; many may append."""

    def append(self, drafts: Sequence[EntryDraft], records: Sequence[Record] = ()) -> Future[tuple[Receipt, ...]]:
        """Append all or nothing. The future is done when the entries are on the disk and under a signed checkpoint;
        entries of many callers share one commit. `records` are private notes that are kept in the same commit, or
        not at all.

        The future raises: LedgerFull, LedgerDamaged, ClockSetBack, BadEntry; then nothing was kept.
        """
        ...

    def size(self) -> int: ...

    def checkpoint(self) -> str:
        """The newest signed checkpoint, a C2SP signed note, with the witnesses' cosignatures that are known."""
        ...

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """Entries with `start <= index < stop`, in order. Pruned ones come with their kind unknown left out."""
        ...

    def receipt(self, index: int) -> Receipt:
        """A fresh receipt against the newest checkpoint. Raises: NotFound."""
        ...

    def uses_of(self, subject: SubjectId) -> Sequence[int]:
        """Indexes of the entries that concern a subject, oldest first; empty once it was erased."""
        ...

    def open_payload(self, index: int) -> Sealed[Mapping[str, Json]] | None:
        """The payload of an entry; None when it never had one or it was destroyed. Raises: LedgerDamaged."""
        ...

    def actor_of(self, index: int) -> AccountId | None:
        """Who did it; None where nobody is named, or the account was forgotten."""
        ...

    def erase(self, subject: SubjectId) -> int:
        """Destroy a subject's key, its records and every payload that concerns it alone; how many entries it was in.
        Proofs hold on."""
        ...

    def forget_actor(self, account: AccountId) -> int:
        """Destroy an account's key and what says which entries are its; how many there were. Proofs hold on."""
        ...

    def prune(self, before: int, rule: str, at: datetime) -> int:
        """Delete entries with `index < before` and what lies beside them, in whole bundles of 256; the first index
        that is left. An entry `prune` of `at` says so first, under which rule of retention. Hashes stay and proofs
        hold on. Raises: as the future of `append`.
        """
        ...

    def find_record(self, space: str, name: str) -> Record | None: ...

    def list_records(self, space: str) -> Sequence[Record]:
        """All records of a space, by id."""
        ...

    def keep_claim(self, code: str, subject: SubjectId, body: Mapping[str, Json] | None = None) -> None:
        """Remember a claim code for a subject, as a keyed digest: the code itself is kept nowhere."""
        ...

    def find_claim(self, code: str) -> Record | None:
        """The claim that a code stands for; equal work whether there is one or not."""
        ...

    def close(self) -> None: ...


class Release(Protocol):
    """Something that can leave. `what`: its name; `datasets`: what it is made of, all of which the policy has to let
    out, the most sensitive first; `options`: what may be chosen, each in words."""

    @property
    def what(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def datasets(self) -> tuple[DatasetId, ...]: ...
    @property
    def options(self) -> Mapping[str, str]: ...

    def find_fault(self, options: Mapping[str, Option]) -> str | None:
        """What is wrong with the options, in words; None: nothing."""
        ...

    def release(self, approved: Export, into: Path) -> Made:
        """Make the one file in the empty folder `into`. `approved` says for whom and who agreed: what is made may
        carry it. Raises: TocsinError where it cannot be made; nothing leaves then."""
        ...


class Shelf(Protocol):
    """Where files lie that were released, until they expire."""

    def fresh(self, export: str) -> Path:
        """An empty folder for an export's one file."""
        ...

    def measure(self, file: Path) -> tuple[int, str]:
        """Its bytes, and its SHA-256 in hex; from now on its owner alone reads it."""
        ...

    def find(self, export: str, file: str) -> Path | None: ...

    def delete(self, export: str) -> None:
        """What is not there is gone already."""
        ...

    def list_ids(self) -> Sequence[str]:
        """Exports that something lies here of."""
        ...


class AccountStore(Protocol):
    """Accounts, sessions, tokens and links. Thread-safe; other processes may change it beside this one. What is
    changed is durable on return, with the entries that the ledger is to get of it."""

    def find_account(self, account: AccountId) -> UserAccount | None: ...

    def find_login(self, login: str) -> UserAccount | None:
        """By normal login."""
        ...

    def find_subject(self, subject: str) -> UserAccount | None:
        """By issuer and subject at the single sign-on."""
        ...

    def list_accounts(self) -> tuple[UserAccount, ...]:
        """Oldest first."""
        ...

    def add_account(self, account: UserAccount, entries: Sequence[EntryDraft] = ()) -> None:
        """Raises: Taken when its id, login or subject is another's."""
        ...

    def change_account(self, account: UserAccount, entries: Sequence[EntryDraft] = ()) -> UserAccount:
        """Put a changed copy in place of the account of the same `version`, which is raised.

        Raises: Changed when somebody else changed it since; NotFound; Taken."""
        ...

    def find_session(self, digest: str) -> Session | None: ...

    def keep_session(self, session: Session, instead_of: str | None = None) -> bool:
        """Keep it. With `instead_of`, in the place of the session of that digest and only if that still is there, in
        one step: False when it is not, and nothing was kept."""
        ...

    def touch_session(self, digest: str, seen_at: datetime) -> None:
        """It was used; nothing else of it changes."""
        ...

    def list_sessions(self, account: AccountId) -> tuple[Session, ...]: ...

    def drop_session(self, digest: str) -> None: ...

    def find_token(self, digest: str) -> ServiceToken | None: ...

    def list_tokens(self, account: AccountId) -> tuple[ServiceToken, ...]: ...

    def add_token(self, token: ServiceToken, entries: Sequence[EntryDraft] = ()) -> None: ...

    def drop_token(self, digest: str, entries: Sequence[EntryDraft] = ()) -> None: ...

    def add_link(self, link: OneTimeLink, entries: Sequence[EntryDraft] = ()) -> None:
        """In the place of every other link of the same kind and account."""
        ...

    def find_link(self, digest: str) -> OneTimeLink | None: ...

    def take_link(self, digest: str) -> OneTimeLink | None:
        """The link, gone from now on: of many who take it at once, one gets it."""
        ...

    def sweep(self, sessions_before: datetime, links_before: datetime) -> None:
        """Forget sessions opened, and links that expired, before these times."""
        ...

    def list_entries(self, most: int = 100) -> tuple[tuple[int, EntryDraft], ...]:
        """Entries that wait for the ledger, oldest first, with the number to settle them by."""
        ...

    def add_entries(self, entries: Sequence[EntryDraft]) -> None:
        """Entries of what changed nothing here: sign-ins, counts of failed ones."""
        ...

    def settle_entries(self, numbers: Sequence[int]) -> None:
        """The ledger has them."""
        ...

    def close(self) -> None: ...


class Passwords(Protocol):
    """Hashes passwords and checks them. Slow on purpose: never on the event loop."""

    def encoded(self, password: str) -> str:
        """The hash with its salt and parameters."""
        ...

    def is_right(self, encoded: str | None, password: str) -> bool:
        """Whether it is the hash's password. None, for an account that is not there or has none: never, and as late."""
        ...

    def is_to_renew(self, encoded: str) -> bool:
        """Whether it was made at another cost than today's."""
        ...


class Passkeys(Protocol):
    """Speaks WebAuthn with authenticators, through the browser."""

    def registration(self, account: UserAccount, challenge: bytes) -> Mapping[str, Json]:
        """What `navigator.credentials.create` is asked with: `PublicKeyCredentialCreationOptions` as JSON."""
        ...

    def find_registered(
        self, answer: Mapping[str, Json], challenge: bytes, title: str, now: datetime
    ) -> Passkey | None:
        """The passkey that the answer registers; None when it does not hold."""
        ...

    def request(self, account: UserAccount, challenge: bytes) -> Mapping[str, Json]:
        """What `navigator.credentials.get` is asked with: `PublicKeyCredentialRequestOptions` as JSON."""
        ...

    def find_used(self, account: UserAccount, answer: Mapping[str, Json], challenge: bytes) -> Passkey | None:
        """The account's passkey that signed the challenge, with its new counter; None when none did."""
        ...


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a single sign-on says of somebody: issuer and subject as one, what may become a login, roles and office."""

    subject: str
    login: str
    roles: frozenset[RoleId]
    office: str


class SingleSignOn(Protocol):
    """An OpenID Connect provider."""

    def begin(self, return_to: str) -> tuple[str, str]:
        """Where to send the browser, and what it is to keep until it returns (state, nonce, PKCE verifier; opaque).

        Raises: AccountError when the provider cannot be asked."""
        ...

    def finish(self, kept: str, query: Mapping[str, str], return_to: str) -> Vouched | None:
        """Whom the provider vouches for; None for an answer that is not to what was asked, or says no.

        Raises: AccountError when the provider cannot be asked."""
        ...
