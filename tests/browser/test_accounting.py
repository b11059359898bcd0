"""Accounting in a browser: sign in, state a purpose, open a sealed field, see the receipt, find it on the public page,
verify it there and here; break the glass; let something leave, which needs two.

The demo of all tests here opens its own session; signing in, and what needs several people, has a house of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import wait_ready
from tests.browser.steps import console, post, serious_faults
from tocsin.accounting.codes import code_of

PASSWORD = "a long and quiet evening 7"  # noqa: S105 - of accounts that live as long as these tests
POSITION = re.compile(r"\d+\.\d{6}° [NS], \d+\.\d{6}° [EW]")
PEOPLE = {"ana": "analyst", "ole": "planning_chief", "dpo": "data_protection_officer"}
_PLAIN = """async ([path, body]) => (await fetch(path, {method: 'POST', body: JSON.stringify(body),
  headers: {'Content-Type': 'application/json', 'X-Tocsin': '1'}})).status"""


# A demo: nothing asks, everything is written down


@pytest.fixture(scope="module")
def at_desk(chromium: Browser, demo_url: str) -> Iterator[Page]:
    with console(chromium, demo_url) as page:
        post(page, "/api/clock", {"action": "pause"})
        yield page


@pytest.fixture
def desk(at_desk: Page) -> Page:
    """The console on a call that is in the picture, no task stated."""
    at_desk.emulate_media(color_scheme="dark", reduced_motion="reduce")
    at_desk.evaluate("document.activeElement?.blur()")
    for _ in range(4):
        at_desk.keyboard.press("Escape")
    if at_desk.get_by_test_id("task-end").is_visible():
        at_desk.get_by_test_id("task-end").click()
    expect(at_desk.get_by_test_id("task")).to_contain_text("No task")
    at_desk.locator("[data-testid=changes] [data-call]").first.click()
    expect(at_desk.get_by_test_id("sealed")).to_be_visible()
    return at_desk


def open_place(page: Page) -> int:
    """State emergency response and open the exact place; the index of the use in the ledger."""
    page.keyboard.press("o")
    page.get_by_test_id("sealed-form-purpose").select_option("emergency_response")
    page.get_by_test_id("sealed-form-go").click()
    expect(page.get_by_test_id("value-place")).to_have_text(POSITION)
    return int((page.get_by_test_id("receipt-index").text_content() or "").replace(",", ""))


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """Somebody at home, who never signed in."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="light", locale="en-US", reduced_motion="reduce"
    )
    yield context
    context.close()


def test_a_demo_says_who_sits_here(desk: Page) -> None:
    expect(desk.get_by_test_id("who")).to_have_text(re.compile("Demo: signed in as demo, role Demo"))


def test_a_sealed_place_opens_for_a_purpose_and_its_receipt_holds(desk: Page, visitor: BrowserContext) -> None:
    assert "lon" not in (desk.get_by_test_id("sealed").text_content() or ""), "nothing is shown unasked"
    index = open_place(desk)
    receipt = desk.get_by_test_id("receipt")
    for said in ("Emergency response", "Vital interests (Art. 6(1)(d))", "Demo", "desk-opens-places"):
        expect(receipt).to_contain_text(said)
    expect(desk.get_by_test_id("task")).to_contain_text("Task: Emergency response")
    desk.get_by_test_id("receipt-verify").click()
    expect(desk.get_by_test_id("receipt-checks")).to_have_attribute("data-holds", "true")
    call = re.search(r"call=([^&]+)", desk.url)
    assert call is not None

    public = visitor.new_page()
    public.goto(desk.url.split("/replay")[0] + (desk.get_by_test_id("receipt-public").get_attribute("href") or ""))
    assert public.url.endswith(f"/account/uses/{index}")
    expect(public.get_by_test_id("entry-checks")).to_have_attribute("data-holds", "true")
    expect(public.get_by_test_id("entry")).to_contain_text("Emergency response")
    raw = public.get_by_test_id("entry-raw").text_content() or ""
    assert call[1] not in raw, "no call stands in an entry"
    assert re.search(r"\d\d\.\d{4}", raw) is None, "nor a place"


