"""The record of processing in the form in which offices exchange it: JSON-LD with terms of DPV and DCAT.

Sources: W3C DPV 2.3 (`dpv`, `eu-gdpr`), W3C DCAT 3; the shape of a catalogue of processing is that of DPCat
(Ryan, Brennan, Pandit 2022).
"""

from __future__ import annotations

from typing import Final

from tocsin.accounting.access import Sensitivity
from tocsin.accounting.entries import Json
from tocsin.accounting.form import to_seconds
from tocsin.accounting.processing import Activity, Category, Processing, duration_of

MEDIA_TYPE: Final = "application/ld+json"
CONTEXT: Final[dict[str, Json]] = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "tocsin": "urn:tocsin:",
}


def exchange_form(record: Processing, city: str) -> dict[str, Json]:
    """The record as a JSON-LD document: a catalogue whose resources are processes, one for each purpose."""
    catalogue: dict[str, Json] = {
        "@id": "tocsin:record",
        "@type": ["dcat:Catalog", "dpv:RecordsOfActivities"],
        "dct:title": f"Record of processing activities: {city}",
        "dct:modified": {"@value": to_seconds(record.at), "@type": "xsd:dateTime"},
        "dct:conformsTo": {"@id": "eu-gdpr:A30"},
        "tocsin:policySet": record.access.digest,
        "dpv:hasDataController": _controller(record),
        "dpv:hasTechnicalOrganisationalMeasure": list(record.security),
        "tocsin:missing": list(record.missing),
        "dcat:resource": [{"@id": _id(one)} for one in record.activities],
    }
    return {"@context": CONTEXT, "@graph": [catalogue, *(_process(one) for one in record.activities)]}


def _controller(record: Processing) -> dict[str, Json]:
    said: dict[str, Json] = {"@type": "dpv:DataController"}
    controller = record.controller
    if controller.name:
        said["dct:title"] = controller.name
    if controller.contact:
        said["dpv:hasContact"] = controller.contact
    if controller.data_protection_officer:
        officer: dict[str, Json] = {"@type": "dpv:DataProtectionOfficer", "dpv:hasContact": ""}
        officer["dpv:hasContact"] = controller.data_protection_officer
        said["dpv:hasDataProtectionOfficer"] = officer
    return said


def _id(one: Activity) -> str:
    return f"tocsin:processing:{one.purpose.id}"


def _process(one: Activity) -> dict[str, Json]:
    purpose: dict[str, Json] = {"@id": one.purpose.iri, "skos:prefLabel": one.purpose.title}
    if one.purpose.broader:
        purpose["skos:broader"] = {"@id": one.purpose.broader}
    return {
        "@id": _id(one),
        "@type": ["dcat:Resource", "dpv:PersonalDataProcess" if one.data else "dpv:Process"],
        "dct:title": one.purpose.title,
        "dpv:hasPurpose": purpose,
        "dpv:hasLegalBasis": [{"@id": basis} for basis in (*one.purpose.bases, *one.purpose.special)],
        "dpv:hasDataSubject": list(one.subjects),
        "dpv:hasPersonalData": [_category(each) for each in one.data],
        "dpv:hasRecipient": [*one.recipients, *(receiver.name for receiver in one.received)],
        "dpv:hasStorageCondition": list(one.erasure),
        "tocsin:uses": one.uses,
    }


def _category(one: Category) -> dict[str, Json]:
    special = one.sensitivity is Sensitivity.SPECIAL
    said: dict[str, Json] = {
        "@id": f"tocsin:data:{one.dataset}:{one.field}",
        "@type": "dpv:SpecialCategoryPersonalData" if special else "dpv:PersonalData",
        "dct:title": f"{one.title} ({one.dataset_title})",
        "dct:description": one.why,
    }
    if one.retention is not None:
        said["dpv:hasDuration"] = {"@value": duration_of(one.retention) or "", "@type": "xsd:duration"}
    return said
