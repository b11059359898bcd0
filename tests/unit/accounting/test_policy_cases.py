"""Our own policy tests in the shape of Cedar's, through Cedar alone: none of our code decides here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cedar_cases import run_case
from tests.rules import base
from tocsin.accounting.policy.asking import entities_json

ROOT = Path(__file__).resolve().parents[3]
CASES = Path(__file__).parent / "cases"
ENTITIES = CASES / "base.entities.json"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.glob("*.json") if path != ENTITIES))
def test_a_case_comes_out_as_it_says(case: str) -> None:
    assert run_case(CASES / case, ROOT) == []


def test_the_entities_of_the_cases_are_those_of_the_rules() -> None:
    written = json.loads(ENTITIES.read_text(encoding="utf-8"))
    assert written == json.loads(entities_json(base())), "run: python -m tools.accept_access"


def test_a_case_that_says_otherwise_is_found(tmp_path: Path) -> None:
    case = json.loads((CASES / "leaving.json").read_text(encoding="utf-8"))
    for request in case["requests"]:
        request["decision"] = "deny" if request["decision"] == "allow" else "allow"
    (tmp_path / "wrong.json").write_text(json.dumps(case), encoding="utf-8")
    assert len(run_case(tmp_path / "wrong.json", ROOT)) == len(case["requests"])


PHOTOS = {
    "schema": "entity User; entity Album; action view appliesTo { principal: [User], resource: [Album] };",
    "policies": """
        permit (principal == User::"alice", action, resource);
        forbid (principal, action, resource == Album::"b");
    """,
    "entities": "[]",
}


def test_the_runner_takes_cases_that_name_policies_by_their_place(tmp_path: Path) -> None:
    for name, text in PHOTOS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    asked = {"principal": {"type": "User", "id": "alice"}, "action": {"type": "Action", "id": "view"}, "context": {}}
    said = [("a", "allow", ["policy0"]), ("b", "deny", ["policy1"])]
    requests = [
        {**asked, "resource": {"type": "Album", "id": album}, "description": album}
        | {"decision": decision, "reason": reason, "errors": [], "validateRequest": True}
        for album, decision, reason in said
    ]
    case = {name: name for name in PHOTOS} | {"shouldValidate": True, "requests": requests}
    (tmp_path / "case.json").write_text(json.dumps(case), encoding="utf-8")
    assert run_case(tmp_path / "case.json", tmp_path) == []
