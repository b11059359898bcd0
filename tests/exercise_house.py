"""A house over the tiny city with exercises beside its desk, through the public doors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tests.accounts import signed_in
from tests.city import START, write_tiny_pack
from tests.house import PORT
from tocsin.adapters.clocks import WallClock
from tocsin.bootstrap import House, open_house
from tocsin.bootstrap_exercise import ExerciseHall
from tocsin.bootstrap_settings import Settings
from tocsin.web.app import create_app

BEGIN = START + timedelta(hours=8)
"""When the exercises of tests begin; two days of calls lie around it."""
SCENARIO = """
title = "Storm over Tiny Town"
text = "Wind and water in the evening."
[[objectives]]
objective = "O1"
text = "Units are moved before the water closes the bridge."
capability = "Operational coordination"
[[surges]]
from = "+1:00"
until = "+3:00"
times = 3.0
[[stations_lost]]
station = "south"
from = "+2:00"
[[injects]]
inject = "1"
at = "+0:30"
title = "The river rises"
from = "Water board"
to = "Watch officer"
expects = "A unit is moved north"
objective = "O1"
[[injects]]
inject = "2"
at = "+3:30"
title = "The mayor calls"
from = "Town hall"
to = "Watch officer"
method = "phone"
"""


class RehearsalHouse:
    """A running house with a hall, and the client of a watch officer who is signed in."""

    def __init__(self, house: House, hall: ExerciseHall, client: TestClient, data: Path) -> None:
        self.house, self.hall, self.client, self.data = house, hall, client, data

    def begin(self, **more: Any) -> dict[str, Any]:
        """An exercise of four hours that has begun, paused at its start."""
        order = {
            "start": BEGIN.isoformat(),
            "until": (BEGIN + timedelta(hours=4)).isoformat(),
            "lead_in_h": 1.0,
            "speed": 0.001,
            **more,
        }
        answer = self.client.post("/api/exercises", json=order)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        self.ask(found, "clock", action="pause")
        return found

    def ask(self, exercise: dict[str, Any], address: str, **order: Any) -> Any:
        """What the exercise's own desk answers to a POST."""
        answer = self.client.post(f"/api/exercises/{exercise['exercise']}/{address}".rstrip("/"), json=order)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def look(self, exercise: dict[str, Any], address: str = "") -> Any:
        """What the exercise's own desk answers to a GET."""
        answer = self.client.get(f"/api/exercises/{exercise['exercise']}/{address}".rstrip("/"))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def play_to(self, exercise: dict[str, Any], hours: float) -> dict[str, Any]:
        """Run the exercise to so many hours after its beginning; its picture then."""
        goal = BEGIN + timedelta(hours=hours)
        self.ask(exercise, "clock", action="jump", to=goal.isoformat())
        self.wait(lambda: self.hall.get(exercise["exercise"]).desk.board().clock.busy is None)  # type: ignore[union-attr]
        self.wait(lambda: self.hall.get(exercise["exercise"]).now >= goal)
        picture: dict[str, Any] = self.look(exercise, "picture")
        return picture

    def wait(self, holds: Callable[[], bool]) -> None:
        """Until it holds; fails after half a minute."""
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline, "never came"
            time.sleep(0.01)


@contextmanager
def open_rehearsal_house(folder: Path, *, live: bool = True) -> Iterator[RehearsalHouse]:
    """The tiny city with a live desk (`live`) or a replay, and exercises beside it."""
    pack = folder / "pack"
    if not pack.exists():
        write_tiny_pack(pack)
        manifest = pack / "pack.toml"
        if live:
            manifest.write_text(manifest.read_text().replace('kind = "replay"', 'kind = "intake"'))
        (pack / "scenarios").mkdir()
        (pack / "scenarios" / "storm.toml").write_text(SCENARIO)
    house = open_house(str(pack), folder / "data", demo=False, settings=Settings(seed=1))
    hall = ExerciseHall(house.pack, folder / "data", Settings(seed=1), WallClock())
    accounts = house.identity.accounts
    app = create_app(
        house.desk,
        token=house.token,
        demo_session=False,
        missing={},
        port=PORT,
        rehearsals=hall,
        accounts=accounts,
        account=house.account,
    )
    house.start()
    try:
        headers = signed_in(accounts, PORT, "watch_officer", "planning_chief")
        with TestClient(app, base_url=f"http://127.0.0.1:{PORT}", headers=headers) as client:
            yield RehearsalHouse(house, hall, client, folder / "data")
    finally:
        hall.close()
        house.close()
