"""A move-up in an exercise: where it stands, what it says, and that a role accepts, changes and calls it off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import wait_ready
from tests.browser.steps import calm, console, get, in_sight, post, serious_faults

SCENARIO = """
title = "Busy night"
text = "Four times as many calls."
[[surges]]
from = "+0:00"
until = "+3:00"
times = 4.0
"""
ASKED = {
    "source": "recorded",
    "start": "2017-01-01T09:00:00Z",
    "until": "2017-01-01T12:00:00Z",
    "scenario_text": SCENARIO,
    "speed": 20,
    "lead_in_h": 1,
}
PROPOSED_MS = 180_000
LOOK_MS = 500
STANDS = """async (base) => {
  const {moves} = await fetch(`${base}/moves`).then(r => r.json());
  if (!moves.some(m => m.state === 'proposed')) return false;
  await fetch(`${base}/clock`, {method: 'POST', body: JSON.stringify({action: 'pause'}),
    headers: {'Content-Type': 'application/json', 'X-Tocsin': '1'}});
  return true;
}"""


def paused_while_one_stands(page: Page, base: str) -> dict[str, Any]:
    """The move-up that waits. One may be over between seeing it and stopping the clock: then the next is waited for."""
    for _ in range(PROPOSED_MS // LOOK_MS):
        if page.evaluate(STANDS, base):
            standing = [move for move in get(page, f"{base}/moves")["moves"] if move["state"] == "proposed"]
            if standing:
                return dict(standing[0])
            post(page, f"{base}/clock", {"action": "play"})
        page.wait_for_timeout(LOOK_MS)
    raise AssertionError("no move-up was proposed, or each was over at once")


@pytest.fixture(scope="module")
def proposed(chromium: Browser, demo_url: str) -> Iterator[tuple[Page, str, dict[str, Any]]]:
    """An exercise, paused while a move-up waits for a decision: the page, the exercise's API and the move-up."""
    with console(chromium, demo_url) as page:
        exercise = post(page, "/api/exercises", ASKED)["exercise"]
        base = f"/api/exercises/{exercise}"
        page.goto(f"{demo_url.rstrip('/')}/exercise/{exercise}")
        wait_ready(page)
        yield page, base, paused_while_one_stands(page, base)
        post(page, base, {"action": "end"})


def open_move(page: Page, move: dict[str, Any]) -> None:
    calm(page)
    page.get_by_test_id(f"move-{move['move']}").click()
    expect(page.get_by_test_id("move-panel")).to_be_visible()


def test_it_says_what_it_saves_costs_and_what_speaks_against_it(proposed: tuple[Page, str, dict[str, Any]]) -> None:
    page, _, move = proposed
    open_move(page, move)
    expect(page).to_have_url(re.compile(rf"/exercise/[^?]+\?move={re.escape(quote(move['move'], safe=''))}"))
    panel = page.get_by_test_id("move-panel")
    expect(panel).to_contain_text(f"X {move['title']['text']}")
    best = panel.get_by_test_id("move-best")
    expect(best).to_contain_text(move["best"]["reason"]["text"])
    expect(best).to_contain_text(f"−{abs(move['best']['late']['change']):.2f}")
    for line in move["against"]:
        expect(panel.get_by_test_id("move-against")).to_contain_text(line["text"])
    assert in_sight(page, panel.get_by_test_id("move-accept"))
    assert in_sight(page, panel.get_by_test_id("move-refuse"))


@pytest.mark.parametrize("width", [1920, 390])
def test_no_serious_fault_of_access(proposed: tuple[Page, str, dict[str, Any]], width: int) -> None:
    page, _, move = proposed
    open_move(page, move)
    page.set_viewport_size({"width": width, "height": 1080 if width > 1000 else 844})
    expect(page.get_by_test_id("move-panel")).to_be_visible()
    assert serious_faults(page) == []
    page.set_viewport_size({"width": 1920, "height": 1080})


def test_refusing_wants_a_reason(proposed: tuple[Page, str, dict[str, Any]]) -> None:
    page, base, move = proposed
    open_move(page, move)
    page.get_by_test_id("move-refuse").click()
    expect(page.get_by_test_id("move-decision").get_by_role("alert")).to_contain_text("reason")
    expect(page.get_by_test_id("move-reason")).to_be_focused()
    assert get(page, f"{base}/moves/{move['move']}")["state"] == "proposed"


def test_a_role_accepts_changes_and_calls_it_off_by_keys(proposed: tuple[Page, str, dict[str, Any]]) -> None:
    page, base, move = proposed
    open_move(page, move)
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("move-accept")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("move-decided")).to_contain_text("watch officer")
    assert get(page, f"{base}/moves/{move['move']}")["state"] == "accepted"

    page.get_by_test_id("move-change").click()
    stations = page.get_by_test_id("move-station")
    other = next(
        value
        for value in stations.locator("option").evaluate_all("all => all.map(o => o.value)")
        if value not in (move["to_station"], move["best"]["from_station"])
    )
    stations.select_option(other)
    page.get_by_test_id("move-role").select_option("operations_chief")
    page.get_by_test_id("move-reason").fill("Nearer to the bridge")
    page.get_by_test_id("move-change").click()
    expect(page.get_by_test_id("move-decided")).to_contain_text("operations chief: Nearer to the bridge")
    changed = get(page, f"{base}/moves/{move['move']}")
    assert (changed["to_station"], changed["role"], changed["reason"]) == (
        other,
        "operations_chief",
        "Nearer to the bridge",
    )

    page.get_by_test_id("move-reason").fill("Not needed any more")
    page.get_by_test_id("move-refuse").click()
    expect(page.get_by_test_id("move-panel")).to_contain_text("refused")
    assert get(page, f"{base}/moves/{move['move']}")["state"] == "refused"
