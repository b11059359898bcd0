"""What an entry of each kind may say, field by field: the reference is made of it, and a test holds writers to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tocsin.accounting.entries import EntryKind

ALWAYS: Final[Mapping[str, str]] = {
    "v": "Version of the form: 1.",
    "kind": "What the entry is about: the headings below.",
    "at": "When, by the machine's clock, UTC, whole seconds; also over a replayed city.",
    "nonce": "16 random bytes, hex, drawn for this entry: pseudonyms are made with it. Only where there are some.",
    "actor": "Pseudonym of the account that did it, 32 hexadecimal digits.",
    "subjects": "Pseudonyms of the calls or accounts that it concerns; left out where there are more than 32.",
    "payload": "Commitment to what stays inside: SHA-256 of a salt and the payload, hex.",
}
"""What the ledger itself writes."""

_BY: Final[Mapping[str, str]] = {
    "role": "Role that was worn.",
    "office": "Office of the account.",
    "means": "How the account showed who it is: password, totp, passkey, single_sign_on, token, demo.",
}
_DECIDED: Final[Mapping[str, str]] = {
    "policies": "Ids of the deciding policies.",
    "policy_set": "SHA-256 of all rules in force.",
}
_USE: Final[Mapping[str, str]] = {
    **_BY,
    "action": "What was done, in the words of the Law Enforcement Directive, Art. 25: `consult`.",
    "mode": "World that was asked: live, replay, exercise.",
    "dataset": "Dataset, where the rules know it.",
    "fields": "Fields of it, where the rules know them.",
    "purpose": "What for: IRI of a term of W3C DPV, or the house's own.",
    "basis": "Legal basis, as DPV names it.",
    "stated": "Where the purpose was stated: `task` or `use`.",
    "decision": "`allow` or `deny`.",
    **_DECIDED,
    "rows": "Rows that were opened.",
    "mark": "Random text that makes the entry unlike every other.",
}
_REFUSED: Final[Mapping[str, str]] = {
    **_USE,
    "code": "Why nothing was opened: [refusal codes](errors.md).",
    "break_glass": "Whether it was asked for life and limb.",
}
_EXPORT: Final[Mapping[str, str]] = {
    **_BY,
    **_DECIDED,
    "action": "`approve` or `export`.",
    "decision": "`allow`.",
    "export": "Id of the request.",
    "what": "What is to leave.",
    "purpose": "What for, as above.",
    "basis": "Legal basis.",
    "recipient": "Who gets it, by name.",
    "expires": "Until when it may be kept; what has expired is deleted.",
    "state": "State of the request after this step.",
    "dataset": "First dataset that it is made of.",
    "datasets": "All of them.",
    "step": "What was done with the request: ask, approve, refuse, withdraw, fetch, expire.",
}
_FOLLOWED: Final[Mapping[str, str]] = {
    "event": "Sequence number of the event in the desk's log.",
    "desk_at": "The desk's clock then: in a replay the recorded time.",
    "mode": "World that it happened in: live, replay, exercise.",
}

FIELDS: Final[Mapping[EntryKind, Mapping[str, str]]] = {
    EntryKind.USE: _USE,
    EntryKind.REFUSAL: _REFUSED,
    EntryKind.POLICY_ERROR: _REFUSED,
    EntryKind.BREAK_GLASS: {**_USE, "second": "Role that has to look at it within a day, or `an account`."},
    EntryKind.REVIEW: {
        **_BY,
        **_DECIDED,
        "of": "Index of the break-glass entry.",
        "verdict": "What the reviewer found.",
    },
    EntryKind.POLICY: {
        "policy_set": "SHA-256 of policies, schema, roles, datasets and purposes together.",
        "version": "Version that the pack gives its rules.",
        "faults": "Why the rules cannot be used; with any, everything is refused.",
    },
    EntryKind.CARD: {
        "card": "Id of the register card.",
        "card_kind": "Model, rule or rating.",
        "name": "Its name.",
        "digest": "SHA-256 of the card, as the public register shows it.",
        "code": "SHA-256 of the source text behind it.",
    },
    EntryKind.FORECAST: {
        "forecast": "What was forecast: `demand`.",
        "model": "Model and its version.",
        "digest": "SHA-256 of the event's body as the desk's log holds it.",
        **_FOLLOWED,
    },
    EntryKind.DECISION: {
        "about": "What was decided about: plan, warning, move_up, alarm.",
        "decided": "What was decided: confirmed, issued, updated, declined, lifted, accepted, changed, refused, "
        "acknowledged, shelved, dismissed.",
        "role": "Named role that decided; null where the rules in force do not know it.",
        **_FOLLOWED,
    },
    EntryKind.ANCHOR: {
        "first": "First event of the stretch.",
        "last": "Last event of the stretch.",
        "before": "Digest of the anchor before, hex; zeros before the first.",
        "digest": "End of the salted chain over the stretch, hex.",
    },
    EntryKind.APPROVAL: {**_EXPORT, "rule": "Of a request that expired: the rule."},
    EntryKind.EXPORT: {
        **_EXPORT,
        "approved": "Who agreed: role, office and the entry that says so.",
        "rows": "Rows that left.",
        "sha256": "SHA-256 of the file.",
        "size_bytes": "Its size.",
    },
    EntryKind.EXPIRY: {
        **_EXPORT,
        "rule": "Rule of retention: an ISO 8601 duration, or the export's own date.",
        "after": "Events of the desk's log after this one were looked at ...",
        "through": "... up to this one; of an export the entry that let it leave.",
        "commitments": "Sealed events of the stretch.",
        "payloads": "Payloads or files that were deleted.",
        "digest": "SHA-256 over the commitments that stand there, or of the file.",
        "desk_at": "The desk's clock then.",
    },
    EntryKind.ERASURE: {
        **_BY,
        "action": "`erase`.",
        "dataset": "Whose payloads went.",
        "rule": "`on_request`.",
        "payloads": "Payloads of the desk's log that were destroyed.",
        "entries": "Entries whose pseudonym nobody can tell any more.",
        "codes": "Claim codes that went with it.",
        "digest": "SHA-256 over the commitments that stand there.",
        "policy_set": "SHA-256 of all rules in force.",
    },
    EntryKind.PRUNE: {
        "minimum_index": "Entries before it are deleted; their hashes stay in the tiles.",
        "rule": "Rule of retention.",
        "entries": "How many were deleted.",
    },
    EntryKind.BUDGET: {
        "dataset": "Dataset that was published from.",
        "export": "Id of the export.",
        "epsilon": "Privacy budget that was spent on each day of the release.",
        "first_day": "First day of the release.",
        "last_day": "Last day of it.",
        "limit": "Budget of a day, in all.",
        "mechanism": "Noise that was added.",
        "sensitivity": "What one call changes at most.",
    },
    EntryKind.ACCOUNT: {
        "event": "What happened: account_made, roles_changed, signed_in, token_given ...",
        "account": "Of a person or a service.",
        "office": "Its office.",
        "done_at": "When it was done; `at` is when the ledger took it.",
        "number": "Tells repeats from new ones.",
        "role": "Role worn from now on.",
        "roles": "Roles given at once.",
        "given": "Roles given.",
        "taken": "Roles taken.",
        "before": "Role or office before.",
        "by": "`single_sign_on` where that vouched.",
        "means": "How the account showed who it is.",
        "factor": "Second factor that was added.",
        "left": "Recovery codes that are left.",
        "link": "Kind of one-time link.",
        "scopes": "What a token may do.",
        "count": "Failed tries.",
        "since": "Since when they were counted.",
    },
    EntryKind.CLAIM: {**_BY, "dataset": "`claims`."},
}
"""Kind to field to meaning. A field may be missing where it says nothing."""
