"""Bodies of entries read without breaking on what a newer or broken one says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tocsin.accounting.reading import number_of, text_of, texts_of, time_of, whole_of


@pytest.mark.parametrize("value", [None, 3, ["a"], {"a": 1}, True])
def test_what_is_no_text_reads_as_empty(value: object):
    assert text_of({"x": value}, "x") == ""  # type: ignore[dict-item]


@pytest.mark.parametrize(("value", "found"), [(3, 3), (-1, 0), (True, 0), (1.5, 0), ("3", 0), (None, 0)])
def test_whole_numbers(value: object, found: int):
    assert whole_of({"x": value}, "x") == found  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (0.5, 0.5),
        (2, 2.0),
        ("0.25", 0.25),
        ("a", 0.0),
        (float("nan"), 0.0),
        (float("inf"), 0.0),
        (-1, 0.0),
        (True, 0.0),
    ],
)
def test_numbers(value: object, found: float):
    assert number_of({"x": value}, "x") == found  # type: ignore[dict-item]


def test_lists_keep_their_texts_alone():
    assert texts_of({"x": ["a", 1, "b"]}, "x") == ("a", "b")
    assert texts_of({"x": "ab"}, "x") == () == texts_of({}, "x")


def test_times():
    assert time_of({"x": "2026-01-02T03:04:05Z"}, "x") == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert time_of({"x": "2026-01-02T03:04:05"}, "x") is None is time_of({"x": 5}, "x")
