"""Whatever bytes arrive at the intake, each line becomes one command and none is lost."""

from __future__ import annotations

import json
from contextlib import suppress

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tocsin.errors import BadReport
from tocsin.model.commands import Quarantine, ReportCall, ReportMark
from tocsin.model.origin import Mode, Origin
from tocsin.web.reading import Reader

READER = Reader(Origin("feed:intake", "feed", "emergency_response", Mode.LIVE))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
KEYS = st.sampled_from(["type", "call", "received", "kind", "priority", "lon", "lat", "unit", "mark", "at", "id", "x"])
NEARLY = st.dictionaries(KEYS, JSON | st.sampled_from(["call", "mark", "on_scene", "2030-05-06T12:00:00Z"]), max_size=9)
LINE = st.binary(max_size=80) | NEARLY.map(lambda item: json.dumps(item).encode())


@settings(max_examples=300, deadline=None)
@given(st.lists(LINE, max_size=8))
@example([b"[" * 2000])
@example([b'{"type":"mark","call":"\\ud800"}'])
@example([b'{"type":"call","call":"a","received":"9999-12-31T23:59:59-12:00","kind":"k"}'])
@example([b'{"type":"call","call":"a","received":"2030-05-06T12:00:00Z","kind":"k","lon":1e400,"lat":0}'])
def test_no_line_is_lost(lines: list[bytes]) -> None:
    lines = [line.replace(b"\n", b"") for line in lines]
    body = b"x\n" + b"\n".join(lines)
    reads = READER.read_batch(body)
    expected = [line for line in body.split(b"\n") if line.strip()]
    assert len(reads) == len(expected)
    for read, line in zip(reads, expected, strict=True):
        if read.fault is None:
            assert isinstance(read.command, ReportCall | ReportMark)
        else:
            assert isinstance(read.command, Quarantine)
            assert read.command.raw == line
            assert read.command.where.startswith("line ")


ARRAY = st.lists(NEARLY, max_size=4).map(lambda items: json.dumps(items).encode())


@settings(max_examples=200, deadline=None)
@given(ARRAY, st.integers(0, 400), st.binary(max_size=10))
def test_an_array_is_read_item_by_item_or_refused_whole(array: bytes, at: int, torn: bytes) -> None:
    assert len(READER.read_batch(array)) == len(json.loads(array))
    with suppress(BadReport):
        reads = READER.read_batch(b"[" + array[1 : at + 1] + torn)
        assert all(read.where.startswith("$[") for read in reads)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_a_single_body_is_a_command_or_its_bytes(body: bytes) -> None:
    for read in (READER.read_call(body), READER.read_mark(body)):
        if isinstance(read.command, Quarantine):
            assert read.command.raw == body
            assert read.fault is not None
