"""Canonical JSON: one form, and no other is read."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.accounting.canonical import canonical, read_canonical
from tocsin.errors import BadProof

EXACT = 2**53 - 1
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = (
    st.none() | st.booleans() | st.integers(-EXACT, EXACT) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4))
OBJECTS = st.dictionaries(TEXT, JSON, max_size=6)


@given(OBJECTS)
@settings(max_examples=60)
def test_the_quick_way_gives_what_the_library_gives(value: dict[str, object]):
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(OBJECTS)
@settings(max_examples=60)
def test_what_was_written_is_read_and_written_the_same(value: dict[str, object]):
    data = canonical(value)  # type: ignore[arg-type]
    assert canonical(read_canonical(data)) == data


@given(OBJECTS, st.data())
@settings(max_examples=60)
def test_any_other_form_is_refused(value: dict[str, object], data: st.DataObject):
    written = canonical(value)  # type: ignore[arg-type]
    place = data.draw(st.integers(0, len(written)))
    spaced = written[:place] + b" " + written[place:]
    other = json.dumps(value, indent=1).encode()
    for form in (other, spaced):
        try:
            read = read_canonical(form)
        except BadProof:
            continue
        assert read != value or form == written


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"text"',
        b"{}\n",
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e999}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":9007199254740993}',
        b"\xff",
        b'{"a":' * 20_000,
        b'{"a":' + b"9" * 10_000 + b"}",
    ],
)
def test_bytes_that_are_not_canonical_are_refused(data: bytes):
    with pytest.raises(BadProof, match="json"):
        read_canonical(data)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {1: 2}, object()])
def test_what_has_no_canonical_form_is_refused(value: object):
    with pytest.raises(BadProof):
        canonical({"a": value})  # type: ignore[dict-item]


def test_names_are_ordered_by_utf_16():
    """RFC 8785, section 3.2.3: the last two swap places against the order of code points."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = canonical(dict.fromkeys(names, 0))
    assert list(json.loads(written)) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
