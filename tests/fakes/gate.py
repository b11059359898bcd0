"""The gate over a made-up log: calls with sealed places, one destroyed, one without, one that was set aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tocsin.accounting.access import BasisId, DatasetId, FieldId, PurposeId, RoleId
from tocsin.accounting.entries import AccountId, EntryDraft, EntryKind, Receipt
from tocsin.accounting.identity.principal import Means, Principal
from tocsin.accounting.policy import CedarPolicy
from tocsin.accounting.records import Record
from tocsin.accounting.uses import Ask, Disclosure, Refusal
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.ledgers import MemoryLedger
from tocsin.adapters.packs.access import read_access
from tocsin.adapters.stores import MemoryLog
from tocsin.desk.disclose import Disclosures
from tocsin.desk.standing import Standing
from tocsin.desk.tasks import Tasks
from tocsin.model.events import CallReported, Draft, Payload, ReportQuarantined
from tocsin.model.ids import CallId, CommandId, EventId, Seq
from tocsin.model.origin import Mode, Origin
from tocsin.model.seal import Sealed

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
LON, LAT = 10.0212345, 50.0198765
EMERGENCY, BASIS = PurposeId("emergency_response"), BasisId("eu-gdpr:A6-1-d")
CALLS, PLACE, KIND, RAW = DatasetId("calls"), FieldId("place"), FieldId("kind_reported"), FieldId("raw")
_ORIGIN = Origin("feed:test", "feed", "emergency_response", Mode.LIVE)
POLICY = CedarPolicy(read_access(None))


def somebody(role: str, *more: str) -> Principal:
    """A person who wears `role` and holds `more` beside it."""
    roles = frozenset(RoleId(name) for name in (role, *more))
    return Principal(AccountId(f"a-{role}"), RoleId(role), roles, "Fire department", Means.PASSWORD, session=role)


def _came(n: int, call: str, sealed: Payload | None) -> Draft:
    event = CallReported(CallId(call), NOW, "Fire", 1, None, None, None)
    return Draft(EventId(f"e{n}"), CommandId(f"e{n}"), NOW, _ORIGIN, event, sealed)


def make_log(more: int = 0) -> MemoryLog:
    """Calls `c1` (place and kind), `gone` (destroyed), `bare` (nothing sealed), `aside` (its report was set aside), and
    `n0` … for `more` of them."""
    log = MemoryLog()
    place = Payload({"lon": repr(LON), "lat": repr(LAT), "kind": "52D01"})
    aside = ReportQuarantined("duplicate_call", "call", "known", CallId("aside"))
    drafts = [
        _came(1, "c1", place),
        _came(2, "gone", place),
        _came(3, "bare", None),
        Draft(EventId("e4"), CommandId("e4"), NOW, _ORIGIN, aside, Payload(raw=b'{"call":"aside","note":"\xff"}')),
        *(_came(10 + n, f"n{n}", place) for n in range(more)),
    ]
    log.append(drafts, Seq(0))
    log.destroy_payload(EventId("e2"))
    return log


class RecordingLog(MemoryLog):
    """Says which payloads were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[EventId] = []

    def open_payload(self, event: EventId) -> Sealed[Payload] | None:
        self.asked.append(event)
        return super().open_payload(event)


class Failing(MemoryLedger):
    """A ledger that fails as it is told: `fails` gives what the next append raises, or None. Its futures are done when
    `let_go` says so, where `holds` is set."""

    def __init__(self, fails: Callable[[], Exception | None] = lambda: None, *, holds: bool = False) -> None:
        super().__init__()
        self.fails = fails
        self.holds = holds
        self._held: list[tuple[Future[tuple[Receipt, ...]], Future[tuple[Receipt, ...]]]] = []

    def append(self, drafts: Sequence[EntryDraft], records: Sequence[Record] = ()) -> Future[tuple[Receipt, ...]]:
        error = self.fails()
        answer: Future[tuple[Receipt, ...]] = Future()
        if error is not None:
            answer.set_exception(error)
            return answer
        done = super().append(drafts, records)
        if not self.holds:
            return done
        self._held.append((answer, done))
        return answer

    def let_go(self) -> None:
        """What is on the disk is told."""
        for answer, done in self._held:
            answer.set_result(done.result())
        self._held.clear()


class Revoked:
    """Accounts that took every role back, from one moment on."""

    def __init__(self, *, known: Sequence[str] = ()) -> None:
        self.why: str | None = None
        self._known = frozenset(known)

    def refuses(self, who: Principal) -> str | None:
        return self.why

    def knows(self, account: str) -> bool:
        return account in self._known


class Gate:
    """Everything around a gate, in memory."""

    def __init__(
        self, ledger: MemoryLedger | None = None, log: MemoryLog | None = None, standing: Standing | None = None
    ) -> None:
        self.log = log or make_log()
        self.ledger = ledger or MemoryLedger()
        self.clock = FakeClock(NOW)
        self.tasks = Tasks()
        self.disclosures = Disclosures(POLICY, self.ledger, self.log, self.clock, tasks=self.tasks, standing=standing)
        self.who = somebody("dispatcher")

    def ask(self, *calls: str, **changed: object) -> Disclosure | Refusal:
        """What comes of an ordinary ask with some things changed."""
        who = changed.pop("who", self.who)
        assert isinstance(who, Principal)
        return self.disclosures.submit(replace(asked(*calls), **changed), who).result(timeout=5)  # type: ignore[arg-type]

    def entries(self) -> list[tuple[EntryKind, Mapping[str, object]]]:
        return [(entry.kind, entry.body) for entry in self.ledger.entries()]

    def later(self, **span: float) -> None:
        self.clock.move_to(self.clock.now() + timedelta(**span))


def asked(*calls: str) -> Ask:
    """Open the place of these calls to answer an emergency."""
    return Ask(CALLS, frozenset({PLACE}), calls or ("c1",), EMERGENCY, BASIS)
