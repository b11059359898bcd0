"""`tocsin bench ledger`: durable appends, full disclosures, proofs and decisions, and rivals in the same run.

Appends and disclosures go through the ledger of a house on the disk, published as ever. A disclosure is everything: the
policy's decision, the durable entry, its receipt, the sealed place opened.

What is kept between two pieces of work, and what is not:

* `decisions_per_s` is the policy itself: every request is evaluated, none is remembered. 200 go before, untimed.
* Appends and disclosures are timed from the first on; a p99 is that of all of them, waiting included.
* The gate asks the policy an identical question once a second. `disclosures_per_s` has one question, as a desk has that
  is busy with one task; `questions` counts how often the policy was asked. `each_decided` is the same gate with
  everybody from an office of their own, so that each disclosure is a question that was not asked before.
* `proofs_per_s` is with the tree's tiles in memory, as far as they fit; `first_proofs_per_s` is the first 2,000.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from tocsin.accounting.access import Access, BasisId, DatasetId, Decision, FieldId, PurposeId, Request, RoleId
from tocsin.accounting.entries import AccountId, EntryDraft, EntryKind, Receipt, SubjectId
from tocsin.accounting.identity.principal import Means, Principal
from tocsin.accounting.merkle import leaf_hash, verify_inclusion
from tocsin.accounting.policy import CedarPolicy
from tocsin.accounting.uses import Ask, Disclosure, Refusal
from tocsin.adapters.clocks import WallClock
from tocsin.adapters.ledgers import SqliteLedger, open_ledger
from tocsin.adapters.packs.access import read_access
from tocsin.adapters.stores import LOG_FILE, SqliteLog
from tocsin.bench.ledger import rivals
from tocsin.bench.ledger.disk import filesystem_of
from tocsin.bench.ledger.rules import policy_of_size, requests
from tocsin.bench.ledger.timing import Timed, one_by_one, under_way
from tocsin.bench.progress import Tell, silent
from tocsin.desk.disclose import Disclosures
from tocsin.errors import LedgerDamaged
from tocsin.model.events import CallReported, Draft, Payload
from tocsin.model.ids import CallId, CommandId, EventId
from tocsin.model.origin import Mode, Origin
from tocsin.ports import EMPTY_LOG

_PURPOSE: Final = PurposeId("emergency_response")
_BASIS: Final = BasisId("eu-gdpr:A6-1-d")
_CALLS: Final = DatasetId("calls")
_PLACE: Final = FieldId("place")
_WHO: Final = Principal(
    AccountId("bench"),
    RoleId("dispatcher"),
    frozenset({RoleId("dispatcher")}),
    "Fire department",
    Means.PASSWORD,
    session="bench",
)
_FILL: Final = 5_000


@dataclass(frozen=True, slots=True)
class Effort:
    """How much of everything. `at_once_*`: callers that wait at any time; `leaves`: of the ledger that proofs are made
    in; `calls`: sealed places that are opened again and again; `each_decided`: disclosures that share no decision."""

    appends: int = 30_000
    at_once_appends: int = 256
    disclosures: int = 15_000
    at_once_disclosures: int = 128
    each_decided: int = 4_000
    calls: int = 1_000
    leaves: int = 200_000
    proofs: int = 20_000
    decisions: int = 30_000
    policies: int = 100
    seed: int = 1
    rivals: bool = True


def bench(folder: Path, effort: Effort, tell: Tell = silent) -> dict[str, Any]:
    """The command's whole result as it stands in JSON. `folder`: empty, on the disk that a desk would use."""
    policy = policy_of_size(read_access(None), effort.policies, effort.seed)
    parts: list[tuple[str, Callable[[], dict[str, Any]]]] = [
        ("decisions", lambda: _decisions(policy, effort)),
        ("appends", lambda: _appends(folder / "appends", effort)),
        ("disclosures", lambda: _disclosures(folder / "disclosures", policy, effort)),
        ("proofs", lambda: _proofs(folder / "proofs", effort)),
    ]
    result: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    for done, (name, work) in enumerate(parts):
        tell(name, done, len(parts) + effort.rivals)
        found = work()
        result |= found.pop("keys")
        beside[name] = found
    if effort.rivals:
        tell("rivals", len(parts), len(parts) + 1)
        beside["rivals"] = rivals.run(folder / "rivals", policy, effort.seed, result)
    return {**result, "filesystem": filesystem_of(folder), "sizes": _sizes(effort), "parts": beside}


def _sizes(effort: Effort) -> dict[str, int]:
    names = [name for name in effort.__dataclass_fields__ if name not in ("seed", "rivals")]
    return {name: getattr(effort, name) for name in names}


def _figures(timed: Timed) -> dict[str, float]:
    return {"p50_ms": timed.p50_ms, "cpu_us": timed.cpu_us}


def _decisions(policy: CedarPolicy, effort: Effort) -> dict[str, Any]:
    asked = requests(policy.access, effort.decisions, effort.seed + 1)
    for request in asked[:200]:
        policy.decide(request)
    allowed = 0

    def decide(n: int) -> None:
        nonlocal allowed
        allowed += policy.decide(asked[n]).allowed

    timed = one_by_one(decide, len(asked))
    keys = {"decisions_per_s": timed.per_s, "decision_p99_ms": timed.p99_ms}
    return {"keys": keys, **_figures(timed), "allowed": allowed}


