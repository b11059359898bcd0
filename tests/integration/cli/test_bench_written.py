"""`tocsin bench` tries the files that it will write before it works for minutes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Tocsin

READ = {
    "forecast": ("--calls", "data.csv", "--time", "when", "--area", "where"),
    "warn": ("--calls", "data.csv", "--time", "when"),
    "anomaly": ("--series", "data.csv", "--windows", "windows.json"),
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A file that every bench would refuse once it reads it: what is said of other files is said before."""
    (tmp_path / "data.csv").write_text("nothing\n1\n")
    (tmp_path / "windows.json").write_text("{}")
    return tmp_path


def asked(name: str, files: Path) -> list[object]:
    return ["bench", name, *(files / word if "." in word else word for word in READ[name])]


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("option", ["--out", "--report"])
def test_a_folder_that_is_not_there_is_said_before_anything_is_read(
    tocsin: Tocsin, files: Path, name: str, option: str
):
    said = tocsin(*asked(name, files), option, files / "nowhere" / "page.html")
    assert said.status == 2
    assert said.err.startswith(f"tocsin: {option}: ")
    assert "name one in a folder that is there" in said.err


@pytest.mark.parametrize("name", READ)
def test_what_is_read_is_never_overwritten(tocsin: Tocsin, files: Path, name: str):
    said = tocsin(*asked(name, files), "--out", files / "data.csv")
    assert said.status == 2
    assert "--out would overwrite what is read" in said.err
    assert (files / "data.csv").read_text() == "nothing\n1\n"


@pytest.mark.parametrize("name", READ)
def test_two_options_need_two_files(tocsin: Tocsin, files: Path, name: str):
    said = tocsin(*asked(name, files), "--out", files / "both", "--report", files / "both")
    assert "--report and --out would both write to" in said.err


def test_a_folder_of_somebody_else_is_said(tocsin: Tocsin, files: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != files)  # root may write everywhere
    said = tocsin(*asked("warn", files), "--report", files / "page.html")
    assert said.status == 2
    assert "--report: " in said.err
    assert "cannot be written" in said.err
