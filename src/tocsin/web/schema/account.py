"""The public account: which data, for what, on which basis, how often, by which office. Open to everybody.

Counts are of uses by offices, never of people: a small count tells nothing about whom a use concerned.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import ConfigDict, Field

from tocsin.web.schema.base import In, Out

UseKind = Literal["use", "refusal", "policy_error", "break_glass", "export"]
CardKind = Literal["model", "rule", "rating", "simulator"]


class Controller(Out):
    """Who answers for the data (GDPR Art. 4(7)). None: the pack does not say, and nothing was made up."""

    name: str | None
    contact: str | None
    data_protection_officer: str | None
    missing: list[str] = Field(description="What Art. 30 asks for and the pack does not say.")


class LogHead(Out):
    """The ledger as published. `checkpoint`: the signed note; None before the first one. `witnesses`: names in the
    cosignatures that it carries; whether they hold is for `tocsin verify` to say."""

    origin: str | None
    size: int
    root: str | None = Field(description="Base64 of the root hash.")
    checkpoint: str | None
    witnesses: list[str]
    pruned: int = Field(description="Entries whose bytes were deleted under the retention rule; not counted below.")


class PolicyHead(Out):
    """The policy set in force. `faults`: with any, everything is refused."""

    digest: str
    version: str
    since: datetime | None
    faults: list[str]


class KindCount(Out):
    """Entries of a kind."""

    kind: str
    entries: int


class UseCount(Out):
    """Uses of one dataset for one purpose on one basis by one role of one office."""

    kind: UseKind
    dataset: str
    dataset_title: str
    fields: list[str]
    purpose: str = Field(description="IRI; empty where none was stated.")
    purpose_title: str
    basis: str
    office: str
    role: str
    role_title: str
    action: str
    uses: int
    rows: int
    first: datetime
    last: datetime


class PeriodCount(Out):
    """Entries of one day or week, UTC; weeks begin on Monday. Days without any are listed with zeros."""

    start: date
    uses: int
    rows: int
    refusals: int
    break_glass: int
    exports: int


class BreakGlassUse(Out):
    """Restricted fields opened for life and limb. `due`: until when somebody else has to have looked at it."""

    index: int
    at: datetime
    office: str
    role: str
    dataset: str
    purpose: str
    due: datetime
    reviewed: datetime | None
    verdict: str | None
    overdue: bool


class ExportMade(Out):
    """Something that left the house. `expires`: when it has to be deleted."""

    index: int
    at: datetime
    dataset: str
    purpose: str
    office: str
    recipient: str
    expires: datetime | None
    expired: bool
    rows: int


class BudgetSpent(Out):
    """Privacy budget spent on aggregates of one dataset: the most on any one day of its data, of `limit` a day."""

    dataset: str
    epsilon: float
    limit: float | None
    releases: int
    last: datetime


class Destroyed(Out):
    """What was destroyed: `expiry` under the retention rule, `erasure` on request. `digest`: of the commitments."""

    index: int
    at: datetime
    kind: Literal["expiry", "erasure"]
    dataset: str
    rule: str
    payloads: int
    digest: str


class PublicAccount(Out):
    """The whole account of a city, worked out from policy and ledger and from nothing else."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "example": {
                "at": "2026-11-22T09:00:00Z",
                "city": "Example town",
                "note": "Counts are of uses by offices, not of people.",
                "controller": {
                    "name": None,
                    "contact": None,
                    "data_protection_officer": None,
                    "missing": ["name", "contact", "data_protection_officer"],
                },
                "log": {
                    "origin": "example.town/tocsin",
                    "size": 4,
                    "root": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                    "checkpoint": None,
                    "witnesses": [],
                    "pruned": 0,
                },
                "policy": {"digest": "5f2c", "version": "1", "since": "2026-11-21T08:00:00Z", "faults": []},
                "since": "2026-11-21T08:00:00Z",
                "until": "2026-11-22T08:55:00Z",
                "kinds": [{"kind": "policy", "entries": 1}, {"kind": "use", "entries": 3}],
                "uses": [
                    {
                        "kind": "use",
                        "dataset": "calls",
                        "dataset_title": "Calls for help",
                        "fields": ["place"],
                        "purpose": "https://w3id.org/dpv#ProtectionOfPublicSecurity",
                        "purpose_title": "Emergency response",
                        "basis": "eu-gdpr:A6-1-d",
                        "office": "Control room",
                        "role": "watch_officer",
                        "role_title": "Watch officer",
                        "action": "consult",
                        "uses": 3,
                        "rows": 3,
                        "first": "2026-11-22T07:00:00Z",
                        "last": "2026-11-22T08:55:00Z",
                    }
                ],
                "days": [
                    {"start": "2026-11-21", "uses": 0, "rows": 0, "refusals": 0, "break_glass": 0, "exports": 0},
                    {"start": "2026-11-22", "uses": 3, "rows": 3, "refusals": 0, "break_glass": 0, "exports": 0},
                ],
                "weeks": [{"start": "2026-11-16", "uses": 3, "rows": 3, "refusals": 0, "break_glass": 0, "exports": 0}],
                "break_glass": [],
                "break_glass_overdue": 0,
                "exports": [],
                "budgets": [],
                "destroyed": [],
                "claim_codes": 0,
            }
        },
    )

    at: datetime
    city: str
    note: str
    controller: Controller
    log: LogHead
    policy: PolicyHead
    since: datetime | None
    until: datetime | None
    kinds: list[KindCount]
    uses: list[UseCount]
    days: list[PeriodCount]
    weeks: list[PeriodCount]
    break_glass: list[BreakGlassUse]
    break_glass_overdue: int
    exports: list[ExportMade]
    budgets: list[BudgetSpent]
    destroyed: list[Destroyed]
    claim_codes: int = Field(description="Claim codes handed out, ever.")


