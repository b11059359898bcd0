"""Batches: nothing that arrives is lost, and every fault says where it was."""

from __future__ import annotations

import json
from concurrent.futures import Future

import pytest
from starlette.testclient import TestClient

from tests.fakes.desk import FakeDesk
from tests.integration.web.conftest import AUTH
from tocsin.desk.board import Outcome
from tocsin.errors import LogFull
from tocsin.web import reports


def call(name: str, **more: object) -> dict[str, object]:
    return {"type": "call", "call": name, "received": "2030-05-06T11:59:00Z", "kind": "medical", **more}


def mark(name: str, unit: str = "E1") -> dict[str, object]:
    return {"type": "mark", "call": name, "unit": unit, "mark": "dispatched", "at": "2030-05-06T11:59:30Z"}


def lines(*items: object) -> bytes:
    return b"\n".join(item if isinstance(item, bytes) else json.dumps(item).encode() for item in items)


def send(client: TestClient, body: bytes) -> dict[str, object]:
    answer = client.post("/api/intake", content=body, headers=AUTH)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("shape", ["lines", "array", "crlf", "bom", "gaps"])
def test_calls_and_marks_together(client: TestClient, desk: FakeDesk, shape: str) -> None:
    items = [call("c1"), mark("c1"), call("c2")]
    body = {
        "lines": lines(*items),
        "array": json.dumps(items, indent=2).encode(),
        "crlf": b"\r\n".join(json.dumps(item).encode() for item in items) + b"\r\n",
        "bom": b"\xef\xbb\xbf" + lines(*items),
        "gaps": b"\n\n" + lines(items[0], b"", items[1], b"  ", items[2]),
    }[shape]
    assert send(client, body) == {"kept": 3, "repeats": 0, "quarantined": 0, "seq": 3, "faults": []}
    assert send(client, body)["repeats"] == 3
    assert desk.board().situation.units["E1"].call == "c1"


def test_every_fault_is_kept_and_named(client: TestClient, desk: FakeDesk) -> None:
    bad = [
        b"{not json",
        b'{"type":"call","call":"\xff"}',
        b'{"type":"song"}',
        b'{"call":"c9"}',
        json.dumps(call("c3", colour="red")).encode(),
        json.dumps(call("c4", lon=999.0, lat=1.0)).encode(),
        json.dumps(call("c5", received="2030-05-06T11:59:00")).encode(),
        json.dumps(call("c6", received="0001-01-01T00:00:00+14:00")).encode(),
        json.dumps(call("c7", received=1)).encode(),
        b"[" * 5000,
        b"null",
    ]
    said = send(client, lines(call("c1"), *bad, mark("c1", "Z9"), call("c2")))
    assert (said["kept"], said["quarantined"]) == (2, len(bad) + 1)
    faults = said["faults"]
    assert isinstance(faults, list)
    assert [f["what"].split(":")[0].split(",")[0] for f in faults] == [f"line {n}" for n in range(2, len(bad) + 3)]
    assert {f["code"] for f in faults} == {"unreadable", "unknown_unit"}
    raws = [desk.log.open_payload(event.id) for event in desk.log.read()]
    assert [sealed.raw for sealed in raws if sealed is not None and sealed.raw in bad] == bad


def test_an_array_names_its_items(client: TestClient) -> None:
    said = send(client, json.dumps([call("c1"), {"type": "call"}, 7]).encode())
    assert [f["what"].split(":")[0] for f in said["faults"]] == ["$[1]", "$[2]"]  # type: ignore[union-attr]


@pytest.mark.parametrize("body", [b"[1, 2", b"[" * 100_000, b'[{"a":1}] trailing'])
def test_an_array_that_cannot_be_told_apart_is_kept_whole(client: TestClient, desk: FakeDesk, body: bytes) -> None:
    answer = client.post("/api/intake", content=body, headers=AUTH)
    assert (answer.status_code, answer.json()["where"]) == (422, "body")
    (event,) = desk.log.read()
    sealed = desk.log.open_payload(event.id)
    assert sealed is not None
    assert sealed.raw == body


def test_an_empty_batch_is_no_fault(client: TestClient) -> None:
    for body in (b"", b"\n\n", b"[]"):
        assert send(client, body) == {"kept": 0, "repeats": 0, "quarantined": 0, "seq": 0, "faults": []}


def test_only_the_first_faults_are_told(client: TestClient) -> None:
    said = send(client, b"\n".join(b"x%d" % n for n in range(150)))
    assert (said["quarantined"], len(said["faults"])) == (150, reports.FAULTS_SHOWN)  # type: ignore[arg-type]


def test_a_full_disk_in_the_middle_says_how_far_it_came(
    client: TestClient, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "GROUP", 2)
    submit = desk.submit

    def full_after_four(commands: list[object]) -> Future[tuple[Outcome, ...]]:
        if desk.log.head() >= 4:
            desk.broken = LogFull("no room")
        return submit(commands)  # type: ignore[arg-type]

    monkeypatch.setattr(desk, "submit", full_after_four)
    answer = client.post("/api/intake", content=lines(*(call(f"c{n}") for n in range(7))), headers=AUTH)
    assert answer.status_code == 507
    assert "Of the batch 4 reports were kept" in answer.json()["detail"]
    desk.broken = None
    monkeypatch.setattr(desk, "submit", submit)
    said = send(client, lines(*(call(f"c{n}") for n in range(7))))
    assert (said["kept"], said["repeats"]) == (3, 4)
