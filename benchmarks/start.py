"""From a fresh clone to a drawn map: `make demo` twice, with the package cache that this machine has.

    python -m benchmarks.start

Needs make, git and a Chromium. The targets: under 90 s the first time, under 10 s the second.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.machine import ROOT, about, keep
from tests.browser.conftest import CHROMIUM, FLAGS

PORT = 8797


def main() -> None:
    """Clone, start twice, keep the result."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "tocsin"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        runs = [_start(clone) for _ in range(2)]
    first, second = ({"ready_s": ready, "drawn_s": drawn} for ready, drawn in runs)
    keep("start", {**about(), "first": first, "second": second, "target_drawn_s": {"first": 90, "second": 10}})


def _start(clone: Path) -> tuple[float, float]:
    began = time.monotonic()
    command = ["make", "--silent", "demo", f"ARGS=--no-browser --port {PORT}"]
    with subprocess.Popen(command, cwd=clone, stdout=subprocess.PIPE, text=True, start_new_session=True) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.startswith("Tocsin is ready at "):
                break
        ready = time.monotonic() - began
        try:
            _draw(line.removeprefix("Tocsin is ready at ").strip())
            return round(ready, 2), round(time.monotonic() - began, 2)
        finally:
            os.killpg(demo.pid, signal.SIGTERM)


def _draw(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(url)
        page.wait_for_function("document.documentElement.dataset.ready === 'true'", timeout=120_000)
        browser.close()


if __name__ == "__main__":
    main()
