"""What several of these tests do alike: stand at the New Year's night, ask the API, look for faults of access."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import wait_ready

NIGHT = "2017-01-01T10:00:00Z"
"""Two hours into the year: a surge of calls, and warnings that wait."""
BUSY_MS = 120_000
_AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
_POST = """async ([path, body]) => {
  const answer = await fetch(path, {method: 'POST', body: JSON.stringify(body),
    headers: {'Content-Type': 'application/json', 'X-Tocsin': '1'}});
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}"""
LOOK_MS = 200


def get(page: Page, path: str) -> Any:
    return page.evaluate("path => fetch(path).then(r => r.json())", path)


def post(page: Page, path: str, body: Any) -> Any:
    return page.evaluate(_POST, [path, body])


@contextmanager
def console(chromium: Browser, url: str, path: str = "/") -> Iterator[Page]:
    """A console of its own, its map drawn."""
    context = chromium.new_context(
        viewport={"width": 1920, "height": 1080}, color_scheme="dark", locale="en-US", reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(url.rstrip("/") + path)
    wait_ready(page)
    yield page
    context.close()


def wait_until(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Asks again and again. (`wait_for_function` takes a promise, such as that of a fetch, for a yes.)"""
    for _ in range(BUSY_MS // LOOK_MS):
        if holds():
            return
        page.wait_for_timeout(LOOK_MS)
    raise AssertionError(f"never came: {what}")


def wait_settled(page: Page, at: str) -> None:
    """The desk paused, done with its work, at the head of its log, at that time or later."""

    def settled() -> bool:
        clock = get(page, "/api/clock")
        return clock["busy"] is None and not clock["playing"] and not clock["past"] and clock["now"] >= at

    wait_until(page, settled, at)


def stand_at_night(page: Page) -> None:
    """The desk paused at the head of its log, in the New Year's night or later."""
    post(page, "/api/clock", {"action": "pause"})
    head = get(page, "/api/clock")["head"]
    post(page, "/api/clock", {"action": "jump", "to": max(head, NIGHT)})
    wait_settled(page, "2017-01-01T10:00")


def find_planned_call(page: Page, base: str = "/api", *, waiting: bool = False) -> dict[str, Any] | None:
    """A call whose plan has a runner-up and its price, as the API has it."""
    for feature in get(page, f"{base}/calls")["features"]:
        if waiting and feature["properties"]["phase"] != "waiting":
            continue
        detail: dict[str, Any] = get(page, f"{base}/calls/{feature['properties']['call'].replace('+', '%2B')}")
        if detail["plan"] and detail["plan"]["runner_up"] and detail["plan"]["price"]:
            return detail
    return None


def planned_call(page: Page, base: str = "/api", *, waiting: bool = False) -> dict[str, Any]:
    """As `find_planned_call`, where there is one."""
    found = find_planned_call(page, base, waiting=waiting)
    assert found is not None, "no call in the picture has a plan with a runner-up"
    return found


def stand_where_one_waits(page: Page) -> None:
    """As `stand_at_night`, and on from there by minutes until a call waits whose plan has a runner-up."""
    stand_at_night(page)
    for _ in range(30):
        if find_planned_call(page, waiting=True) is not None:
            return
        now = datetime.fromisoformat(get(page, "/api/clock")["now"])
        later = (now + timedelta(minutes=1)).isoformat()
        post(page, "/api/clock", {"action": "jump", "to": later})
        wait_settled(page, later[:16])
    raise AssertionError("no call waited for half an hour")


def calm(page: Page) -> None:
    """Nothing open, the focus nowhere."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.evaluate("document.activeElement?.blur()")
    for _ in range(4):
        page.keyboard.press("Escape")


def serious_faults(page: Page) -> list[str]:
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [
        f"{v['id']}: {n['target']} {n['failureSummary']}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
        for n in v["nodes"]
    ]


def in_sight(page: Page, control: Locator) -> bool:
    """Whether all of it stands on the screen without scrolling."""
    box, size = control.bounding_box(), page.viewport_size
    assert box is not None, "not drawn"
    assert size is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
