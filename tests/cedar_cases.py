"""Runs policy tests in the shape of cedar-policy/cedar-integration-tests, ours and those of that repository.

A case is a JSON file: `policies`, `entities` and `schema` are paths below a root, `requests` say what is asked and what
must come back. Paths, decisions, `reason` and `errors` mean what they mean there; a policy is named by its `@id` or, as
there, by its place (`policy0`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cedarpy import Entities, PolicySet, Schema, is_authorized, validate_policies


def run_case(path: Path, root: Path) -> list[str]:
    """What did not come out as the case says, a line each; empty where all did."""
    case = json.loads(path.read_text(encoding="utf-8"))
    text = (root / case["policies"]).read_text(encoding="utf-8")
    schema = Schema.from_str((root / case["schema"]).read_text(encoding="utf-8"))
    policies = PolicySet.from_str(text)
    entities = Entities.from_json_str((root / case["entities"]).read_text(encoding="utf-8"), schema)
    wrong = []
    if validate_policies(text, schema).validation_passed is not case["shouldValidate"]:
        wrong.append(f"{path.name}: shouldValidate is not {case['shouldValidate']}")
    for request in case["requests"]:
        wrong += [
            f"{path.name}, {request['description']}: {line}" for line in _run(request, policies, entities, schema)
        ]
    return wrong


def _run(request: dict[str, Any], policies: PolicySet, entities: Entities, schema: Schema) -> list[str]:
    asked = {key: request[key] for key in ("principal", "action", "resource", "context")}
    checked = schema if request.get("validateRequest", True) else None
    result = is_authorized(asked, policies, entities, checked)
    names = result.diagnostics.id_annotations_by_reason
    places = set(result.diagnostics.reasons)
    wrong = []
    if result.decision.value.lower() != request["decision"]:
        wrong.append(f"{result.decision.value.lower()}, not {request['decision']}")
    if set(request["reason"]) not in (places, {names.get(place, place) for place in places}):
        wrong.append(f"decided by {sorted(names.values())}, not {request['reason']}")
    if len(result.diagnostics.errors) != len(request["errors"]):
        wrong.append(f"errors {result.diagnostics.errors}, not {request['errors']}")
    return wrong
