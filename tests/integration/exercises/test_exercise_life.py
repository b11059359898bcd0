"""The life of an exercise: script, branch, end, report, and a restart in the middle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.exercise_house import BEGIN, RehearsalHouse, open_rehearsal_house
from tocsin.adapters.feeds.exercise import ExerciseFeed
from tocsin.bootstrap import open_engine
from tocsin.errors import BadSettings
from tocsin.model.origin import Mode


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RehearsalHouse]:
    with open_rehearsal_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="module")
def played(house: RehearsalHouse) -> dict:
    """An exercise with a scenario, two hours in, with one confirmed plan, one note and one branch; then ended."""
    exercise = house.begin(scenario="storm", title="Storm drill")
    picture = house.play_to(exercise, 1.2)
    call = next(c["call"] for c in reversed(picture["calls"]) if not c["units"])
    house.ask(exercise, f"calls/{call}/plan", taken="other", units=["M3"], role="watch_officer", reason="nearest")
    house.play_to(exercise, 2.0)
    house.ask(exercise, "injects/1", met=True, note="E1 went north")
    order = {"order": "move", "at": (BEGIN + timedelta(minutes=40)).isoformat(), "unit": "E1", "station": "south"}
    exercise["branch"] = house.ask(exercise, "branches", title="E1 to the south", orders=[order])
    exercise["before"] = house.look(exercise, "injects")
    exercise["called"] = call
    house.ask(exercise, "", action="end")
    return exercise


def test_the_script_hides_what_is_to_come(house: RehearsalHouse, played: dict) -> None:
    first, second = played["before"]
    assert (first["state"], first["title"], first["met"]) == ("played", "The river rises", True)
    assert (second["state"], second["title"], second["source"]) == ("coming", None, None)
    everything = house.client.get(f"/api/exercises/{played['exercise']}/injects?all=true").json()
    assert everything[1]["title"] == "The mayor calls"
    assert first["expects"] is None
    assert everything[0]["expects"] == "A unit is moved north"


def test_a_branch_stands_beside_its_trunk(played: dict) -> None:
    branch = played["branch"]
    assert branch["trunk"]["calls"] == branch["result"]["calls"] > 0
    assert branch["orders"][0]["unit"] == "E1"


def test_the_report_says_what_happened_and_ranks_no_unit(house: RehearsalHouse, played: dict) -> None:
    report = house.look(played, "after-action")
    assert report["complete"]
    assert [score["name"] for score in report["courses"]][:3] == ["exercise", "rule", "best"]
    late = {score["name"]: score["late"] for score in report["courses"]}
    assert late["best"] <= late["rule"]
    assert report["decisions"][0]["call"] == played["called"]
    assert report["decisions"][0]["units"] == ["M3"]
    assert report["injects"][0]["inject"]["note"] == "E1 went north"
    assert report["branches"][0]["title"] == "E1 to the south"
    assert any("Inject 1" in line["text"] for line in report["timeline"])
    assert not any("E1" in text or "M3" in text for text in report["strengths"] + report["areas_to_improve"])
    page = house.client.get(f"/api/exercises/{played['exercise']}/after-action.html")
    assert page.status_code == 200
    assert "EXERCISE" in page.text
    assert "<script" not in page.text
    assert "http" not in page.text.replace("http://www.w3.org", "")


def test_an_ended_exercise_stands_still(house: RehearsalHouse, played: dict) -> None:
    before = house.look(played)["now"]
    house.ask(played, "clock", action="play")
    house.ask(played, "clock", action="step", step_s=600)
    assert house.look(played)["state"] == "ended"
    assert house.look(played, "clock")["head"] == before


def test_messages_went_to_the_exercises_own_file(house: RehearsalHouse, played: dict) -> None:
    lines = (house.data / "exercises" / played["exercise"] / "messages.jsonl").read_text().splitlines()
    messages = [json.loads(line) for line in lines]
    assert [m["to"] for m in messages] == ["M3"]
    assert all(m["type"] == "ExerciseMessage" and m["text"].startswith("EXERCISE") for m in messages)


@pytest.mark.parametrize(
    ("order", "status", "code", "where"),
    [
        ({"scenario": "nowhere"}, 422, "bad_scenario", "scenario"),
        ({"scenario_text": 'title = "T"\n[[surges]]\ntimes = -1'}, 422, "bad_scenario", "surges[0].times"),
        ({"start": "2024-03-04T08:00:00"}, 422, "invalid", "body.start"),
        ({"until": BEGIN.isoformat()}, 422, "bad_scenario", "until"),
        ({"start": "2020-01-01T00:00:00Z", "until": "2020-01-01T04:00:00Z"}, 422, "bad_scenario", "start"),
        ({"speed": 0}, 422, "invalid", "body.speed"),
    ],
)
def test_what_cannot_be_begun_is_refused_with_its_place(
    house: RehearsalHouse, order: dict, status: int, code: str, where: str
) -> None:
    whole = {"start": BEGIN.isoformat(), "until": (BEGIN + timedelta(hours=2)).isoformat(), **order}
    answer = house.client.post("/api/exercises", json=whole)
    assert (answer.status_code, answer.json()["type"].split(":")[-1], answer.json()["where"]) == (status, code, where)
    assert answer.json()["do"]


def test_unknown_exercises_and_injects_are_not_found(house: RehearsalHouse, played: dict) -> None:
    for address in ("X-2024-99", "X-2024-99/picture", "..%2f..%2fdata", f"{played['exercise']}/calls/none"):
        assert house.client.get(f"/api/exercises/{address}").status_code == 404
    answer = house.client.post(f"/api/exercises/{played['exercise']}/injects/9", json={"met": True})
    assert answer.status_code == 404


def test_a_third_exercise_waits_until_one_has_ended(house: RehearsalHouse) -> None:
    running = [house.begin(), house.begin()]
    order = {"start": BEGIN.isoformat(), "until": (BEGIN + timedelta(hours=1)).isoformat()}
    answer = house.client.post("/api/exercises", json=order)
    assert answer.status_code == 409
    assert running[0]["exercise"] in answer.json()["detail"]
    for exercise in running:
        house.hall.end(exercise["exercise"])


@pytest.mark.parametrize(
    ("start", "until", "status", "where"),
    [
        ("9999-12-31T10:00:00Z", "9999-12-31T20:00:00Z", 422, "start"),
        ("0001-01-02T00:00:00Z", "0001-01-02T06:00:00Z", 422, "start"),
        ("9999-12-31T22:00:00-23:00", "9999-12-31T23:00:00-23:00", 422, "body.start"),
    ],
)
def test_an_exercise_at_the_end_of_the_calendar_is_refused_and_leaves_nothing(
    house: RehearsalHouse, start: str, until: str, status: int, where: str
) -> None:
    kept = sorted((house.data / "exercises").iterdir()) if (house.data / "exercises").exists() else []
    answer = house.client.post("/api/exercises", json={"source": "generated", "start": start, "until": until})
    assert (answer.status_code, answer.json()["where"]) == (status, where)
    assert (sorted((house.data / "exercises").iterdir()) if kept else []) == kept


def test_an_exercise_that_fails_to_begin_counts_as_ended_and_frees_its_log(
    house: RehearsalHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise BadSettings("no room")

    with monkeypatch.context() as broken:
        broken.setattr(ExerciseFeed, "__init__", breaks)
        order = {"start": BEGIN.isoformat(), "until": (BEGIN + timedelta(hours=1)).isoformat()}
        assert house.client.post("/api/exercises", json=order).status_code == 409
    newest = house.hall.list_all()[0]
    assert newest.ended
    assert house.client.get(f"/api/exercises/{newest.exercise}/after-action").status_code == 200


def test_an_ended_exercise_takes_no_more_orders_and_reports(house: RehearsalHouse, played: dict) -> None:
    log = house.hall._open[played["exercise"]].log
    before = log.head()
    at = f"/api/exercises/{played['exercise']}"
    plan = {"taken": "other", "units": ["M3"], "role": "watch_officer", "reason": "late"}
    mark = {"call": played["called"], "unit": "M3", "mark": "available", "at": BEGIN.isoformat()}
    for address, order in ((f"calls/{played['called']}/plan", plan), ("marks", mark), ("intake", {})):
        answer = house.client.post(f"{at}/{address}", json=order)
        assert answer.status_code == 409, address
        assert "has ended" in answer.json()["detail"]
    assert log.head() == before
    assert house.client.post(f"{at}/what-if", json={}).status_code == 200
    far = {"action": "jump", "to": "9999-12-31T23:59:59-23:00"}
    assert house.client.post(f"{at}/clock", json=far).status_code == 422


def test_a_generated_day_is_the_same_for_the_same_seed(house: RehearsalHouse) -> None:
    pictures = []
    for seed in (5, 5, 6):
        exercise = house.begin(source="generated", seed=seed)
        pictures.append([(c["call"], c["received"]) for c in house.play_to(exercise, 3.0)["calls"]])
        house.hall.end(exercise["exercise"])
    assert pictures[0] == pictures[1] != pictures[2]


def test_after_a_restart_the_exercise_goes_on_where_it_stood(tmp_path: Path) -> None:
    with open_rehearsal_house(tmp_path) as house:
        exercise = house.begin(auto_send_s=60)
        before = house.play_to(exercise, 1.5)
    with open_rehearsal_house(tmp_path) as house:
        assert house.hall.list_all()[0].exercise == exercise["exercise"]
        again = house.look(exercise, "picture")
        # It stands at the newest event of its log, as every desk does after a start.
        assert again["clock"]["now"] <= before["clock"]["now"]
        assert [c["call"] for c in again["calls"]] == [c["call"] for c in before["calls"]]
        ended = house.play_to(exercise, 3.0)
    with open_rehearsal_house(tmp_path / "whole") as house:
        whole = house.play_to(house.begin(auto_send_s=60), 3.0)
    shown = [[(c["call"], c["units"]) for c in p["calls"]] for p in (ended, whole)]
    assert shown[0] == shown[1]


def test_the_log_of_an_exercise_opens_as_nothing_else(house: RehearsalHouse) -> None:
    exercise = house.begin(auto_send_s=60)
    house.play_to(exercise, 1.0)
    house.hall.end(exercise["exercise"])
    log = house.hall._open[exercise["exercise"]].log
    for mode in (Mode.LIVE, Mode.REPLAY):
        with pytest.raises(BadSettings, match="mode exercise"):
            open_engine(house.house.pack, _Open(log), mode, BEGIN, seed=1)


class _Open:
    """The log, but for its end: others still read it."""

    def __init__(self, log: object) -> None:
        self._log = log

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    def close(self) -> None:
        """Stays open."""
