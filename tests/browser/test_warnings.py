"""A warning in a browser, in the New Year's night: where it stands, what it says, who decides; and the track record.

On the demo of all tests here, at the head of its log: what a role decides stays decided, so deciding comes last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import wait_ready
from tests.browser.steps import stand_at_night

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
BUSY_MS = 120_000
CLOCK = """async (order) => (await fetch('/api/clock', {method: 'POST', body: JSON.stringify(order),
  headers: {'Content-Type': 'application/json', 'X-Tocsin': '1'}})).json()"""


@pytest.fixture(scope="module")
def at_night(chromium: Browser, demo_url: str) -> Iterator[Page]:
    """The console, paused at the head of the log, two hours into the year or later. Loaded once."""
    context = chromium.new_context(
        viewport={"width": 1920, "height": 1080}, color_scheme="dark", locale="en-US", reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(demo_url)
    wait_ready(page)
    stand_at_night(page)
    expect(page.get_by_test_id("warnings")).to_be_visible(timeout=BUSY_MS)
    yield page
    context.close()


@pytest.fixture
def night(at_night: Page) -> Page:
    """Nothing open, the focus nowhere."""
    at_night.emulate_media(color_scheme="dark", reduced_motion="reduce")
    at_night.evaluate("document.activeElement?.blur()")
    for _ in range(3):
        at_night.keyboard.press("Escape")
    expect(at_night.get_by_test_id("warnings")).to_be_visible()
    return at_night


def surge_of(page: Page) -> dict[str, Any]:
    """The surge that waits for a decision, as the API has it."""
    warnings = page.evaluate("fetch('/api/warnings').then(r => r.json())")
    return next(w for w in warnings if w["kind"] == "surge" and w["state"] == "proposed")


def open_surge(page: Page) -> tuple[dict[str, Any], Locator]:
    surge = surge_of(page)
    page.get_by_test_id(f"warning-{surge['warning']}").click()
    panel = page.get_by_test_id("warning-panel")
    expect(panel.get_by_role("heading", name="More calls than usual")).to_be_visible()
    return surge, panel


def serious_faults(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [
        f"{v['id']}: {n['target']} {n['failureSummary']}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"]
    ]


def test_a_surge_opens_from_the_list_with_its_chance_band_evidence_and_record(night: Page) -> None:
    surge, panel = open_surge(night)
    expect(night).to_have_url(re.compile(r"[?&]warning="))
    expect(panel.get_by_test_id("warning-chance")).to_contain_text(str(round(100 * surge["chance"])))
    band = surge["impact"]["band"]
    expect(panel).to_contain_text(f"{band['low']} to {band['high']}")
    for line in surge["evidence"]:
        expect(panel).to_contain_text(line["text"])
    for action in surge["actions"]:
        expect(panel.get_by_test_id("warning-actions")).to_contain_text(action["text"])
    expect(panel.get_by_test_id("warning-record")).to_contain_text(re.compile(r"held \d+ of .*promised \d+ %"))
    expect(panel.get_by_test_id("warning-fan")).to_have_attribute("aria-label", re.compile(r"\d+"))


def test_it_opens_by_its_address(night: Page, demo_url: str) -> None:
    surge = surge_of(night)
    other = night.context.new_page()
    other.goto(f"{demo_url}?warning={quote(surge['warning'], safe='')}")
    wait_ready(other)
    expect(other.get_by_test_id("warning-panel")).to_contain_text(surge["text"]["text"])
    other.close()


def test_it_opens_from_its_alarm_and_both_say_the_same_chance(night: Page) -> None:
    surge = surge_of(night)
    alarms = night.evaluate("fetch('/api/picture').then(r => r.json())")["alarms"]
    alarm = next(a for a in alarms if a["warning"] == surge["warning"])
    card = night.get_by_test_id(f"alarm-{alarm['alarm']}")
    expect(card).to_contain_text(f"{round(100 * surge['chance'])} %")
    card.get_by_role("button").first.click()
    expect(night.get_by_test_id("warning-panel")).to_contain_text(surge["text"]["text"])


def test_the_expected_calls_stand_by_kind_with_bands_and_record(night: Page) -> None:
    kinds = night.get_by_test_id("city-kinds")
    kinds.locator("summary").click()
    table = kinds.get_by_test_id("by-kind")
    expect(table.get_by_role("columnheader", name="80 % band")).to_be_visible()
    expect(table.locator("tbody tr").first).to_contain_text(re.compile(r"\d+\.\d\s*\d+–\d+\s*\d+ %\s*\d+ %"))


def test_the_track_record_has_figures_and_diagrams_in_words(night: Page) -> None:
    night.keyboard.press("h")
    panel = night.get_by_test_id("record-panel")
    expect(night).to_have_url(re.compile(r"[?&]record"))
    expect(panel.get_by_test_id("record-summary")).to_contain_text(re.compile(r"held \d+ %, promised \d+ %"))
    expect(panel.get_by_role("row", name=re.compile("Whole city"))).to_contain_text(re.compile(r"\d+ %"))
    tenths = panel.get_by_role("img", name=re.compile("PIT")).get_attribute("aria-label") or ""
    assert len(re.findall(r"\d+", tenths.split(":", 1)[1])) == 10, tenths
    points = panel.get_by_role("img", name=re.compile("Chance said")).get_attribute("aria-label") or ""
    assert re.search(r"\d+ % → \d+ %", points), points
    expect(panel.get_by_test_id("record-warnings")).to_contain_text("More calls than usual")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_no_serious_accessibility_fault(night: Page, scheme: Literal["dark", "light"]) -> None:
    night.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_surge(night)
    assert serious_faults(night) == []
    night.keyboard.press("Escape")
    night.keyboard.press("h")
    expect(night.get_by_test_id("record-summary")).to_be_visible()
    assert serious_faults(night) == []


def test_in_the_past_nothing_can_be_decided(night: Page) -> None:
    now = night.evaluate("fetch('/api/clock').then(r => r.json())")["now"]
    open_surge(night)
    night.get_by_test_id("back-ten").click()
    decision = night.get_by_test_id("warning-decision")
    expect(decision).to_contain_text("Looking back", timeout=BUSY_MS)
    expect(decision.get_by_test_id("warning-issue")).to_have_attribute("aria-disabled", "true")
    expect(decision.get_by_test_id("warning-reason")).to_be_disabled()
    night.evaluate(CLOCK, {"action": "jump", "to": now})
    expect(decision.get_by_test_id("warning-reason")).to_be_enabled(timeout=BUSY_MS)


def test_without_a_reason_nothing_is_decided(night: Page) -> None:
    surge, panel = open_surge(night)
    panel.get_by_test_id("warning-issue").click()
    expect(panel.get_by_role("alert")).to_contain_text("reason")
    expect(panel.get_by_test_id("warning-reason")).to_be_focused()
    assert surge_of(night)["warning"] == surge["warning"], "still proposed"


def test_a_role_issues_it_by_keyboard_alone_and_lifts_it(night: Page) -> None:
    surge = surge_of(night)
    panel = night.get_by_test_id("warning-panel")
    for _ in night.locator("[data-testid^=alarm-]").all():
        night.keyboard.press("n")
        if panel.is_visible():
            break
    expect(panel).to_contain_text(surge["text"]["text"])
    for _ in range(8):
        night.keyboard.press("F6")
        if night.evaluate("document.activeElement.dataset.region") == "right":
            break
    first = panel.get_by_role("checkbox").first
    for _ in range(8):
        night.keyboard.press("Tab")
        if first.evaluate("e => e === document.activeElement"):
            break
    expect(first).to_be_focused()
    night.keyboard.press("Space")
    role = panel.get_by_test_id("warning-role")
    for _ in range(20):
        night.keyboard.press("Tab")
        if role.evaluate("e => e === document.activeElement"):
            break
    night.keyboard.type("Operations")
    night.keyboard.press("Tab")
    night.keyboard.type("Queue at three hospitals")
    night.keyboard.press("Tab")
    expect(panel.get_by_test_id("warning-issue")).to_be_focused()
    night.keyboard.press("Enter")
    expect(panel).to_contain_text("issued by operations chief")
    expect(panel).to_contain_text("Queue at three hospitals")
    expect(panel).to_contain_text(re.compile(r"started \d\d:\d\d"))
    panel.get_by_test_id("warning-reason").fill("It has calmed")
    panel.get_by_test_id("warning-lift").click()
    expect(panel).to_contain_text("lifted")
    expect(panel.get_by_test_id("warning-lift")).to_be_hidden()
