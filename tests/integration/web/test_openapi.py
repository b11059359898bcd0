"""The API document is complete, says what the routes do, and is the one that is committed."""

from __future__ import annotations

import json

import msgspec
import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient
from tools import write_reference

from tests.fakes.desk import FakeDesk
from tests.integration.web.conftest import open_client
from tocsin.web import schema
from tocsin.web.app import api_document
from tocsin.web.authorise import Public
from tocsin.web.cells import CELLS
from tocsin.web.reading import CallIn, MarkIn

DOC = api_document()
WITHOUT_BODY = {"ask_passkey", "hand_out_claim_code"}
"""Orders that their address says all about."""
OPERATIONS = [(path, method, op) for path, item in DOC["paths"].items() for method, op in item.items()]
NAMES = [f"{method} {path}" for path, method, _ in OPERATIONS]


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=NAMES)
def test_every_operation_is_described(path: str, method: str, operation: dict[str, object]) -> None:
    assert operation["summary"]
    assert operation["description"] or path == "/api/stream"
    assert operation["operationId"]
    answers = operation["responses"]
    assert isinstance(answers, dict)
    for status, answer in answers.items():
        if status in ("303", "304"):
            continue
        problem = {"$ref": "#/components/schemas/Problem"}
        kinds = answer["content"]
        assert (kinds == {"application/problem+json": {"schema": problem}}) is (int(status) >= 400)
        assert kinds
        assert all("schema" in kind for kind in kinds.values()), status
    wanted = {"401", "403", "421", "500"} | ({"400", "413", "422", "507"} if method == "post" else set())
    assert wanted <= set(answers)
    public = isinstance(CELLS[str(operation["operationId"])], Public)
    assert operation["security"] == ([] if public else [{"token": []}, {"session": []}])
    if method == "post" and operation["operationId"] not in WITHOUT_BODY:
        assert operation["requestBody"]["content"]  # type: ignore[index]


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(DOC)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(DOC["components"]["schemas"])
    assert {"Delta", "Picture", "Problem", "ReportCallIn", "ReportMarkIn"} <= set(DOC["components"]["schemas"])
    assert "HTTPValidationError" not in text


def test_every_route_is_in_the_document() -> None:
    app = open_client(FakeDesk()).app
    declared = {route.path for route in app.routes if isinstance(route, APIRoute)}  # type: ignore[attr-defined]
    assert declared == set(DOC["paths"]) or declared == set()


def test_operation_ids_are_unique() -> None:
    ids = [op["operationId"] for _, _, op in OPERATIONS]
    assert len(ids) == len(set(ids))


def test_it_is_served_as_committed(client: TestClient) -> None:
    kept = json.loads((write_reference.REFERENCE / "openapi.json").read_text(encoding="utf-8"))
    assert client.get("/api/openapi.json").json() == kept, "run make reference"


@pytest.mark.parametrize("name", write_reference.PAGES)
def test_the_generated_pages_are_up_to_date(name: str) -> None:
    kept = (write_reference.REFERENCE / name).read_text(encoding="utf-8")
    assert kept == write_reference.PAGES[name](), "run make reference"


@pytest.mark.parametrize(("read", "said"), [(CallIn, schema.ReportCallIn), (MarkIn, schema.ReportMarkIn)])
def test_what_is_read_is_what_is_said(read: type, said: type) -> None:
    ours = msgspec.json.schema(read)["$defs"][read.__name__]
    theirs = said.model_json_schema()  # type: ignore[attr-defined]
    assert set(ours["properties"]) - {"type"} == set(theirs["properties"])
    assert set(ours["required"]) - {"type"} == set(theirs["required"])
    for name, field in theirs["properties"].items():
        for bound in ("minLength", "maxLength", "minimum", "maximum"):
            assert _bound(ours["properties"][name], bound) == _bound(field, bound), (name, bound)


def _bound(field: dict[str, object], bound: str) -> object:
    parts = [field, *field.get("anyOf", [])]  # type: ignore[misc]
    return next((part[bound] for part in parts if bound in part), None)
