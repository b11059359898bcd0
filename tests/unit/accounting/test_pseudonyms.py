"""Pseudonyms are HMAC-SHA256, cut to half."""

from __future__ import annotations

import hmac

import pytest

from tocsin.accounting.pseudonyms import commitment, pseudonym


@pytest.mark.parametrize("key_bytes", [1, 32, 63, 64, 65, 200])
@pytest.mark.parametrize("name", ["", "call:1", "\u00e4" * 100])
def test_a_pseudonym_is_the_standard_librarys_hmac(key_bytes: int, name: str):
    key, nonce = bytes(range(key_bytes)), b"n" * 16
    assert pseudonym(key, nonce, name) == hmac.digest(key, nonce + name.encode(), "sha256")[:16].hex()


def test_the_example_of_the_standard_holds():
    """RFC 4231, test case 2."""
    assert pseudonym(b"Jefe", b"what do ya want ", "for nothing?") == "5bdcc146bf60754e6a042426089575c7"


def test_key_nonce_name_and_salt_matter():
    of = {pseudonym(k, n, s) for k in (b"k", b"l") for n in (b"n" * 16, b"o" * 16) for s in ("a", "b")}
    assert len(of) == 8
    assert commitment(b"s" * 32, b"p") != commitment(b"t" * 32, b"p")
