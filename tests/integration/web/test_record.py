"""The track record and forecasts by kind through the public doors of a whole house."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.house import OpenHouse, open_tiny_house

SOON = datetime(2024, 3, 4, 2, tzinfo=UTC)
LATER = datetime(2024, 3, 5, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    folder: Path = tmp_path_factory.mktemp("record")
    with open_tiny_house(folder) as house:
        yield house


def jumped(house: OpenHouse, to: datetime) -> None:
    house.house.desk.jump(to)
    house.wait(lambda board: board.clock.now >= to and board.clock.busy is None)


def test_the_record_begins_empty_and_fills(house: OpenHouse):
    jumped(house, SOON)
    none = house.client.get("/api/record").json()
    assert (none["hours"], none["rows"], none["enough"], none["pit_low"]) == (0, [], False, None)
    assert none["summary"]["code"] == "record_not_enough"
    jumped(house, LATER)
    page = house.client.get("/api/record").json()
    assert page["hours"] == 28
    assert page["enough"]
    assert page["since"] == "2024-03-04T01:00:00Z"
    assert page["until"] == "2024-03-05T05:00:00Z"
    assert "bands held" in page["summary"]["text"]
    rows = {(row["by"], row["key"]): row for row in page["rows"]}
    assert {("all", "all"), ("city", "city"), ("area", "sw"), ("kind", "Illness"), ("horizon", "24")} <= rows.keys()
    assert rows["area", "sw"]["name"] == "SW"
    assert rows["horizon", "1"]["name"] == "one hour ahead"
    assert rows["horizon", "1"]["cells"] == 4 * 28
    assert sum(page["pit"]) == rows["all", "all"]["cells"]
    assert page["pit_low"] < sum(page["pit"]) / 10 < page["pit_high"]
    assert [one["kind"] for one in page["warnings"]][:1] == ["surge"]
    assert len(page["reliability"]) == 10


def test_a_forecast_of_one_kind(house: OpenHouse):
    jumped(house, LATER)
    whole = house.client.get("/api/forecast").json()
    assert whole["kinds"] == ["Illness", "Building fire", "Flooded cellar"]
    kinds = [house.client.get("/api/forecast", params={"kind": kind}).json() for kind in whole["kinds"]]
    for hour in range(len(whole["hours"])):
        assert sum(k["hours"][hour]["mean"] for k in kinds) <= whole["hours"][hour]["mean"] + 1e-9
    shown = {one["kind"]: one for one in whole["by_kind"]}
    assert [one["mean"] for one in whole["by_kind"]] == sorted((one["mean"] for one in shown.values()), reverse=True)
    for kind in kinds:
        next_hour = kind["hours"][0]
        assert (shown[kind["kind"]]["mean"], shown[kind["kind"]]["b80"]) == (next_hour["mean"], next_hour["b80"])
        assert kind["by_kind"] == []
    assert shown["Illness"]["cells"] > 0
    assert 0 <= shown["Illness"]["held"] <= 1
    assert 0.8 <= shown["Illness"]["promised"] <= 1
    illness = kinds[0]
    assert (illness["kind"], illness["name"]) == ("Illness", "Whole city: Illness")
    assert illness["skill"]["hours"] > 0
    assert sum(hour["observed"] for hour in illness["past"]) > 0
    area = house.client.get("/api/forecast/sw", params={"kind": "Illness"}).json()
    (in_area,) = [k for k in house.client.get("/api/areas/sw").json()["forecast"]["by_kind"] if k["kind"] == "Illness"]
    assert (in_area["mean"], in_area["held"], in_area["cells"]) == (area["hours"][0]["mean"], None, 0)
    assert 0 < area["hours"][0]["mean"] < house.client.get("/api/forecast/sw").json()["hours"][0]["mean"]


def test_a_kind_that_the_pack_does_not_have_is_named(house: OpenHouse):
    answer = house.client.get("/api/forecast", params={"kind": "Burglary"})
    assert answer.status_code == 404
    assert "Building fire" in answer.text
