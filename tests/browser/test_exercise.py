"""A short exercise from its beginning to its report: it cannot be taken for the real city, and it orders nothing there.

In the order of an exercise: begun from the desk, played, broken into, ended, left."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.browser.conftest import wait_ready
from tests.browser.steps import calm, console, get, planned_call, post, serious_faults, stand_at_night, wait_until

SCENARIO = """
title = "Bell Tower"
text = "Quake; calls queue."
[[surges]]
from = "+0:00"
until = "+1:00"
times = 3.0
[[injects]]
inject = "1"
at = "+0:02"
title = "Quake, M 6.1"
from = "Control"
to = "Watch officer"
[[injects]]
inject = "2"
at = "+0:50"
title = "Oakland offers help"
from = "Oakland"
to = "Watch officer"
"""
BEGIN_MS = 120_000


class Room:
    """The page in its exercise, its API's address, and every write that the page made since it is in."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.written: list[str] = []
        page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        if request.method != "GET":
            self.written.append(urlsplit(request.url).path)


@pytest.fixture(scope="module")
def room(chromium: Browser, demo_url: str) -> Iterator[Room]:
    """Begun by keys and the form, as a person would; paused once its first inject was played."""
    with console(chromium, demo_url) as page:
        stand_at_night(page)
        page.keyboard.press("g")
        page.keyboard.press("e")
        panel = page.get_by_test_id("rehearse-panel")
        expect(panel.get_by_test_id("rehearse-begin")).to_be_visible()
        expect(page).to_have_url(re.compile(r"/exercise$"))
        assert serious_faults(page) == []
        scenario = {"name": "bell_tower.toml", "mimeType": "application/toml", "buffer": SCENARIO.encode()}
        panel.get_by_test_id("rehearse-file").set_input_files(scenario)  # type: ignore[arg-type]
        panel.get_by_test_id("rehearse-start").fill("2017-01-01 01:00")
        panel.get_by_test_id("rehearse-hours").fill("100")
        panel.get_by_test_id("rehearse-begin").click()
        expect(panel.get_by_role("alert")).to_contain_text("72 hours")
        panel.get_by_test_id("rehearse-hours").fill("1")
        panel.get_by_test_id("rehearse-speed").select_option("60")
        panel.get_by_test_id("rehearse-begin").click()
        page.wait_for_url(re.compile(r"/exercise/X-"), timeout=BEGIN_MS)
        wait_ready(page)
        base = "/api/exercises/" + urlsplit(page.url).path.split("/")[2]
        wait_until(page, lambda: get(page, f"{base}/injects")[0]["state"] == "played", "the first inject")
        post(page, f"{base}/clock", {"action": "pause"})
        yield Room(page, base)
        if get(page, base)["state"] == "running":
            post(page, base, {"action": "end"})


def test_nobody_can_take_it_for_the_real_city(room: Room) -> None:
    page = room.page
    expect(page.locator(".exercise-bar")).to_contain_text("Not real. Nothing leaves this room.")
    expect(page.locator("html")).to_have_attribute("data-mode", "exercise")
    expect(page.get_by_test_id("watermark")).to_be_attached()
    expect(page.get_by_test_id("clock")).to_contain_text("X")
    expect(page.get_by_test_id("changes").locator(".at").first).to_contain_text(re.compile(r"^X \d\d:\d\d:\d\d$"))
    expect(page).to_have_title(re.compile("^EXERCISE"))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 12, 25)"
    assert get(page, "/api/clock")["mode"] == "replay", "the city's own desk runs on"


def test_its_script_shows_what_came_and_hides_what_comes(room: Room) -> None:
    script = room.page.get_by_test_id("script")
    expect(script.get_by_test_id("inject-played")).to_contain_text("Quake, M 6.1")
    expect(script.get_by_test_id("script-next")).to_contain_text(re.compile(r"next inject in \d+:\d\d"))
    expect(script).to_contain_text("Hidden from players")
    expect(script).not_to_contain_text("Oakland")
    expect(room.page.get_by_test_id("outlets")).to_contain_text("not connected")


