"""Batches: nothing that arrives is lost, and every fault says where it was."""

from __future__ import annotations

import json
from concurrent.futures import Future

import pytest
from starlette.testclient import TestClient

from tests.fakes.desk import FakeDesk
from tests.integration.web.conftest import FEED
from tests.seals import opened
from tocsin.desk.board import Outcome
from tocsin.errors import LogFull
from tocsin.model.origin import Mode, Origin
from tocsin.web import reports
from tocsin.web.reading import Reader
from tocsin.web.vetting import Vetting

ORIGIN = Origin("feed:intake", "feed", "emergency_response", Mode.LIVE)


def call(name: str, **more: object) -> dict[str, object]:
    return {"type": "call", "call": name, "received": "2030-05-06T11:59:00Z", "kind": "medical", **more}


def mark(name: str, unit: str = "E1") -> dict[str, object]:
    return {"type": "mark", "call": name, "unit": unit, "mark": "dispatched", "at": "2030-05-06T11:59:30Z"}


def lines(*items: object) -> bytes:
    return b"\n".join(item if isinstance(item, bytes) else json.dumps(item).encode() for item in items)


def send(client: TestClient, body: bytes) -> dict[str, object]:
    answer = client.post("/api/intake", content=body, headers=FEED)
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
    raws = [opened(sealed).raw for event in desk.log.read() if (sealed := desk.log.open_payload(event.id)) is not None]
    assert [raw for raw in raws if raw in bad] == bad


def test_an_array_names_its_items(client: TestClient) -> None:
    said = send(client, json.dumps([call("c1"), {"type": "call"}, 7]).encode())
    assert [f["what"].split(":")[0] for f in said["faults"]] == ["$[1]", "$[2]"]  # type: ignore[union-attr]


@pytest.mark.parametrize("body", [b"[1, 2", b"[" * 100_000, b'[{"a":1}] trailing'])
def test_an_array_that_cannot_be_told_apart_is_kept_whole(client: TestClient, desk: FakeDesk, body: bytes) -> None:
    answer = client.post("/api/intake", content=body, headers=FEED)
    assert (answer.status_code, answer.json()["where"]) == (422, "body")
    (event,) = desk.log.read()
    assert opened(desk.log.open_payload(event.id)).raw == body


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
    answer = client.post("/api/intake", content=lines(*(call(f"c{n}") for n in range(7))), headers=FEED)
    assert answer.status_code == 507
    assert "Of the batch 4 reports were kept" in answer.json()["detail"]
    desk.broken = None
    monkeypatch.setattr(desk, "submit", submit)
    said = send(client, lines(*(call(f"c{n}") for n in range(7))))
    assert (said["kept"], said["repeats"]) == (3, 4)


def test_a_key_used_again_for_something_else_hides_nothing(client: TestClient, desk: FakeDesk) -> None:
    first, other = call("c1", id="key"), call("c1", id="key", kind="smoke")
    assert send(client, lines(first))["kept"] == 1
    assert send(client, lines(first))["repeats"] == 1
    (fault,) = send(client, lines(other))["faults"]  # type: ignore[misc]
    assert (fault["id"], fault["code"]) == ("key", "duplicate_call")
    assert send(client, lines(call("c2", id="key")))["kept"] == 1
    assert set(desk.board().situation.calls) == {"c1", "c2"}


def test_ids_do_not_give_the_exact_place_away() -> None:
    raw = lines(call("c1", lon=10.01234, lat=50.01234))
    one, other = (Reader(ORIGIN, secret=secret).read_call(raw) for secret in (b"a", b"b"))
    assert one.key != other.key


@pytest.mark.parametrize(
    ("report", "where"),
    [
        (call("ann@example.org"), "call"),
        (call("c1", incident="+49 170 1234567"), "incident"),
        (call("c1", area="M-AB 1234"), "area"),
        (call("c1", id="ann@example.org"), "id"),
        (mark("c1", "555-123-4567"), "unit"),
        (mark("c1") | {"hospital": "ann@example.org"}, "hospital"),
    ],
)
def test_ids_that_name_a_person_are_kept_sealed_only(
    client: TestClient, desk: FakeDesk, report: dict[str, object], where: str
) -> None:
    body = lines(report)
    (fault,) = send(client, body)["faults"]  # type: ignore[misc]
    assert fault["code"] == "personal_value"
    assert f"$.{where}:" in fault["what"]
    report.pop("type")
    single = client.post("/api/marks" if "mark" in report else "/api/calls", json=report, headers=FEED)
    assert (single.status_code, single.json()["type"]) == (422, "urn:tocsin:problem:personal_value")
    value = str(report[where])
    events = list(desk.log.read())
    assert value not in f"{fault} {single.text} {events}"
    sealed = opened(desk.log.open_payload(events[0].id))
    assert sealed is not None
    assert sealed.raw == body


def test_an_id_of_the_pack_may_look_like_anything() -> None:
    raw = lines(mark("c1", "M-AB 1234"))
    vetting = Vetting(ids=frozenset({"M-AB 1234"}))
    assert [Reader(ORIGIN, v).read_batch(raw)[0].code for v in (vetting, Vetting())] == ["unreadable", "personal_value"]
    assert Reader(ORIGIN, vetting).read_batch(raw)[0].fault is None


def test_a_kind_that_the_pack_lacks_is_sealed(client: TestClient, desk: FakeDesk) -> None:
    text = "Ann Example fell on the stairs"
    assert send(client, lines(call("c1", kind=text)))["kept"] == 1
    (event,) = desk.log.read()
    assert text not in str(event)
    assert desk.board().situation.calls["c1"].kind == "Unknown kind"
    sealed = opened(desk.log.open_payload(event.id))
    assert sealed is not None
    assert sealed.fields["kind"] == text


def test_a_refused_kind_is_refused_first(client: TestClient) -> None:
    (fault,) = send(client, lines(call("c1", kind="Arson")))["faults"]  # type: ignore[misc]
    assert fault["code"] == "never_done"


@pytest.mark.parametrize(
    "more", [{"area": "a" * 65}, {"incident": "a" * 65}, {"kind": "a" * 121}, {"incident": "a\nb"}, {"id": "a\x7f"}]
)
def test_long_ids_and_control_characters_are_set_aside(client: TestClient, more: dict[str, object]) -> None:
    (fault,) = send(client, lines(call("c1", **more)))["faults"]  # type: ignore[misc]
    assert fault["code"] == "unreadable"
    assert f"$.{next(iter(more))}" in fault["what"]
