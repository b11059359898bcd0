"""The command line in this process: what a shell would see of a command, without the seconds that a start takes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.city import write_tiny_pack
from tocsin.cli import main


class Said(NamedTuple):
    """How a command ended and what it said."""

    status: int
    out: str
    err: str


Tocsin = Callable[..., Said]


@pytest.fixture
def tocsin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Tocsin:
    """`tocsin("replay", pack, "--json")`, started in an empty folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("COLUMNS", "160")

    def run(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["tocsin", *map(str, words)])
        try:
            main()
            status: object = 0
        except SystemExit as end:
            status = end.code
        said = capsys.readouterr()
        return Said(status if isinstance(status, int) else 0 if status is None else 1, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny city."""
    return write_tiny_pack(tmp_path_factory.mktemp("cli") / "pack")
