"""Claim codes: random enough, easy to read aloud, a slip of the tongue noticed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.accounting.codes import ALPHABET, RANDOM_BYTES, RANDOM_SYMBOLS, asked_of, code_of, find_code

RANDOM = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


def test_a_code_holds_at_least_eighty_random_bits():
    assert RANDOM_SYMBOLS * 5 >= 80
    assert len({code_of(bytes(11) + bytes([n])) for n in range(0, 256, 2)}) == 128


def test_every_random_bit_but_the_spare_one_counts():
    plain = code_of(bytes(RANDOM_BYTES))
    for bit in range(1, 96):
        assert code_of((1 << bit).to_bytes(RANDOM_BYTES)) != plain, bit


def test_a_code_stands_in_four_groups_of_five():
    assert code_of(bytes(RANDOM_BYTES)) == "00000-00000-00000-00000"
    assert [len(group) for group in code_of(b"\xff" * RANDOM_BYTES).split("-")] == [5, 5, 5, 5]


def test_another_number_of_random_bytes_is_refused():
    with pytest.raises(ValueError, match="12 random bytes"):
        code_of(b"1234")


@settings(deadline=None)
@given(RANDOM)
def test_a_code_is_read_however_it_is_written(random: bytes):
    code = code_of(random)
    plain = code.replace("-", "")
    spoken = plain.lower().replace("1", "l").replace("0", "o")
    for written in (code, plain, code.lower(), code.replace("-", " "), f"  {code} ", spoken, plain.replace("1", "I")):
        assert find_code(written) == plain


@settings(deadline=None)
@given(RANDOM, st.integers(0, 19), st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_noticed(random: bytes, place: int, symbol: str):
    plain = code_of(random).replace("-", "")
    wrong = plain[:place] + symbol + plain[place + 1 :]
    assert find_code(wrong) == (plain if wrong == plain else None)


@settings(deadline=None)
@given(RANDOM, st.integers(0, 19), st.integers(0, 19))
def test_two_symbols_that_changed_places_are_noticed(random: bytes, one: int, other: int):
    symbols = list(code_of(random).replace("-", ""))
    changed = symbols.copy()
    changed[one], changed[other] = changed[other], changed[one]
    assert (find_code("".join(changed)) is None) == (changed != symbols)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_what_is_no_code_is_asked_for_as_something_that_no_code_is(written: str):
    asked = asked_of(written)
    assert asked == find_code(written) or asked.startswith("no code ")


@pytest.mark.parametrize("written", ["", "Anna Example", "+49 30 123456", "call:17", "0" * 4000, "\ud800"])
def test_names_numbers_and_call_ids_are_no_codes(written: str):
    assert find_code(written) is None
    assert asked_of(written).startswith("no code ")
