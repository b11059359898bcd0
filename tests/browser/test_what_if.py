"""What if: a unit taken, a unit elsewhere, a street closed. The answer stands beside the present; nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import calm, console, get, planned_call, serious_faults, stand_where_one_waits


@pytest.fixture(scope="module")
def at_night(chromium: Browser, demo_url: str) -> Iterator[Page]:
    with console(chromium, demo_url) as page:
        stand_where_one_waits(page)
        yield page


@pytest.fixture
def asked(at_night: Page) -> dict[str, Any]:
    """A call that is open, with what if beside it."""
    calm(at_night)
    detail = planned_call(at_night, waiting=True)
    at_night.get_by_test_id("search").fill(detail["call"]["call"])
    at_night.keyboard.press("Enter")
    expect(at_night.get_by_test_id("plan")).to_be_visible()
    at_night.keyboard.press("w")
    expect(at_night.get_by_test_id("what-if-type")).to_be_visible()
    clear = at_night.get_by_test_id("what-if").get_by_role("button", name="Clear")
    if clear.is_visible():
        clear.click()
    return detail


def test_without_the_first_unit_another_is_suggested_and_nothing_is_kept(at_night: Page, asked: dict[str, Any]) -> None:
    seq = get(at_night, "/api/health")["seq"]
    unit = asked["plan"]["choices"][0]["unit"]
    at_night.get_by_test_id("what-if-unit").select_option(unit)
    at_night.get_by_test_id("what-if-ask").click()
    drawer = at_night.get_by_test_id("what-if")
    expect(drawer.get_by_test_id("what-if-text")).to_contain_text("late calls")
    then = drawer.get_by_test_id("what-if-plan").locator("tbody td:nth-child(2)")
    expect(then.first).to_be_visible()
    assert all(not (text or "").startswith(f"{unit} ") for text in then.all_text_contents())
    expect(drawer.get_by_test_id("what-if-nothing")).to_contain_text("Nothing was sent")
    assert get(at_night, "/api/health")["seq"] == seq


def test_a_unit_may_stand_elsewhere_and_a_street_be_closed(at_night: Page, asked: dict[str, Any]) -> None:
    drawer = at_night.get_by_test_id("what-if")
    at_night.get_by_test_id("what-if-type").select_option("at")
    at_night.get_by_test_id("what-if-unit").select_option(asked["plan"]["choices"][0]["unit"])
    at_night.get_by_test_id("what-if-station").select_option(index=3)
    at_night.get_by_test_id("what-if-ask").click()
    expect(drawer).to_contain_text(re.compile(r"stands at .+"))
    expect(drawer.get_by_test_id("what-if-text")).to_be_visible()
    at_night.get_by_test_id("what-if-type").select_option("closed")
    at_night.get_by_test_id("what-if-ask").click()
    expect(drawer.get_by_role("alert")).to_contain_text("no place")
    at_night.get_by_test_id("what-if-middle").click()
    expect(at_night.get_by_test_id("what-if-place")).to_have_value(re.compile(r"^\d+\.\d+, -\d+\.\d+$"))
    at_night.get_by_test_id("what-if-ask").click()
    expect(drawer).to_contain_text("is closed")
    expect(drawer.get_by_test_id("what-if-nothing")).to_be_visible()


def test_it_opens_and_closes_by_keys_alone(at_night: Page, asked: dict[str, Any]) -> None:
    assert asked
    at_night.keyboard.press("Escape")
    expect(at_night.get_by_test_id("what-if-type")).to_be_hidden()
    at_night.keyboard.press("i")
    expect(at_night.get_by_test_id("what-if-type")).to_be_visible()
    expect(at_night.get_by_test_id("what-if-toggle")).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_no_serious_fault_of_access(at_night: Page, asked: dict[str, Any], scheme: Literal["dark", "light"]) -> None:
    assert asked
    at_night.emulate_media(color_scheme=scheme)
    expect(at_night.locator("html")).to_have_attribute("data-theme", scheme)
    at_night.get_by_test_id("what-if-ask").click()
    expect(at_night.get_by_test_id("what-if-text")).to_be_visible()
    assert serious_faults(at_night) == []
