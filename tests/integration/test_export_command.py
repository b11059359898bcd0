"""`tocsin export` speaks to people and to programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.fakes.log_city import call, make_city
from tocsin.adapters.stores import LOG_FILE, SqliteLog
from tocsin.cli import app
from tocsin.desk.writer import Writer, open_situation
from tocsin.errors import BadSettings
from tocsin.geography.places import Places


@pytest.fixture
def data(tmp_path: Path) -> Path:
    city = make_city()
    log = SqliteLog(tmp_path / "data" / LOG_FILE)
    Writer(log, city, Places(city), open_situation(log, city)).write([call(n) for n in range(4)])
    log.close()
    return tmp_path / "data"


def test_for_programs(data: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["export", "--data", str(data), "--out", str(tmp_path / "out"), "--json"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["rows"]["calls"] == 4


def test_for_people(data: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["export", "--data", str(data), "--out", str(tmp_path / "out")])
    assert "calls.parquet" in run.stdout


def test_refusal_says_what_to_do(data: Path) -> None:
    run = CliRunner().invoke(app, ["export", "--data", str(data), "--out", str(data)])
    assert isinstance(run.exception, BadSettings)
    assert "name a new one" in str(run.exception)
