"""The main job in a browser: pause, go to the New Year surge, read a suggestion and a forecast, look back,
lose the connection and get it back. In the order in which an officer would do it, on one demo."""

from __future__ import annotations

import re
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import wait_ready

SURGE = "2017-01-01T02:00"
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
CALL = re.compile(r"[?&]call=")
BUSY_MS = 120_000


def go_to(page: Page, local_time: str) -> None:
    page.get_by_test_id("jump-input").fill(local_time)
    page.get_by_test_id("jump-go").click()
    expect(page.get_by_test_id("clock")).to_contain_text(local_time[-5:], timeout=BUSY_MS)


def pause(page: Page) -> None:
    play = page.get_by_test_id("play")
    if play.get_attribute("aria-pressed") == "true" or "Pause" in (play.text_content() or ""):
        play.click()
    expect(play).to_contain_text("Play")


@pytest.fixture
def surge(page: Page) -> Page:
    """The console, paused at the New Year surge."""
    pause(page)
    go_to(page, SURGE)
    return page


def test_it_says_that_this_is_a_replay_and_draws_the_city(page: Page) -> None:
    expect(page.get_by_test_id("mode")).to_contain_text(re.compile("replay", re.IGNORECASE))
    drawn = page.evaluate("window.tocsin.drawn()")
    assert drawn["areas"] > 30
    assert drawn["calls"] > 0
    assert drawn["units"] > 0


def test_six_numbers_stand_at_the_surge(surge: Page) -> None:
    numbers = surge.locator("[data-testid^=number-]")
    assert numbers.count() == 6
    expect(surge.get_by_test_id("number-next_hour")).to_contain_text(re.compile(r"\d+"))


def test_a_call_has_a_suggested_unit_with_its_reason(surge: Page) -> None:
    with_call = surge.locator("[data-testid=changes] [data-call]").first
    call = with_call.get_attribute("data-call")
    with_call.click()
    panel = surge.get_by_test_id("call-panel")
    expect(panel).to_be_visible()
    expect(surge).to_have_url(CALL)
    expect(panel.get_by_test_id("suggestion").first).to_contain_text(re.compile(r"\d+:\d\d"))
    reason = panel.get_by_test_id("suggestion-reason").first
    expect(reason).to_contain_text("Why")
    assert len((reason.text_content() or "").strip()) > 20
    expect(panel).to_contain_text(re.compile("recording|replay", re.IGNORECASE))
    assert call


def test_an_area_shows_its_fan_and_its_record(surge: Page) -> None:
    surge.get_by_test_id("search").fill("Tenderloin")
    surge.keyboard.press("Enter")
    panel = surge.get_by_test_id("area-panel")
    expect(panel.get_by_role("heading", name="Tenderloin")).to_be_visible()
    expect(panel.get_by_test_id("fan")).to_be_visible()
    expect(panel.get_by_test_id("record")).to_contain_text(re.compile(r"\d+ of \d+"))


def test_looking_back_an_hour_shows_the_past_and_adds_nothing(surge: Page) -> None:
    before = surge.evaluate("fetch('/api/health').then(r => r.json())")["seq"]
    surge.get_by_test_id("back-hour").click()
    expect(surge.get_by_test_id("clock")).to_contain_text("01:00", timeout=BUSY_MS)
    clock = surge.evaluate("fetch('/api/clock').then(r => r.json())")
    assert clock["past"] is True
    after = surge.evaluate("fetch('/api/health').then(r => r.json())")["seq"]
    assert after < before, "what is shown is an earlier fold of the log"
    picture = surge.evaluate("fetch('/api/picture').then(r => r.json())")
    assert all(call["received"] <= picture["clock"]["now"] for call in picture["calls"])
    go_to(surge, SURGE)
    again = surge.evaluate("fetch('/api/health').then(r => r.json())")["seq"]
    assert again == before, "looking back appended nothing"


def test_a_deep_link_opens_the_time_and_the_area(context: BrowserContext, demo_url: str, surge: Page) -> None:
    area = surge.evaluate("fetch('/api/city').then(r => r.json()).then(c => c.areas[3])")
    other = context.new_page()
    other.goto(f"{demo_url}replay/2017-01-01T01:30-08:00?area={area['area']}")
    wait_ready(other)
    expect(other.get_by_test_id("clock")).to_contain_text("01:30", timeout=BUSY_MS)
    expect(other.get_by_test_id("area-panel").get_by_role("heading", name=area["name"])).to_be_visible()


def test_a_lost_connection_is_said_and_comes_back(surge: Page, context: BrowserContext) -> None:
    context.set_offline(True)
    lost = surge.get_by_test_id("lost-bar")
    expect(lost).to_be_visible(timeout=40_000)
    context.set_offline(False)
    lost.get_by_role("button").click()
    expect(lost).to_be_hidden(timeout=40_000)


def test_it_can_be_worked_by_keyboard_alone(surge: Page) -> None:
    surge.keyboard.press("Escape")
    surge.keyboard.press("j")
    surge.keyboard.press("Enter")
    expect(surge.locator("[data-testid=call-panel], [data-testid=unit-panel]").first).to_be_visible()
    surge.keyboard.press("Escape")
    expect(surge.get_by_test_id("call-panel")).to_be_hidden()
    surge.keyboard.press("?")
    expect(surge.get_by_text("F6")).to_be_visible()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("where", ["", "call", "area"])
def test_no_serious_accessibility_fault(surge: Page, scheme: str, where: str) -> None:
    surge.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    if where == "call":
        surge.locator("[data-testid=changes] [data-call]").first.click()
        expect(surge.get_by_test_id("call-panel")).to_be_visible()
    elif where == "area":
        surge.get_by_test_id("search").fill("Mission")
        surge.keyboard.press("Enter")
        expect(surge.get_by_test_id("area-panel")).to_be_visible()
    surge.evaluate(AXE.read_text(encoding="utf-8"))
    found = surge.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    serious = [
        f"{v['id']}: {n['target']} {n['failureSummary']}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"]
    ]
    assert serious == []


def test_a_phone_can_read_it(chromium, demo_url: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(demo_url)
    wait_ready(page)
    expect(page.get_by_test_id("clock")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
