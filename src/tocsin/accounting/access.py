"""Who may do what with which data for what: the nouns of a pack's `access/` folder, requests and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol

RoleId = NewType("RoleId", str)
DatasetId = NewType("DatasetId", str)
FieldId = NewType("FieldId", str)
PurposeId = NewType("PurposeId", str)
"""Short name in a pack, such as `emergency_response`; `Purpose.iri` is what the ledger says."""
BasisId = NewType("BasisId", str)
"""A legal basis as DPV names it: `eu-gdpr:A6-1-d`."""


class Action(StrEnum):
    """What is done. The first six are those of the Law Enforcement Directive 2016/680, Art. 25; then what leaves the
    house, and what needs no restricted field."""

    COLLECT = "collect"
    ALTER = "alter"
    CONSULT = "consult"
    DISCLOSE = "disclose"
    COMBINE = "combine"
    ERASE = "erase"
    EXPORT = "export"
    APPROVE = "approve"
    """Approve or refuse what somebody else asked for."""
    REVIEW = "review"
    """Look at a break-glass use of somebody else."""
    DECIDE = "decide"
    """Take, change or refuse what the desk proposes: plans, warnings, move-ups, alarms."""
    STEER = "steer"
    """Move the desk's clock, run an exercise, ask what if."""
    ADMINISTER = "administer"
    """Accounts, roles, tokens."""


class Sensitivity(StrEnum):
    """How closely a field is kept."""

    PUBLIC = "public"
    """Anybody, without signing in."""
    INTERNAL = "internal"
    """Whoever is signed in in a role that may consult the dataset."""
    RESTRICTED = "restricted"
    """Sealed: a purpose and a basis, recorded first."""
    SPECIAL = "special"
    """Sealed, and special in the sense of GDPR Art. 9: health."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the house. `title` as people say it; ICS terms where there is one."""

    id: RoleId
    title: str
    what: str
    """What it is for, in a sentence."""
    groups: tuple[str, ...] = ()
    """Groups of roles that policies speak of together: `Group::"desk"`."""
    emergencies: bool = False
    """Whether it answers emergencies: only such a role breaks the glass."""


@dataclass(frozen=True, slots=True)
class DataField:
    """A field of a dataset."""

    id: FieldId
    title: str
    sensitivity: Sensitivity
    why: str = ""
    """Why the house holds it: required above `internal`."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset with what the record of processing (GDPR Art. 30) wants to know of it."""

    id: DatasetId
    title: str
    fields: Mapping[FieldId, DataField]
    retention: timedelta | None
    """How long restricted fields are kept; None: there are none."""
    concerns: tuple[str, ...]
    """Categories of data subjects, in words: "people who call for help"."""
    recipients: tuple[str, ...] = ()
    source: str = ""
    purposes: tuple[PurposeId, ...] = ()
    """Purposes for which its sealed fields may be opened, as far as a policy lets a role."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What for. `iri` is a term of DPV, or the house's own with `broader` one of DPV."""

    id: PurposeId
    title: str
    iri: str
    broader: str | None
    bases: tuple[BasisId, ...]
    """Legal bases on which it may rest: GDPR Art. 6."""
    special: tuple[BasisId, ...] = ()
    """Conditions of GDPR Art. 9(2) under which it may open special fields too; empty: it never does."""


@dataclass(frozen=True, slots=True)
class Approval:
    """That others agreed: which roles, for whom, until when."""

    roles: tuple[RoleId, ...]
    recipient: str
    expires: datetime
    by: tuple[str, ...] = ()
    """Accounts that approved, one a role and in the same order. Two roles of one person count once, and whoever asked
    counts not at all; an approval that does not say who approved counts as none."""


@dataclass(frozen=True, slots=True)
class Request:
    """May this be done? Pure: `now` is an argument like the rest."""

    role: RoleId
    action: Action
    dataset: DatasetId
    now: datetime
    fields: frozenset[FieldId] = frozenset()
    """Empty: no restricted field."""
    purpose: PurposeId | None = None
    basis: BasisId | None = None
    office: str = ""
    approval: Approval | None = None
    break_glass: bool = False
    actor: str = ""
    """Account that asks. Policies compare it with others; it is never written anywhere."""
    asked_by: str | None = None
    """Of an approval or a review: the account whose request or use it is about. None: not known yet, as where a route
    is decided about before the request is read; whoever then acts on it asks again with this."""
    reason: str = ""
    second: str = ""
    """Of a break-glass use: account or role that reviews it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, with what decided it."""

    allowed: bool
    policies: tuple[str, ...]
    """`@id`s of the deciding policies; empty: nothing permitted it."""
    policy_set: str
    """SHA-256 of policies, schema, roles, datasets and purposes together, in hex."""
    why: str
    """For people: what decided, in a sentence."""
    errors: tuple[str, ...] = ()
    """What could not be evaluated: the request is then refused, and the ledger says so with a kind of its own."""


class Policy(Protocol):
    """Decides requests. `tocsin.accounting.policy.CedarPolicy` is the real one; `Closed` refuses everything."""

    @property
    def access(self) -> Access: ...

    def decide(self, request: Request) -> Decision:
        """Never raises: what cannot be evaluated is refused and named in `errors`."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """A pack's `access/` folder, or Tocsin's base policy, as read. `digest` is what `Decision.policy_set` says."""

    roles: Mapping[RoleId, Role]
    datasets: Mapping[DatasetId, Dataset]
    purposes: Mapping[PurposeId, Purpose]
    policies: str
    """Cedar text of every policy."""
    schema: str
    """Cedar schema text."""
    digest: str
    version: str = ""
    faults: tuple[str, ...] = field(default=())
    """Why it cannot be used: with any fault everything is refused."""
