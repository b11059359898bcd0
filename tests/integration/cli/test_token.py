"""The token of a data folder: private, and never empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.city import write_tiny_pack
from tocsin.adapters.packs import load_pack
from tocsin.bootstrap import open_log
from tocsin.bootstrap_account import TOKEN_FILE, TOKEN_LEAST, open_token
from tocsin.errors import BadSettings


def test_a_token_is_made_once_and_is_the_owners(tmp_path: Path) -> None:
    token = open_token(tmp_path)
    assert len(token) >= TOKEN_LEAST
    (tmp_path / TOKEN_FILE).chmod(0o666)
    assert open_token(tmp_path) == token
    assert (tmp_path / TOKEN_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", [b"", b"\n", b"abc"])
def test_what_a_crash_left_of_a_token_opens_nothing(tmp_path: Path, left: bytes) -> None:
    (tmp_path / TOKEN_FILE).write_bytes(left)
    assert len(open_token(tmp_path)) >= TOKEN_LEAST


def test_a_token_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / TOKEN_FILE).write_bytes(b"\xff" * 40)
    with pytest.raises(BadSettings, match="remove it"):
        open_token(tmp_path)


def test_a_new_data_folder_is_closed_to_others(tmp_path: Path) -> None:
    log = open_log(tmp_path / "data", load_pack(write_tiny_pack(tmp_path / "pack")).city)
    log.close()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
