"""Generated requests to every operation of the API's document, as everybody who may ask. Made by schemathesis, sent
straight to the application; what comes back must be no mistake of ours, be what the document says, and leak nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.asking import Answer

CONFORMS = [status_code_conformance, content_type_conformance, response_schema_conformance]
OPENS_SEALS = frozenset({"disclose", "break_glass"})
"""Operations whose answer may hold what is sealed, once it is written down."""

Ask = Callable[[str, str, Mapping[str, str], bytes | None], Answer]


@dataclass
class Fuzz:
    """One run over the document.

    Args:
        ask: method, address, headers, body → answer.
        canaries: values that stand in sealed places, ids and passwords, and may never be seen in an answer.
    """

    document: dict[str, Any]
    ask: Ask
    canaries: Mapping[str, str]
    findings: list[str] = field(default_factory=list)
    asked: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    def run(self, asker: str, headers: Mapping[str, str], operations: Iterable[str], examples: int, seed: int) -> None:
        """Ask each of `operations` so many times in words that the document allows, and as often in words that it
        does not."""
        wanted = set(operations)
        schema = schemathesis.openapi.from_dict(self.document)
        for result in schema.get_all_operations():
            operation = result.ok()
            name = operation.definition.raw["operationId"]
            if name not in wanted:
                continue
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                self._run_one(asker, headers, name, operation, mode, examples, seed)

    def _run_one(
        self, asker: str, headers: Mapping[str, str], name: str, operation: Any, mode: Any, examples: int, seed: int
    ) -> None:
        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def try_it(case: Any) -> None:
            self._try(asker, headers, name, case)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what generates, not of what answers
            try:
                try_it()
            except hypothesis.errors.Unsatisfiable:
                return  # nothing that the document refuses can be said here

    def _try(self, asker: str, headers: Mapping[str, str], name: str, case: Any) -> None:
        said = case.as_transport_kwargs(base_url="http://127.0.0.1:8765", headers=dict(headers))
        said = {key: value for key, value in said.items() if key in _SAID}
        try:
            prepared = requests.Request(**said).prepare()
        except (requests.RequestException, UnicodeError, ValueError):
            return  # no client can send it
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        if body is not None and not isinstance(body, bytes):
            return
        # What opens is the asker's, whatever was made up for it: else most requests would end at the gate.
        sent = {**_headers(prepared), **{name.lower(): value for name, value in headers.items()}}
        answer = self.ask(str(prepared.method), prepared.path_url, sent, body)
        self.asked += 1
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        place = f"{prepared.method} {prepared.path_url} as {asker} with {body!r:.300}: {answer.status}"
        self._check(name, case, prepared, answer, place)

    def _check(self, name: str, case: Any, prepared: Any, answer: Answer, place: str) -> None:
        if answer.status == 500:
            self.findings.append(f"{place}: a mistake of ours: {answer.text[:300]}")
        opened = name in OPENS_SEALS and answer.status == 200
        held = answer.text + " ".join(answer.headers.values())
        for what, canary in self.canaries.items():
            if canary in held and not opened:
                self.findings.append(f"{place}: leaks {what}")
        if answer.cut:
            return
        try:
            case.validate_response(_response(prepared, answer), checks=CONFORMS)
        except FailureGroup as group:
            self.findings += [f"{place}: {error}" for error in group.exceptions]
        except Failure as failure:
            self.findings.append(f"{place}: {failure}")


_LEFT = ("host", "content-length", "accept-encoding", "cookie", "authorization")
_SAID = ("method", "url", "headers", "params", "json", "data", "files", "cookies")


def _headers(prepared: Any) -> dict[str, str]:
    kept = {name: value for name, value in prepared.headers.items() if name.lower() not in _LEFT}
    return {name.lower(): value if isinstance(value, str) else value.decode("latin-1") for name, value in kept.items()}


def _response(prepared: Any, answer: Answer) -> Response:
    headers = {name: [value] for name, value in answer.headers.items()}
    return Response(answer.status, headers, answer.body, prepared, 0.01, verify=False)