def test_the_value_goes_with_the_panel_and_with_the_task(desk: Page) -> None:
    open_place(desk)
    desk.keyboard.press("Escape")
    desk.locator("[data-testid=changes] [data-call]").first.click()
    expect(desk.get_by_test_id("open-place")).to_be_visible()
    expect(desk.get_by_test_id("value-place")).to_be_hidden()
    desk.keyboard.press("o")
    # The task is stated: one key is enough.
    expect(desk.get_by_test_id("value-place")).to_have_text(POSITION)
    desk.get_by_test_id("task-end").click()
    expect(desk.get_by_test_id("value-place")).to_be_hidden()


def test_a_purpose_is_stated_by_keyboard_beside_the_map(desk: Page) -> None:
    desk.keyboard.press("p")
    expect(desk.get_by_test_id("task-form-purpose")).to_be_focused()
    box, stage = desk.get_by_test_id("task-form").bounding_box(), desk.get_by_test_id("map").bounding_box()
    assert box is not None
    assert stage is not None
    assert box["x"] + box["width"] <= stage["x"], "nothing covers the map"
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.get_by_test_id("task")).to_contain_text("A6-1-d")


def test_a_log_that_was_changed_does_not_hold(desk: Page, visitor: BrowserContext) -> None:
    index = open_place(desk)
    page = visitor.new_page()

    def change(route: Route) -> None:
        body = route.fetch().body()
        route.fulfill(body=body.replace(b'"kind":"use"', b'"kind":"USE"'), content_type="application/octet-stream")

    page.route("**/ledger/tile/entries/**", change)
    page.goto(desk.url.split("/replay")[0] + f"/account/uses/{index}")
    expect(page.get_by_test_id("entry-checks")).to_have_attribute("data-holds", "false")
    expect(page.get_by_test_id("entry-checks")).to_contain_text("does not hold")


def test_breaking_the_glass_wants_a_reason_and_a_second_person_and_stands_out(
    desk: Page, visitor: BrowserContext
) -> None:
    desk.get_by_test_id("break-glass").click()
    expect(desk.get_by_text("within 24 hours")).to_be_visible()
    expect(desk.get_by_test_id("glass-second")).to_have_value("watch_officer")
    desk.get_by_test_id("glass-go").click()
    expect(desk.get_by_text("name the second person", exact=False).last).to_be_visible()
    expect(desk.get_by_test_id("value-place")).to_be_hidden()
    desk.get_by_test_id("glass-reason").fill("Somebody cannot breathe and the street is unknown")
    desk.get_by_test_id("glass-second").select_option("operations_chief")
    desk.get_by_test_id("glass-go").click()
    expect(desk.get_by_test_id("value-place")).to_have_text(POSITION)
    expect(desk.get_by_test_id("review-due")).to_be_visible()
    index = (desk.get_by_test_id("receipt-index").text_content() or "").replace(",", "")

    public = visitor.new_page()
    public.goto(desk.url.split("/replay")[0] + "/account")
    expect(public.get_by_test_id("account-glass").locator(f"a[href='/account/uses/{index}']")).to_be_visible()
    assert "breathe" not in (public.text_content("body") or ""), "the reason stays inside"

    desk.keyboard.press("g")
    desk.keyboard.press("v")
    waiting = desk.get_by_test_id(f"review-{index}")
    expect(waiting).to_have_attribute("data-state", "open")
    expect(waiting).to_contain_text("Somebody else has to review this")


def test_who_looked_at_my_data(desk: Page, visitor: BrowserContext) -> None:
    open_place(desk)
    call = re.search(r"call=([^&]+)", desk.url)
    assert call is not None
    expect(desk.get_by_test_id("break-glass")).to_be_visible()
    desk.get_by_test_id("claim-give").click()
    code = desk.get_by_test_id("claim-given").text_content() or ""
    page = visitor.new_page()
    page.goto(desk.url.split("/replay")[0] + "/account#mine")
    page.get_by_test_id("claim-code").fill(code)
    page.get_by_test_id("claim-go").click()
    mine = page.get_by_test_id("my-data")
    expect(mine.get_by_test_id("claim-answer")).to_contain_text("concerned this case")
    mine.get_by_role("button", name="Verify here").first.click()
    expect(mine.get_by_test_id("checks").first).to_have_attribute("data-holds", "true")
    assert code not in page.url
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_test_id("claim-code").fill("no-such-code")
    page.get_by_test_id("claim-go").click()
    expect(mine.get_by_test_id("claim-mistyped")).to_be_visible()
    assert asked == [], "what cannot be a code may be a name"
    page.get_by_test_id("claim-code").fill(code_of(bytes(12)))
    page.get_by_test_id("claim-go").click()
    expect(mine.get_by_test_id("claim-mistyped")).to_be_hidden()
    expect(mine.get_by_test_id("claim-answer")).to_contain_text("No use is known")


