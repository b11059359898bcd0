"""A column that names persons is dropped, unless the pack's rules declare it, say why, and seal it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

import tests.house
from tests.city import START, tiny_record, write_tiny_pack
from tests.house import OpenHouse, open_tiny_house
from tocsin.accounting.access import FieldId
from tocsin.accounting.uses import Opened, row_of
from tocsin.adapters.export import export_data
from tocsin.adapters.feeds.replay import ReplayFeed
from tocsin.adapters.packs import check_pack, load_pack, read_access
from tocsin.model.commands import ReportCall
from tocsin.model.events import Payload
from tocsin.model.ids import CallId

PHONE = "+49 30 9815372"
DATASETS = (Path(str(files("tocsin"))) / "access" / "datasets.toml").read_text(encoding="utf-8")
FIELD = """
[calls.fields.callback_phone]
title = "Number to call back"
sensitivity = "restricted"
why = "Who was cut off has to be called back."
"""


def write_pack(folder: Path, field: str | None = None, column: str = "callback_phone") -> Path:
    calls, _ = tiny_record()
    phones = [PHONE if i == 0 else None for i in range(calls.height)]
    pack = write_tiny_pack(folder, calls=calls.with_columns(pl.Series(column, phones, pl.String)))
    if field is not None:
        (pack / "access").mkdir()
        (pack / "access" / "datasets.toml").write_text(DATASETS + field, encoding="utf-8")
    return pack


def reported(pack: Path) -> list[ReportCall]:
    loaded = load_pack(pack)
    feed = ReplayFeed(loaded.calls, loaded.responses)
    span = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    return [command for _, command in feed.between(*span) if isinstance(command, ReportCall)]


def test_a_column_that_nobody_declared_is_dropped_and_told(tmp_path: Path) -> None:
    pack = write_pack(tmp_path)
    assert "sealed.callback_phone" not in load_pack(pack).calls.columns
    assert [call.sealed for call in reported(pack) if call.sealed] == []
    told = [w.message for w in check_pack(pack).warnings if w.column == "callback_phone"]
    assert any("was dropped" in message for message in told)
    assert any("telephone numbers in 1 rows, such as '+•• •• •••••••'" in message for message in told)


def test_a_declared_column_is_reported_sealed(tmp_path: Path) -> None:
    pack = write_pack(tmp_path, FIELD)
    assert read_access(pack).faults == ()
    assert [call.sealed for call in reported(pack) if call.sealed] == [{"callback_phone": PHONE}]
    assert [w for w in check_pack(pack).warnings if w.column == "callback_phone"] == []


def test_the_gate_gives_a_declared_field_by_its_name() -> None:
    name = FieldId("callback_phone")
    row = row_of(CallId("1"), [name], Opened(Payload({str(name): PHONE}), destroyed=False), [])
    assert row.values == {name: PHONE}


def test_an_internal_field_opens_no_door(tmp_path: Path) -> None:
    pack = write_pack(tmp_path, FIELD.replace("restricted", "internal"))
    assert [call.sealed for call in reported(pack) if call.sealed] == []


def test_a_field_without_a_reason_closes_everything_and_is_dropped(tmp_path: Path) -> None:
    pack = write_pack(tmp_path, FIELD.replace('why = "Who was cut off has to be called back."', ""))
    assert any("does not say why" in fault for fault in read_access(pack).faults)
    assert [call.sealed for call in reported(pack) if call.sealed] == []


@pytest.mark.parametrize("name", ["plate", "caller_voice", "face_id", "religion", "trust_score"])
def test_what_tocsin_never_holds_cannot_be_declared(tmp_path: Path, name: str) -> None:
    pack = write_pack(tmp_path, FIELD.replace("callback_phone", name), name)
    assert any("Tocsin never holds that" in fault for fault in read_access(pack).faults)
    assert [call.sealed for call in reported(pack) if call.sealed] == []


def test_a_sealed_value_that_is_too_long_is_a_fault(tmp_path: Path) -> None:
    pack = write_pack(tmp_path, FIELD)
    calls = pl.read_parquet(pack / "calls.parquet").with_columns(pl.lit("x" * 501).alias("callback_phone"))
    calls.write_parquet(pack / "calls.parquet")
    assert {(f.column, f.code) for f in check_pack(pack).faults} == {("callback_phone", "bad_value")}


DIGITS = PHONE.replace(" ", "")[-7:]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenHouse]:
    """A desk that played half a day of a pack whose first call has a declared field."""
    monkeypatch.setattr(tests.house, "write_tiny_pack", lambda folder: write_pack(folder, FIELD))
    with open_tiny_house(tmp_path) as opened:
        noon = START + timedelta(hours=12)
        opened.house.desk.pause()
        opened.house.desk.jump(noon)
        opened.wait(lambda board: board.clock.now == noon and board.clock.busy is None)
        opened.house.engine.flush()
        yield opened


def tells(text: str) -> bool:
    return DIGITS in text.replace(" ", "")


def test_a_declared_field_lies_in_the_payload_and_nowhere_else(house: OpenHouse, tmp_path: Path) -> None:
    with sqlite3.connect(house.data / "log.sqlite") as log:
        tables = [name for (name,) in log.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        holding = {t for t in tables if any(tells(str(row)) for row in log.execute(f"SELECT * FROM {t}"))}  # noqa: S608
    assert holding == {"payloads"}
    for path in ("/api/picture", "/api/calls", "/api/calls/c000", "/api/changes", "/api/alarms"):
        answer = house.client.get(path)
        assert answer.status_code == 200, path
        assert not tells(answer.text), path
    export_data(house.data, tmp_path / "out")
    frames = {path.name: pl.read_parquet(path) for path in (tmp_path / "out").glob("*.parquet")}
    assert frames["calls.parquet"].height > 0
    assert [name for name, frame in frames.items() if any(tells(str(row)) for row in frame.iter_rows())] == []
