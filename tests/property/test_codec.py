"""Every event and every picture comes back from its bytes as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from types import UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tocsin.adapters.stores.codec import KINDS, decode_event, encode_event, from_micros, to_micros
from tocsin.model.events import Event
from tocsin.situation.picture import Situation
from tocsin.situation.snapshot import decode_situation, encode_situation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    datetime: st.integers(0, 2**52).map(
        lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    ),
    float: st.floats(allow_nan=False),
    int: st.integers(-(2**63), 2**63 - 1),
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    bool: st.booleans(),
    bytes: st.binary(max_size=8),
    type(None): st.none(),
}


@cache
def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that the model uses."""
    origin, parts = get_origin(kind), get_args(kind)
    if kind in _LEAVES:
        return _LEAVES[kind]
    if isinstance(kind, NewType):
        return any_of(kind.__supertype__)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{f.name: any_of(hints[f.name]) for f in fields(kind)})
    if origin in (Union, UnionType):
        return st.one_of(*map(any_of, parts))
    if origin is np.ndarray:
        (dtype,) = get_args(parts[1])
        return hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3))
    if origin is Mapping:
        return st.dictionaries(*map(any_of, parts), max_size=2)
    if origin is tuple:
        return st.lists(any_of(parts[0]), max_size=3).map(tuple)
    if origin is frozenset:
        return st.frozensets(any_of(parts[0]), max_size=3)
    return st.sampled_from(kind)


def same(a: Any, b: Any) -> bool:
    """Equal in value and in type, all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if isinstance(a, Mapping):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def test_every_event_has_a_name() -> None:
    assert set(KINDS.values()) == set(get_args(Event))


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_event_comes_back(name: str, data: st.DataObject) -> None:
    event = data.draw(any_of(KINDS[name]))
    kind, body = encode_event(event)
    assert kind == name
    assert same(decode_event(kind, body, 1), event)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(situation=any_of(Situation))
def test_situation_comes_back(situation: Situation) -> None:
    assert same(decode_situation(encode_situation(situation)), situation)


@given(time=any_of(datetime))
def test_time_comes_back_to_the_microsecond(time: datetime) -> None:
    assert from_micros(to_micros(time)) == time


def test_same_sees_a_difference() -> None:
    assert not same((1,), [1])
    assert not same(np.zeros(2), np.zeros(3))
    assert not same({"a": 1}, {"a": 1.0})