# The public page


def test_an_entry_that_the_log_does_not_have_is_no_alarm(visitor: BrowserContext, demo_url: str) -> None:
    page = visitor.new_page()
    page.goto(f"{demo_url}account/uses/999999")
    expect(page.get_by_test_id("entry-beyond")).to_contain_text("there is no entry 999,999.")
    expect(page.get_by_test_id("entry-checks")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_the_public_page_can_be_read_by_everybody(
    chromium: Browser, desk: Page, demo_url: str, scheme: Any, size: tuple[int, int]
) -> None:
    open_place(desk)
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale="en-US", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{demo_url}account")
    expect(page.get_by_role("heading", level=1)).to_have_text("How San Francisco uses its data")
    expect(page.get_by_test_id("account-figures")).to_contain_text(re.compile(r"[1-9]\d*\s*uses"))
    expect(page.get_by_test_id("register")).to_contain_text("Demand forecast")
    expect(page.get_by_role("table", name="For what")).to_contain_text("Emergency response")
    page.get_by_text("As a table").click()
    expect(page.get_by_test_id("day-bars").get_by_role("table")).to_be_visible()
    page.get_by_test_id("processing").locator("summary").click()
    expect(page.get_by_test_id("processing")).to_contain_text("Whom it concerns")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert serious_faults(page) == []
    context.close()


def test_the_public_page_finds_an_entry_speaks_german_and_prints(visitor: BrowserContext, demo_url: str) -> None:
    page = visitor.new_page()
    page.goto(f"{demo_url}account?lang=de")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wie San Francisco seine Daten verwendet")
    assert page.get_attribute("html", "lang") == "de"
    page.get_by_test_id("use-index").fill("0")
    page.get_by_test_id("use-find").click()
    expect(page.get_by_test_id("entry-checks")).to_have_attribute("data-holds", "true")
    expect(page.get_by_test_id("entry")).to_contain_text("Regeln traten in Kraft")
    assert len(page.pdf()) > 10_000


# Signing in, on a house with people


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A served desk without accounts: its address, and the link by which the first is made."""
    folder = tmp_path_factory.mktemp("house")
    run = "from tocsin.cli import main; main()"
    command = [sys.executable, "-c", run, "serve", "san_francisco", "--data", "data", "--port", "0"]
    with (
        (folder / "stderr.txt").open("w") as errors,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            said = ""
            while "#first=" not in said:
                line = process.stdout.readline()
                assert line, (said, Path(folder / "stderr.txt").read_text())
                said += line
            url, link = re.search(r"http\S+", said), re.search(r"http\S+#first=\S+", said)
            assert url is not None
            assert link is not None
            yield url[0], link[0]
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def somebody(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        viewport={"width": 1920, "height": 1080}, color_scheme="dark", locale="en-US", reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


def sign_in(page: Page, url: str, login: str, then: str = "/exports") -> None:
    """Go where one wants to, be asked who one is, and be there."""
    page.goto(url.rstrip("/") + then)
    page.wait_for_url("**/sign-in**")
    page.get_by_test_id("login").fill(login)
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("sign-in").click()
    page.wait_for_url(lambda now: "/sign-in" not in now)


def sign_out(page: Page) -> None:
    page.get_by_test_id("who").click()
    page.get_by_test_id("sign-out").click()
    expect(page.get_by_test_id("login")).to_be_visible()


@pytest.fixture(scope="module")
def people(chromium: Browser, house: tuple[str, str]) -> str:
    """The first administrator by the printed link, and three people by invitation; the address."""
    url, link = house
    context = chromium.new_context(locale="en-US", reduced_motion="reduce", viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.goto(link)
    page.get_by_test_id("login").fill("first")
    page.get_by_test_id("office").fill("City hall")
    for field in ("password", "again"):
        page.get_by_test_id(field).fill("short")
    page.get_by_test_id("link-go").click()
    expect(page.get_by_test_id("fault")).to_contain_text("12")
    assert "first=" not in page.url, "the link is not left in the address bar"
    for field in ("password", "again"):
        page.get_by_test_id(field).fill(PASSWORD)
    page.get_by_test_id("link-go").click()
    expect(page.get_by_test_id("me-panel")).to_be_visible(timeout=60_000)
    for login, role in PEOPLE.items():
        made = post(page, "/api/accounts", {"login": login, "office": f"Office of {login}", "roles": [role]})
        secret = made["link"].split("#link=")[1]
        assert page.evaluate(_PLAIN, ["/api/password", {"link": secret, "password": PASSWORD}]) == 200
    context.close()
    return url


def test_one_signs_in_and_is_back_where_one_was(somebody: BrowserContext, people: str) -> None:
    page = somebody.new_page()
    page.goto(f"{people}live?area=Mission")
    page.wait_for_url("**/sign-in?next=**")
    page.get_by_test_id("login").fill("ole")
    page.get_by_test_id("password").fill("not this one at all")
    page.get_by_test_id("sign-in").click()
    expect(page.get_by_test_id("sign-in-failed")).to_be_visible()
    page.get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("sign-in").click()
    page.wait_for_url(re.compile(r"/live\?area=Mission"))
    wait_ready(page)
    expect(page.get_by_test_id("who")).to_have_text("ole, Planning section chief")
    somebody.clear_cookies()
    page.keyboard.press("g")
    page.keyboard.press("x")
    page.wait_for_url("**/sign-in?next=**")


def test_a_link_pasted_where_the_sign_in_page_stands_open_is_taken(somebody: BrowserContext, people: str) -> None:
    page = somebody.new_page()
    page.goto(f"{people}sign-in")
    expect(page.get_by_test_id("login")).to_be_visible()
    page.evaluate("location.hash = '#link=none-such'")
    expect(page.get_by_test_id("again")).to_be_visible()
    assert "link=" not in page.url


def test_a_role_without_the_city_asks_for_nothing_of_it(somebody: BrowserContext, people: str) -> None:
    page = somebody.new_page()
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 403 else None)
    sign_in(page, people, "dpo", "/")
    expect(page.get_by_test_id("reviews-panel")).to_be_visible()
    expect(page.get_by_test_id("blind")).to_contain_text("works without the picture of the city")
    assert refused == []


def test_an_export_needs_two_other_roles(somebody: BrowserContext, people: str) -> None:
    page = somebody.new_page()
    sign_in(page, people, "ana")
    page.get_by_test_id("export-recipient").fill("State office of statistics")
    page.get_by_test_id("export-purpose").select_option("statistics")
    page.get_by_test_id("export-ask").click()
    card = page.locator("article.card").first
    expect(card.get_by_test_id("export-wanted")).to_have_text("2 more roles have to approve.")
    expect(card.get_by_test_id("export-approve")).to_be_hidden()
    sign_out(page)
    for login, left in (("ole", "1 more role has to approve."), ("dpo", None)):
        sign_in(page, people, login)
        card.get_by_test_id("export-approve").click()
        if left is not None:
            expect(card.get_by_test_id("export-wanted")).to_have_text(left)
        else:
            expect(card).to_have_attribute("data-state", "approved")
        sign_out(page)
    sign_in(page, people, "ana")
    card.get_by_test_id("export-release").click()
    expect(card).to_have_attribute("data-state", "released", timeout=60_000)
    with page.expect_download() as download:
        card.get_by_test_id("export-file").click()
    assert download.value.path().stat().st_size > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_accounting_are_accessible(desk: Page, chromium: Browser, people: str, scheme: Any) -> None:
    desk.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    open_place(desk)
    desk.get_by_test_id("receipt-verify").click()
    expect(desk.get_by_test_id("receipt-checks")).to_be_visible()
    assert serious_faults(desk) == []
    desk.get_by_test_id("sealed-hide").click()
    desk.get_by_test_id("break-glass").click()
    desk.get_by_test_id("who").click()
    assert serious_faults(desk) == []
    desk.get_by_test_id("who").click()
    context = chromium.new_context(
        viewport={"width": 1920, "height": 1080}, color_scheme=scheme, locale="en-US", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{people}sign-in")
    expect(page.get_by_test_id("login")).to_be_focused()
    assert serious_faults(page) == []
    sign_in(page, people, "first", "/accounts")
    expect(page.get_by_test_id("account-first")).to_be_visible()
    page.get_by_test_id("account-open-ole").click()
    assert serious_faults(page) == []
    page.goto(f"{people}me")
    expect(page.get_by_test_id("me-panel")).to_be_visible()
    page.get_by_test_id("me-password").fill(PASSWORD)
    page.get_by_test_id("totp-begin").click()
    expect(page.get_by_test_id("qr")).to_be_visible()
    assert serious_faults(page) == []
    context.close()
