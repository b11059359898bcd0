"""What leaves the house: every fact, block level at most, medical calls of yesterday by area and quarter of an hour."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.fakes.log_city import REPLAY, START, call, forecast, make_city, mark, response
from tocsin.adapters.export import CITY_FILE, export_data, export_log, read_services, remember_city
from tocsin.adapters.export import tables as tables_module
from tocsin.adapters.export.tables import SCHEMAS
from tocsin.adapters.stores import LOG_FILE, MemoryLog, SqliteLog
from tocsin.desk.writer import Writer, open_situation
from tocsin.errors import BadSettings
from tocsin.geography.places import Places
from tocsin.model.alarms import Alarm, AlarmKind
from tocsin.model.commands import ClearAlarm, Command, DismissAlarm, ProposePlan, Quarantine, RaiseAlarm, ShelveAlarm
from tocsin.model.plan import Choice, Missing, Plan, Reason, Shortfall

CITY = make_city()
DAY_S = 24 * 3600.0


def _choice(unit: str, eta_s: float) -> Choice:
    return Choice(unit, "engine", "engine", eta_s, eta_s - 10, eta_s + 10, 0.9, True, Reason("closest"))


def _plan(n: int, at_s: float) -> tuple[datetime, Command]:
    at = START + timedelta(seconds=at_s)
    plan = Plan(
        f"c{n}", at, 1, "closest", 7, (_choice("engine1", 101.5),), _choice("engine2", 202.5), (), (),
        (Missing("engine", 1, Shortfall.ALL_BUSY),),
    )  # fmt: skip
    return at, ProposePlan(f"plan-{n}", REPLAY, plan)


def _alarm(n: int, at_s: float) -> list[tuple[datetime, Command]]:
    at = START + timedelta(seconds=at_s)
    alarm = Alarm(f"no_unit:c{n}", AlarmKind.NO_UNIT, 1, at, at + timedelta(seconds=77), call=f"c{n}")
    name = alarm.alarm
    return [
        (at, RaiseAlarm(f"raise-{n}", REPLAY, alarm)),
        (at + timedelta(seconds=1), ShelveAlarm(f"shelve-{n}", REPLAY, name, at + timedelta(seconds=99))),
        (at + timedelta(seconds=2), DismissAlarm(f"dismiss-{n}", REPLAY, name, "Ms Miller rang twice")),
        (at + timedelta(seconds=3), ClearAlarm(f"clear-{n}", REPLAY, name)),
    ]


def _case(n: int, kind: str, at_s: float) -> list[tuple[datetime, Command]]:
    """A call with all that can hang on it."""
    return [
        call(n, at_s=at_s, kind=kind, name="a very particular caller"),
        _plan(n, at_s + 2),
        *_alarm(n, at_s + 3),
        *response(n, f"engine{n % 2 + 1}", at_s=at_s + 61),
    ]


def _fill(data: Path) -> None:
    log = SqliteLog(data / LOG_FILE)
    items = [
        *_case(1, "Illness", 123.0),
        *_case(2, "Fire", 1234.0),
        *_case(3, "Odd", 2345.0),
        forecast(4000.0),
        (START + timedelta(seconds=5000), Quarantine("q1", REPLAY, "unreadable", "line 7", "Ms Miller?", b"Ms Miller")),
        mark(9, "engine1", at_s=5001),
        *_case(4, "Illness", 2 * DAY_S + 11.0),
    ]
    Writer(log, CITY, Places(CITY), open_situation(log, CITY)).write(items)
    log.close()
    remember_city(data, CITY)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    _fill(data)
    return data


@pytest.fixture(scope="module")
def out(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "new" / "folder"
    export_data(data, out)
    return out


def _read(out: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(out / f"{name}.parquet")


def test_every_table_is_there_with_its_columns(out: Path) -> None:
    assert {p.name for p in out.iterdir()} == {*(f"{name}.parquet" for name in SCHEMAS), "README.md"}
    for name, schema in SCHEMAS.items():
        assert dict(_read(out, name).schema) == dict(pl.Schema(schema))


def test_counts(data: Path, tmp_path: Path) -> None:
    rows = export_data(data, tmp_path)
    log = SqliteLog(data / LOG_FILE, writes=False)
    assert rows["events"] == log.head()
    log.close()
    assert (rows["calls"], rows["plans"], rows["plan_choices"], rows["alarms"]) == (4, 4, 8, 16)
    assert (rows["marks"], rows["forecasts"], rows["quarantined"]) == (16, (3 + 1) * 2, 2)


def test_calls(out: Path) -> None:
    calls = {row["call"]: row for row in _read(out, "calls").iter_rows(named=True)}
    old, fire, odd, young = (calls[f"c{n}"] for n in (1, 2, 3, 4))
    for reduced in (old, odd):
        assert (reduced["lon"], reduced["lat"], reduced["incident"], reduced["reduced"]) == (None, None, None, True)
        assert reduced["received"].minute % 15 == reduced["received"].second == 0
        assert reduced["area"] == "a0"
    for whole in (fire, young):
        assert whole["lon"] == CITY.areas["a0"].centre.lon, "block level: without streets the area's centre"
        assert whole["reduced"] is False
    assert fire["received"] == START + timedelta(seconds=1234)
    assert [row["service"] for row in (old, fire, odd)] == ["medical", "fire", None]


def test_everything_that_hangs_on_an_old_medical_call_is_coarse(out: Path) -> None:
    for name, times in {"marks": ["at"], "plans": ["made"], "plan_choices": ["made"], "alarms": ["at", "due"]}.items():
        table = _read(out, name).filter(pl.col("call").is_in(["c1", "c3"]))
        assert len(table) > 0
        assert table["reduced"].all()
        for time in times:
            assert _on_quarters(table[time].drop_nulls()), (name, time)
        exact = _read(out, name).filter(pl.col("call") == "c2")
        assert not exact["reduced"].any()
        assert not _on_quarters(exact[times[0]])
    choices = _read(out, "plan_choices").sort("call", "rank")
    assert choices.filter(pl.col("call") == "c1")["eta_s"].to_list() == [None, None]
    assert choices.filter(pl.col("call") == "c2")["eta_s"].to_list() == [101.5, 202.5]


def test_alarms(out: Path) -> None:
    alarms = _read(out, "alarms")
    assert alarms.filter(pl.col("reduced"))["alarm"].is_null().all(), "the id of an alarm may hold its time"
    assert alarms["kind"].unique().to_list() == ["no_unit"]
    exact = alarms.filter(pl.col("call") == "c2").sort("at")
    assert exact["alarm"].unique().to_list() == ["no_unit:c2"]
    assert exact["change"].to_list() == ["raised", "shelved", "dismissed", "cleared"]


def _on_quarters(times: pl.Series) -> bool:
    return bool((times.dt.truncate("15m") == times).all())


def test_order_of_the_log_gives_no_time_back(out: Path) -> None:
    assert _on_quarters(_read(out, "events")["at"])
    for name in SCHEMAS:
        columns = _read(out, name).columns
        assert ("seq" in columns) == (name == "events")
        assert "based_on" not in columns


def test_nothing_sealed_and_no_free_text(out: Path) -> None:
    text = "".join(str(_read(out, name).to_dicts()) for name in SCHEMAS)
    assert "particular" not in text
    assert "Miller" not in text
    assert "0.006" not in text, "no exact place"


def test_forecasts_are_exploded(out: Path) -> None:
    table = _read(out, "forecasts")
    _, command = forecast(4000.0)
    row = table.filter((pl.col("area") == "a1") & (pl.col("hour") == command.demand.start + timedelta(hours=1)))
    assert row.select(pl.col("^q.*$")).row(0) == tuple(command.demand.quantiles[1, 1])
    assert row["mean"].item() == command.demand.mean[1, 1]
    assert len(table.filter(pl.col("area").is_null())) == 2


def test_quarantined(out: Path) -> None:
    rows = _read(out, "quarantined").sort("at", "code").to_dicts()
    assert {(r["code"], r["place"]) for r in rows} >= {("unreadable", "line 7")}
    assert all(r["reduced"] for r in rows)


def test_events_carry_their_origin(out: Path) -> None:
    events = _read(out, "events")
    assert events["seq"].to_list() == list(range(1, len(events) + 1))
    assert events.select("actor", "role", "purpose", "mode").unique().rows() == [
        ("feed:replay", "feed", "emergency_response", "replay")
    ]


def test_without_services_every_call_counts_as_medical(data: Path, tmp_path: Path) -> None:
    log = SqliteLog(data / LOG_FILE, writes=False)
    export_log(log, tmp_path / "out", {})
    log.close()
    calls = _read(tmp_path / "out", "calls").sort("call")
    assert calls["reduced"].to_list() == [True, True, True, False]


def test_chunks_do_not_matter(data: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables_module, "CHUNK_ROWS", 2)
    export_data(data, tmp_path)
    for name in SCHEMAS:
        by = SCHEMAS[name].keys() - {"units", "shortfalls"}
        assert _read(tmp_path, name).sort(by).equals(_read(out, name).sort(by)), name


def test_empty_log(tmp_path: Path) -> None:
    assert set(export_log(MemoryLog(), tmp_path / "out", {}).values()) == {0}
    assert _read(tmp_path / "out", "calls").is_empty()


def test_while_the_desk_writes(data: Path, tmp_path: Path) -> None:
    log = SqliteLog(data / LOG_FILE)
    assert export_data(data, tmp_path)["calls"] == 4
    log.close()


def test_folder_must_be_empty_and_a_log_be_there(data: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(BadSettings, match="not an empty folder"):
        export_data(data, tmp_path)
    with pytest.raises(BadSettings, match="no log at"):
        export_data(tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_city_is_remembered(tmp_path: Path) -> None:
    assert read_services(tmp_path) == {}
    remember_city(tmp_path, CITY)
    assert read_services(tmp_path) == {"Fire": "fire", "Illness": "medical", "Odd": None}
    assert json.loads((tmp_path / CITY_FILE).read_text())["title"] == "Town"
    for bad in ("", "[]", '{"services": {"Fire": "police"}}', '{"services": 3}'):
        (tmp_path / CITY_FILE).write_text(bad)
        with pytest.raises(BadSettings, match=CITY_FILE):
            read_services(tmp_path)
