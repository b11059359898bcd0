"""A replay is a replay everywhere, and nothing leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.city import START
from tests.house import OpenHouse, open_tiny_house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    with open_tiny_house(tmp_path_factory.mktemp("house")) as house:
        noon = START + timedelta(hours=12)
        house.house.desk.pause()
        house.house.desk.jump(noon)
        house.wait(lambda board: board.clock.now == noon and board.clock.busy is None)
        yield house


def test_it_is_called_a_replay_on_every_door(house: OpenHouse) -> None:
    assert house.client.get("/api/city").json()["mode"] == "replay"
    assert house.client.get("/api/clock").json()["mode"] == "replay"
    assert house.client.get("/api/picture").json()["clock"]["mode"] == "replay"
    assert house.client.get("/api/health").json()["mode"] == "replay"
    house.house.engine.flush()
    modes = {str(r.origin.mode) for r in house.house.engine.writer._log.read()}
    assert modes == {"replay"}


def test_every_plan_says_that_it_cannot_be_sent_and_why(house: OpenHouse) -> None:
    calls = house.client.get("/api/picture").json()["calls"]
    assert calls
    for call in calls[:5]:
        detail = house.client.get(f"/api/calls/{call['call']}").json()
        assert detail["can_send"] is False
        assert detail["why_not"]["code"] == "replay_cannot_send"
        assert detail["plan"] is not None


OF_THE_HOUSE = {
    ("/api/disclosures", "post"),
    ("/api/break-glass", "post"),
    ("/api/tasks", "post"),
    ("/api/tasks/{task}", "delete"),
    ("/api/reviews/{index}", "post"),
    ("/api/exports", "post"),
    ("/api/exports/{export}/decision", "post"),
    ("/api/session", "post"),
    ("/api/session", "delete"),
    ("/api/session/second-factor", "post"),
    ("/api/session/passkey/options", "post"),
    ("/api/session/passkey", "post"),
    ("/api/session/role", "post"),
    ("/api/first-account", "post"),
    ("/api/password", "post"),
    ("/api/session/password", "post"),
    ("/api/session/totp", "post"),
    ("/api/session/totp/confirm", "post"),
    ("/api/session/recovery-codes", "post"),
    ("/api/session/passkey/register/options", "post"),
    ("/api/session/passkey/register", "post"),
    ("/api/session/second-factors/remove", "post"),
    ("/api/accounts", "post"),
    ("/api/accounts/{account}", "post"),
    ("/api/accounts/{account}/tokens", "post"),
    ("/api/calls/{call}/claim-code", "post"),
    ("/api/erasures", "post"),
}
"""Who signs in, who uses which data, what leaves with two approvals: orders about data and accounts, none to a unit."""


def test_the_api_has_no_way_to_send(house: OpenHouse) -> None:
    paths = house.client.get("/api/openapi.json").json()["paths"]
    writes = {(path, method) for path, methods in paths.items() for method in methods if method not in ("get", "head")}
    assert writes - OF_THE_HOUSE == {
        ("/api/alarms/{alarm}", "post"),
        ("/api/calls", "post"),
        ("/api/calls/{call}/plan", "post"),
        ("/api/clock", "post"),
        ("/api/exercises", "post"),
        ("/api/exercises/{exercise}", "post"),
        ("/api/exercises/{exercise}/branches", "post"),
        ("/api/exercises/{exercise}/injects/{inject}", "post"),
        ("/api/intake", "post"),
        ("/api/marks", "post"),
        ("/api/moves/{move}", "post"),
        ("/api/warnings/{warning}", "post"),
        ("/api/what-if", "post"),
    }
