"""A call's panel: who is suggested and why, what that leaves uncovered, what the runner-up costs, who else could help;
and the layer of late calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.steps import calm, console, get, in_sight, planned_call, serious_faults, stand_at_night


@pytest.fixture(scope="module")
def at_night(chromium: Browser, demo_url: str) -> Iterator[Page]:
    with console(chromium, demo_url) as page:
        stand_at_night(page)
        yield page


@pytest.fixture
def night(at_night: Page) -> Page:
    calm(at_night)
    return at_night


def open_call(page: Page, call: str) -> None:
    page.get_by_test_id("search").fill(call)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("plan")).to_be_visible()


def test_it_says_who_goes_why_and_how_likely_in_time(night: Page) -> None:
    detail = planned_call(night)
    open_call(night, detail["call"]["call"])
    first = detail["plan"]["choices"][0]
    reason = night.get_by_test_id("suggestion-reason").first
    expect(reason).to_contain_text(first["reason"]["text"])
    expect(reason).to_contain_text(re.compile(r"\d+:\d\d–\d+:\d\d, 80 % band"))
    expect(reason).to_contain_text(f"In time in {round(100 * first['in_time'])} of 100")
    said = detail["plan"]["fallback"] or detail["plan"]["rule"]
    expect(night.get_by_test_id("plan")).to_contain_text(said["text"])


def test_it_says_what_the_choice_and_the_runner_up_cost(night: Page) -> None:
    detail = planned_call(night)
    open_call(night, detail["call"]["call"])
    expect(night.get_by_test_id("uncovers").get_by_test_id("late")).to_contain_text("late calls")
    runner = night.get_by_test_id("runner-up")
    for line in detail["plan"]["price"]["lines"]:
        expect(runner).to_contain_text(line["text"])


def test_in_a_recording_nobody_is_sent_and_the_buttons_stand_in_sight(night: Page) -> None:
    seq = get(night, "/api/health")["seq"]
    open_call(night, planned_call(night)["call"]["call"])
    send = night.get_by_test_id("send")
    expect(send).to_have_attribute("aria-disabled", "true")
    assert in_sight(night, send)
    assert in_sight(night, night.get_by_test_id("choose-other"))
    night.keyboard.press("Enter")
    expect(send).to_be_focused()
    night.keyboard.press("Enter")
    expect(night.get_by_test_id("why-not")).to_contain_text("recording")
    assert get(night, "/api/health")["seq"] == seq


def test_a_shortfall_comes_with_a_request_that_can_be_copied(night: Page) -> None:
    detail = planned_call(night)
    call = detail["call"]["call"]

    def short(route: Route) -> None:
        answer = route.fetch()
        body: dict[str, Any] = answer.json()
        sentence = {"code": "request_to", "values": {"neighbour": "Daly City"}, "text": "To: Daly City"}
        body["plan"]["missing"] = [{"kind": "engine", "count": 2, "shortfall": sentence | {"text": "All are busy."}}]
        body["plan"]["fallback"] = sentence | {"text": "Looking ahead would have taken too long."}
        body["plan"]["requests"] = [
            {
                "kind": "engine",
                "count": 2,
                "neighbour": "Daly City",
                "report_to": None,
                "area": None,
                "by": body["plan"]["made"],
                "duration_s": 3600,
                "why": sentence,
                "lines": [sentence, sentence | {"text": "Needed: 2 engine"}],
            }
        ]
        route.fulfill(response=answer, body=json.dumps(body))

    night.context.grant_permissions(["clipboard-read", "clipboard-write"])
    night.route(f"**/api/calls/{call}", short)
    try:
        open_call(night, call)
        expect(night.get_by_test_id("fallback")).to_contain_text("Closest unit: Looking ahead would")
        request = night.get_by_test_id("request")
        request.get_by_text("Request to Daly City: 2").click()
        request.get_by_test_id("request-copy").click()
        expect(request.get_by_test_id("request-copy")).to_contain_text("copied")
        assert night.evaluate("navigator.clipboard.readText()") == "To: Daly City\nNeeded: 2 engine"
        assert serious_faults(night) == []
    finally:
        night.unroute(f"**/api/calls/{call}")


def test_the_layer_of_late_calls_has_a_legend_and_stands_in_the_areas_panel(night: Page) -> None:
    night.get_by_test_id("layer-areas-choice").select_option("late")
    legend = night.get_by_test_id("late-legend")
    expect(legend).to_contain_text(re.compile(r"[\d.]+ of [\d.]+ calls expected late"))
    known = [kind for kind in get(night, "/api/cover")["kinds"] if kind["late"] is not None]
    assert known, "late calls can be said of some kind"
    if len(known) > 1:
        shown = legend.text_content()
        night.get_by_test_id("late-kind").select_option(index=1)
        expect(legend).not_to_have_text(shown or "")
    expect(night.locator(".map-caption")).to_contain_text("Late calls expected in the next hour")
    night.get_by_test_id("search").fill("Tenderloin")
    night.keyboard.press("Enter")
    expect(night.get_by_test_id("area-late")).to_contain_text("later than")
    assert serious_faults(night) == []
    night.get_by_test_id("layer-areas-choice").select_option("expected")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_no_serious_fault_of_access(night: Page, scheme: Literal["dark", "light"]) -> None:
    night.emulate_media(color_scheme=scheme)
    expect(night.locator("html")).to_have_attribute("data-theme", scheme)
    open_call(night, planned_call(night)["call"]["call"])
    night.keyboard.press("u")
    expect(night.get_by_test_id("others")).to_be_visible()
    assert serious_faults(night) == []
