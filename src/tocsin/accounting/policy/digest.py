"""One number for all that decides: whoever has it can tell whether two houses decide alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import rfc8785

from tocsin.accounting.access import Access, DataField, Dataset, Purpose, Role
from tocsin.accounting.entries import Json


def digest_of(access: Access) -> str:
    """SHA-256 in hex over the RFC 8785 JSON of policies, schema, roles, datasets and purposes."""
    return hashlib.sha256(rfc8785.dumps(as_json(access))).hexdigest()


def with_digest(access: Access) -> Access:
    """The same access with its digest filled in."""
    return replace(access, digest=digest_of(access))


def as_json(access: Access) -> dict[str, Json]:
    """What the digest is of, with nothing left out that could change a decision or what people read of one."""
    return {
        "policies": access.policies,
        "schema": access.schema,
        "roles": _table({role.id: _role(role) for role in access.roles.values()}),
        "datasets": _table({dataset.id: _dataset(dataset) for dataset in access.datasets.values()}),
        "purposes": _table({purpose.id: _purpose(purpose) for purpose in access.purposes.values()}),
    }


def _table(rows: Mapping[str, Json]) -> dict[str, Json]:
    return {str(key): rows[key] for key in sorted(rows)}


def _role(role: Role) -> Json:
    return {
        "title": role.title,
        "what": role.what,
        "groups": sorted(role.groups),
        "emergencies": role.emergencies,
    }


def _dataset(dataset: Dataset) -> Json:
    return {
        "title": dataset.title,
        "fields": _table({field.id: _field(field) for field in dataset.fields.values()}),
        "retention_s": None if dataset.retention is None else int(dataset.retention.total_seconds()),
        "concerns": list(dataset.concerns),
        "recipients": list(dataset.recipients),
        "source": dataset.source,
        "purposes": sorted(dataset.purposes),
    }


def _field(field: DataField) -> Json:
    return {"title": field.title, "sensitivity": field.sensitivity.value, "why": field.why}


def _purpose(purpose: Purpose) -> Json:
    return {
        "title": purpose.title,
        "iri": purpose.iri,
        "broader": purpose.broader,
        "bases": sorted(purpose.bases),
        "special": sorted(purpose.special),
    }