def draft(n: int, at: datetime) -> EntryDraft:
    """An entry as the gate writes them: an actor, a subject, a payload, some twenty fields."""
    return EntryDraft(
        EntryKind.USE,
        at,
        {
            "role": "dispatcher",
            "office": "Fire department",
            "means": "password",
            "action": "consult",
            "dataset": "calls",
            "fields": ["place"],
            "purpose": "https://w3id.org/dpv#ProtectionOfPublicSecurity",
            "basis": _BASIS,
            "stated": "task",
            "decision": "allow",
            "policies": ["dispatcher-consults-calls", "sealed-for-emergencies"],
            "policy_set": "8f" * 32,
            "rows": 1,
        },
        AccountId(f"account-{n % 40}"),
        (SubjectId(f"call:{n % 20_000}"),),
        {"reason": "bench"},
    )


def _appends(folder: Path, effort: Effort) -> dict[str, Any]:
    clock, ledger = WallClock(), open_ledger(folder, "tocsin/bench")

    def check(receipts: tuple[Receipt, ...]) -> None:
        if len(receipts) != 1:
            raise LedgerDamaged("an append came back without its receipt")

    timed = under_way(lambda n: ledger.append([draft(n, clock.now())]), effort.appends, effort.at_once_appends, check)
    keys = {"appends_per_s": timed.per_s, "append_p99_ms": timed.p99_ms}
    size, published = ledger.size(), ledger.publisher.size
    ledger.close()
    return {"keys": keys, **_figures(timed), "entries": size, "published_meanwhile": published}


def _log(folder: Path, effort: Effort) -> SqliteLog:
    origin = Origin("feed:bench", "feed", "emergency_response", Mode.LIVE)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    log = SqliteLog(folder / LOG_FILE)

    def called(n: int) -> Draft:
        at, name = start + timedelta(seconds=n), f"b{n}"
        event = CallReported(CallId(name), at, "Fire", 1, 480.0, None, None)
        sealed = Payload({"lon": repr(0.001 * n), "lat": "10.5", "kind": "52D01"})
        return Draft(EventId(f"{name}#0"), CommandId(name), at, origin, event, sealed)

    log.append([called(n) for n in range(effort.calls)], EMPTY_LOG)
    return log


class _Counted:
    """A policy that counts how often it is asked."""

    def __init__(self, policy: CedarPolicy) -> None:
        self._policy = policy
        self.questions = 0

    @property
    def access(self) -> Access:
        return self._policy.access

    def decide(self, request: Request) -> Decision:
        self.questions += 1
        return self._policy.decide(request)


def _disclosures(folder: Path, policy: CedarPolicy, effort: Effort) -> dict[str, Any]:
    ledger, counted = open_ledger(folder, "tocsin/bench"), _Counted(policy)
    log = _log(folder, effort)
    gate = Disclosures(counted, ledger, log, WallClock())
    timed = _opened(gate, effort, effort.disclosures, lambda _: _WHO)
    entries, questions = ledger.size(), counted.questions
    apart = _opened(gate, effort, effort.each_decided, lambda n: replace(_WHO, office=f"Office {n}"))
    gate.close()
    ledger.close()
    log.close()
    each = {"per_s": apart.per_s, "p99_ms": apart.p99_ms, **_figures(apart), "questions": counted.questions - questions}
    keys = {"disclosures_per_s": timed.per_s, "disclosure_p99_ms": timed.p99_ms}
    return {"keys": keys, **_figures(timed), "entries": entries, "questions": questions, "each_decided": each}


def _opened(gate: Disclosures, effort: Effort, count: int, who: Callable[[int], Principal]) -> Timed:
    """Disclosures, each looked at. Raises: LedgerDamaged where one opens nothing."""
    which = np.random.default_rng(effort.seed).integers(effort.calls, size=count)

    def ask(n: int) -> Ask:
        return Ask(_CALLS, frozenset({_PLACE}), (CallId(f"b{which[n]}"),), _PURPOSE, _BASIS)

    def check(answer: Disclosure | Refusal) -> None:
        if isinstance(answer, Refusal):
            raise LedgerDamaged(f"the gate refused: {answer.what}")
        if _PLACE not in answer.rows[0].values:
            raise LedgerDamaged("the gate opened nothing")

    return under_way(lambda n: gate.submit(ask(n), who(n)), count, effort.at_once_disclosures, check)


def _proofs(folder: Path, effort: Effort) -> dict[str, Any]:
    clock = WallClock()
    folder.mkdir(parents=True)
    ledger = open_ledger(folder, "tocsin/bench")
    for start in range(0, effort.leaves, _FILL):
        now, stop = clock.now(), min(start + _FILL, effort.leaves)
        ledger.append([EntryDraft(EntryKind.USE, now, {"rows": n}) for n in range(start, stop)]).result()
    which = np.random.default_rng(effort.seed).integers(effort.leaves, size=effort.proofs).tolist()
    cold = one_by_one(lambda n: ledger.proof(which[n]), min(2_000, effort.proofs))
    timed = one_by_one(lambda n: ledger.proof(which[n]), effort.proofs)
    receipts = one_by_one(lambda n: ledger.receipt(which[n]), min(5_000, effort.proofs))
    _verify(ledger, which[:200])
    ledger.close()
    return {
        "keys": {"proofs_per_s": timed.per_s},
        **_figures(timed),
        "p99_ms": timed.p99_ms,
        "first_proofs_per_s": cold.per_s,
        "receipts_per_s": receipts.per_s,
        "hashes": int(np.ceil(np.log2(max(effort.leaves, 2)))),
    }


def _verify(ledger: SqliteLedger, which: list[int]) -> None:
    """Raises: LedgerDamaged where a proof that was timed does not hold."""
    root, size = ledger.root(), ledger.size()
    for index in which:
        entry = next(ledger.entries(index, index + 1))
        if not verify_inclusion(index, size, leaf_hash(entry.data), root, ledger.proof(index)):
            raise LedgerDamaged(f"the proof of entry {index} does not hold")