class UseLine(Out):
    """One entry of the ledger about a use, as public as the ledger is."""

    index: int
    at: datetime
    kind: UseKind
    office: str
    role: str
    action: str
    dataset: str
    fields: list[str]
    purpose: str
    basis: str
    decision: str
    rows: int
    policies: list[str]
    policy_set: str


class UsePage(Out):
    """A page of uses, newest first. `total`: how many the filter finds, whatever `limit` and `offset` are."""

    total: int
    offset: int
    limit: int
    uses: list[UseLine]


class RegisterCard(Out):
    """Register card of a model, a rule or a rating. `digest`: SHA-256 of its canonical JSON without `track`, as the
    ledger's entry of kind `card` says it; `index`: of that entry. `code`: SHA-256 of the source text behind it."""

    id: str
    kind: CardKind
    name: str
    purpose: str
    data_in: list[str]
    decides: str
    does_not: str
    oversight: str
    limits: list[str]
    sources: list[str]
    settings: dict[str, str | float | int | bool | None]
    code: str
    digest: str
    index: int | None
    since: datetime | None
    track: dict[str, str | float | int | bool | None]


class Register(Out):
    """Every model, rule and rating at work here. `ratings`: how many rate organisations; none rates a person."""

    at: datetime
    city: str
    cards: list[RegisterCard]
    ratings: int


class Usage(Out):
    """One use that concerned the case of a claim code: Estonia's data tracker protocol, v1.6, and what Tocsin adds.

    `receiverCode`, `receiverName`: office and role, never the officer. Added: `purpose` (IRI), `basis`, `index` (in the
    ledger), `entry` (its canonical JSON) and `proof` (C2SP `tlog-proof`), good without asking anybody."""

    logtime: datetime
    action: str
    receiverCode: str  # noqa: N815 - the protocol's names
    receiverName: str  # noqa: N815
    receiverSystem: str  # noqa: N815
    purpose: str
    basis: str
    index: int
    entry: str
    proof: str


class FoundUsage(Out):
    """Uses of a case, newest first. `totalUsages`: in the period, whatever `limit` and `offset` are."""

    totalUsages: int  # noqa: N815 - the protocol's name
    usages: list[Usage]


class UsagePeriod(Out):
    """The span that can be asked about; without `periodEnd` up to now."""

    periodStart: datetime  # noqa: N815 - the protocol's name


class Heartbeat(Out):
    """Whether uses can be asked for."""

    status: Literal["OK", "FAIL"]
    message: str


class ClaimCode(Out):
    """A claim code, shown once: nobody can show it again. `entry`: index of the ledger's entry that says so."""

    code: str
    entry: int


class DataCategory(Out):
    """A field of a dataset that a purpose opens, with how closely it is kept and why it is held."""

    dataset: str
    dataset_title: str
    field: str
    title: str
    sensitivity: str
    why: str
    retention: str | None = Field(description="ISO 8601 duration; None: the pack states none.")


class Received(Out):
    """Who received data for a purpose, from the ledger. `internal`: an office of the house; else a named recipient."""

    name: str
    internal: bool
    uses: int
    last: datetime


class ProcessingEntry(Out):
    """One purpose: GDPR Art. 30(1), (a) to (g). `controller` is said once, beside the entries."""

    purpose: str
    title: str
    iri: str
    broader: str | None
    bases: list[str]
    subjects: list[str] = Field(description="(c) Categories of people whom the data concerns.")
    data: list[DataCategory] = Field(description="(c) Categories of data.")
    roles: list[str] = Field(description="Roles to which the policy opens them.")
    recipients: list[str] = Field(description="(d) Categories of recipients that the pack states.")
    received: list[Received] = Field(description="(d) Who received data, by the ledger.")
    transfers: list[str] = Field(description="(e) Transfers to third countries that the ledger holds.")
    erasure: list[str] = Field(description="(f) Time limits for erasure.")
    uses: int
    last: datetime | None


class ProcessingRecord(Out):
    """Record of processing activities, GDPR Art. 30(1): a query over policy and ledger. `security`: (g)."""

    at: datetime
    city: str
    controller: Controller
    policy: PolicyHead
    entries: list[ProcessingEntry]
    security: list[str]
    missing: list[str]


class ImpactFinding(Out):
    """One question of the sheet. `figure`: what the query found; `state`: `in_place`, `open`, or `to_look_at`."""

    id: str
    question: str
    state: Literal["in_place", "open", "to_look_at"]
    figure: int | None
    found: str
    measure: str
    source: str = Field(description="What the law asks, and where.")


class ImpactSheet(Out):
    """Data-protection impact sheet, GDPR Art. 35(7): description, necessity, risks, measures, each a query. It helps
    whoever assesses; it is no assessment."""

    at: datetime
    city: str
    note: str
    controller: Controller
    policy: PolicyHead
    description: list[ProcessingEntry]
    necessity: list[ImpactFinding]
    risks: list[ImpactFinding]
    measures: list[ImpactFinding]


class ErasureIn(In):
    """Whom to erase: a call by its id, or the case of a claim code; one of the two. `reason` is kept inside, never in
    the open."""

    call: str | None = Field(default=None, min_length=1, max_length=200)
    claim_code: str | None = Field(default=None, min_length=1, max_length=60)
    reason: str = Field(min_length=8, max_length=2000)


class Erased(Out):
    """What was destroyed. `payloads`: of the event log; `entries`: of the ledger that named the case by a pseudonym
    whose key is gone; `codes`: claim codes that no longer lead anywhere; `entry`: index of the entry that says so."""

    payloads: int
    entries: int
    codes: int
    entry: int
