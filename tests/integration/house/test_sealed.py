"""What is sealed stays sealed: an exact place and other sealed fields leave by no door but a stated purpose."""

from __future__ import annotations

import sqlite3
import struct
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.house import OpenHouse, open_tiny_house
from tocsin.adapters.export import export_data

EXACT_LON, EXACT_LAT = 10.0212345, 50.0198765
"""On no corner and in no middle of a street of the tiny city; known by its last digits."""
TELLING = ("0212345", "0198765")


@pytest.fixture
def house(tmp_path: Path):
    with open_tiny_house(tmp_path, live=True) as house:
        report = {
            "call": "secret-1",
            "received": datetime.now(UTC).isoformat(),
            "kind": house.house.pack.city.call_kinds[0].kind,
            "lon": EXACT_LON,
            "lat": EXACT_LAT,
        }
        answer = house.client.post("/api/calls", json=report)
        assert answer.status_code == 201, answer.text
        house.wait(lambda board: "secret-1" in board.situation.plans)
        yield house


def tells(text: str) -> bool:
    return any(digits in text for digits in TELLING)


def test_no_route_tells_the_exact_place(house: OpenHouse) -> None:
    paths = house.client.get("/api/openapi.json").json()["paths"]
    read = [p for p, methods in paths.items() if "get" in methods and p != "/api/stream"]
    assert len(read) > 10
    for path in read:
        for name, value in (("call", "secret-1"), ("area", house.client.get("/api/city").json()["areas"][0]["area"])):
            path = path.replace("{" + name + "}", value)
        assert not tells(house.client.get(path).text), path


def test_the_call_is_shown_at_its_block(house: OpenHouse) -> None:
    call = house.client.get("/api/calls/secret-1").json()["call"]
    lon, lat = call["place"]
    assert abs(lon - EXACT_LON) < 0.01
    assert abs(lat - EXACT_LAT) < 0.01
    assert (lon, lat) != (EXACT_LON, EXACT_LAT)


def test_the_log_holds_a_commitment_and_the_payload_lies_apart(house: OpenHouse) -> None:
    with sqlite3.connect(house.data / "log.sqlite") as log:
        dumps = [list(log.execute("SELECT * FROM events")), list(log.execute("SELECT * FROM snapshots"))]
        committed = log.execute("SELECT count(*) FROM events WHERE commitment IS NOT NULL").fetchone()[0]
    assert committed >= 1
    for rows in dumps:
        raw = b"".join(cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row)
        assert not tells(raw.decode("latin-1"))
        assert struct.pack(">d", EXACT_LON) not in raw
        assert struct.pack("<d", EXACT_LON) not in raw


def test_an_export_carries_no_exact_place(house: OpenHouse, tmp_path: Path) -> None:
    export_data(house.data, tmp_path / "out")
    tables = sorted((tmp_path / "out").glob("*.parquet"))
    assert tables
    for table in tables:
        frame = pl.read_parquet(table)
        for column in frame.select(pl.selectors.float()).columns:
            values = frame[column].drop_nulls()
            assert not ((values - EXACT_LON).abs() < 1e-9).any(), f"{table.name} {column}"
        assert not tells(frame.select(pl.selectors.string()).write_csv())