def test_units_are_sent_in_the_exercise_only_and_another_choice_wants_a_reason(room: Room) -> None:
    page, seq = room.page, get(room.page, "/api/health")["seq"]
    room.written.clear()
    detail = planned_call(page, room.base, waiting=True)
    page.get_by_test_id("search").fill(detail["call"]["call"])
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("send")).to_contain_text("Send in exercise only")
    page.get_by_test_id("send-runner").click()
    expect(page.get_by_test_id("decide").get_by_role("alert")).to_contain_text("reason")
    page.get_by_test_id("plan-role").select_option("dispatcher")
    page.get_by_test_id("plan-reason").fill("Keeps the first one home")
    page.get_by_test_id("send-runner").click()
    expect(page.get_by_test_id("decided")).to_contain_text("dispatcher: Keeps the first one home")
    call = get(page, f"{room.base}/calls/{detail['call']['call'].replace('+', '%2B')}")
    assert call["decision"]["taken"] == "runner_up"
    assert room.written, "something was ordered"
    assert [path for path in room.written if not path.startswith("/api/exercises/")] == []
    assert get(page, "/api/health")["seq"] == seq, "the real log is as it was"
    calm(page)


def test_a_real_level_1_breaks_in_in_the_live_colours(room: Room) -> None:
    page = room.page
    text = {"code": "x", "values": {}, "text": "Past target, no one there"}
    alarm: dict[str, Any] = {
        "alarm": "real-1",
        "level": 1,
        "kind": "past_target",
        "state": "raised",
        "raised": "2017-01-01T10:00:00Z",
        "since": None,
        "title": text,
        "text": text | {"text": "Medical incident, Mission."},
        "figure": "8:05",
        "call": None,
        "area": None,
        "warning": None,
        "unit_kind": None,
        "shelved_until": None,
    }

    def urgent(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps([alarm]))

    page.route(re.compile(r"/api/alarms$"), urgent)
    bar = page.get_by_test_id("real-alarm")
    expect(bar).to_contain_text("Past target, no one there")
    assert bar.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(22, 26, 30)"
    expect(page.get_by_test_id("real-city")).to_contain_text("1 alarm waits there")
    assert serious_faults(page) == []
    page.unroute(re.compile(r"/api/alarms$"))
    page.route(re.compile(r"/api/alarms$"), lambda route: route.fulfill(status=200, json=[]))
    expect(bar).to_be_hidden()
    expect(page.get_by_test_id("real-city")).to_contain_text("Nothing needs you there")
    page.unroute(re.compile(r"/api/alarms$"))


def test_what_if_we_had_runs_beside_it(room: Room) -> None:
    page = room.page
    page.get_by_test_id("branch-open").click()
    page.get_by_test_id("branch-time").fill("2017-01-01 01:01")
    page.get_by_test_id("branch-go").click()
    expect(page.get_by_test_id("branch").first).to_contain_text(re.compile(r"\d+ late of \d+ calls"), timeout=BEGIN_MS)


@pytest.mark.parametrize("width", [1920, 390])
def test_no_serious_fault_of_access(room: Room, width: int) -> None:
    room.page.set_viewport_size({"width": width, "height": 1080 if width > 1000 else 844})
    expect(room.page.get_by_test_id("exercise-panel")).to_be_visible()
    assert serious_faults(room.page) == []
    room.page.set_viewport_size({"width": 1920, "height": 1080})


def test_it_ends_and_its_report_stays(room: Room) -> None:
    page = room.page
    page.get_by_test_id("exercise-end").click()
    expect(page.get_by_test_id("exercise-end")).to_contain_text("again")
    page.get_by_test_id("exercise-end").click()
    expect(page.get_by_test_id("exercise-ended")).to_be_visible()
    link = page.get_by_test_id("after-action").get_attribute("href")
    assert link == f"{room.base}/after-action.html"
    report = page.evaluate("path => fetch(path).then(r => r.text())", link)
    assert "Bell Tower" in report
    assert get(page, f"{room.base}/after-action")["decisions"], "what was ordered stands in it"


def test_leaving_takes_two_keys(room: Room) -> None:
    page = room.page
    page.get_by_test_id("exercise-leave").click()
    expect(page.get_by_test_id("exercise-leave")).to_contain_text("again")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("exercise-leave")).to_contain_text("Leave exercise")
    expect(page).to_have_url(re.compile(r"/exercise/X-"))
    page.keyboard.press("Shift+Escape")
    page.wait_for_url(re.compile(r"/(replay.*)?$"))
    wait_ready(page)
    expect(page.locator("html")).to_have_attribute("data-mode", "replay")
    assert [path for path in room.written if not path.startswith("/api/exercises/")] == []
