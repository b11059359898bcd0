"""`tocsin check` and `tocsin new`, as somebody at a terminal sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.city import FILES, tiny_files, write_tiny_pack
from tocsin.adapters.packs import check_pack, find_pack, load_pack
from tocsin.cli import app
from tocsin.errors import BadPack

run = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"})


def test_check_tells_people(tmp_path: Path):
    said = run.invoke(app, ["check", str(write_tiny_pack(tmp_path, closures=None))])
    assert said.exit_code == 0
    assert "is ok: no faults, 0 warnings" in said.output
    assert "Every street counts as open." in said.output
    assert "Calls with a unit on scene" in said.output


def test_check_tells_programs(tmp_path: Path):
    said = run.invoke(app, ["check", str(write_tiny_pack(tmp_path)), "--json"])
    report = json.loads(said.stdout)
    assert said.exit_code == 0
    assert report["ok"] is True
    assert report["faults"] == []
    assert report["coverage"]["calls"] == 60


def test_check_names_the_place_of_a_fault(tmp_path: Path):
    units = tiny_files()["units"].replace("E2,engine", "E2,engin")
    write_tiny_pack(tmp_path, units=units)
    said = run.invoke(app, ["check", str(tmp_path), "--json"])
    (fault,) = json.loads(said.stdout)["faults"]
    assert said.exit_code == 1
    assert list(fault) == ["file", "row", "column", "code", "message"]
    assert (fault["file"], fault["row"], fault["column"]) == ("units.csv", 1, "kind")
    people = run.invoke(app, ["check", str(tmp_path)])
    assert people.exit_code == 1
    assert "'engin' is not in pack.toml [unit_kinds]" in people.output


def test_a_markup_in_a_pack_is_shown_as_it_is(tmp_path: Path):
    write_tiny_pack(tmp_path, units=tiny_files()["units"].replace("E2,engine", "E2,[bold]x[/bold]"))
    assert "[bold]x[/bold]" in run.invoke(app, ["check", str(tmp_path)]).output


def test_a_path_that_is_no_pack():
    with pytest.raises(BadPack, match=r"nowhere.*pack\.toml.*san_francisco.*tocsin new"):
        find_pack("nowhere")
    with pytest.raises(BadPack, match="is no pack"):
        find_pack("a\x00b")


def test_a_folder_goes_before_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert find_pack("san_francisco").is_absolute()
    write_tiny_pack(tmp_path / "san_francisco")
    assert load_pack(find_pack("san_francisco")).city.name == "tiny"


def test_new_writes_a_whole_pack_that_is_ok(tmp_path: Path):
    folder = tmp_path / "town"
    said = run.invoke(app, ["new", str(folder)])
    assert said.exit_code == 0
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {*FILES.values(), "protocols/second_crew.toml"}
    report = check_pack(folder)
    assert (report.faults, report.warnings, report.missing) == ((), (), {})
    again = tmp_path / "again"
    run.invoke(app, ["new", str(again)])
    assert all((again / name).read_bytes() == (folder / name).read_bytes() for name in files)


def test_new_overwrites_nothing(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("mine")
    said = run.invoke(app, ["new", str(tmp_path)])
    assert said.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert run.invoke(app, ["new", str(tmp_path / "mine.txt")]).exit_code == 2
    assert run.invoke(app, ["new", str(tmp_path / "mine.txt" / "deeper")]).exit_code == 2
