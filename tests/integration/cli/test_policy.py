"""`tocsin policy check` says what each role can do and what changed."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from tests.rules import base
from tocsin.adapters.packs.example import write_example
from tocsin.cli import app

RUNNER = CliRunner()
ANALYST = '(principal == Role::"analyst", action == Action::"consult", resource == Dataset'
FEW = f'@id("only") permit {ANALYST}::"forecasts");'
MORE = f'@id("more") permit {ANALYST}::"plans");'


def pack_with(folder: Path, policies: str) -> Path:
    (folder / "access").mkdir(parents=True)
    (folder / "pack.toml").write_text("")
    (folder / "access" / "own.cedar").write_text(policies)
    return folder


def test_it_says_what_each_role_can_do() -> None:
    result = RUNNER.invoke(app, ["policy", "check"])
    assert result.exit_code == 0
    assert "Calls: export, sealed fields apart, with the approval of two." in result.stdout
    assert base().digest in result.stdout


def test_json_has_every_cell_and_serves_as_the_older_version(tmp_path: Path) -> None:
    old = RUNNER.invoke(app, ["policy", "check", str(pack_with(tmp_path / "a", FEW)), "--json"])
    assert old.exit_code == 0
    told = json.loads(old.stdout)
    assert (told["ok"], told["faults"], told["version"]) == (True, [], "the pack's")
    assert [role["role"] for role in told["roles"] if role["can"] != ["Nothing."]] == ["analyst"]
    (tmp_path / "old.json").write_text(old.stdout)
    new = pack_with(tmp_path / "b", MORE)
    for against in (tmp_path / "old.json", tmp_path / "a"):
        result = RUNNER.invoke(app, ["policy", "check", str(new), "--against", str(against), "--json"])
        assert json.loads(result.stdout)["granted"] == ["Analyst: consult «Plans and move-ups»: no → yes"]
        assert json.loads(result.stdout)["taken"] == ["Analyst: consult «Forecasts and their record»: yes → no"]
    shown = RUNNER.invoke(app, ["policy", "check", str(new), "--against", str(tmp_path / "a")]).stdout
    assert "Granted: 1" in shown
    assert "Taken away: 1" in shown


def test_rules_with_a_fault_end_with_1_and_are_listed(tmp_path: Path) -> None:
    pack = pack_with(tmp_path, "permit (principal, action, resource);")
    result = RUNNER.invoke(app, ["policy", "check", str(pack), "--json"])
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["ok"] is False
    assert "has no @id" in told["faults"][0]
    shown = RUNNER.invoke(app, ["policy", "check", str(pack)])
    assert shown.exit_code == 1
    assert "everything is refused" in shown.stdout


def test_an_older_version_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text('{"cells": [["role"], ["x", "y"]]}')
    bad = pack_with(tmp_path / "bad", "permit (principal, action, resource);")
    for against in (tmp_path / "no.json", bad):
        result = RUNNER.invoke(app, ["policy", "check", "base", "--against", str(against)])
        assert result.exit_code == 2


def test_check_of_a_pack_lists_faults_of_its_rules(tmp_path: Path) -> None:
    write_example(tmp_path / "town")
    (tmp_path / "town" / "access").mkdir()
    (tmp_path / "town" / "access" / "own.cedar").write_text("permit (principal")
    result = RUNNER.invoke(app, ["check", str(tmp_path / "town"), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["faults"][0]["file"] == "access/own.cedar"
