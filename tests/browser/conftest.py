"""The console in a real browser: one demo for all tests of this folder, driven by the system's Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
READY_MS = 90_000
expect.set_options(timeout=30_000)
"""A busy machine draws late; a wrong state stays wrong."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    # Last: while the browser's driver runs, its event loop does, and no other test could have one of its own.
    items[:] = [item for item in items if item not in here] + here
    required = os.environ.get("TOCSIN_BROWSER") == "required"
    for item in here:
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None and not required:
            item.add_marker(pytest.mark.skip(reason=f"no Chromium here: {len(here)} browser tests left out"))


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo, paused by nobody, in a folder of its own; its address."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-c", "from tocsin.cli import main; main()", "demo", "--port", "0", "--no-browser"]
    with (
        (folder / "stderr.txt").open("w") as errors,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Tocsin is ready at "), (line, (folder / "stderr.txt").read_text())
            yield line.removeprefix("Tocsin is ready at ").strip()
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM is not None, "TOCSIN_BROWSER=required, but there is no Chromium on PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        viewport={"width": 1920, "height": 1080}, color_scheme="dark", locale="en-US", reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, demo_url: str) -> Page:
    """The console, ready: first picture shown and the map idle."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(demo_url)
    wait_ready(page)
    assert faults == []
    return page


def wait_ready(page: Page) -> None:
    page.wait_for_selector("html[data-ready=true]", state="attached", timeout=READY_MS)
