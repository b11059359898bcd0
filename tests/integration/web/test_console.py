"""The built console: one page for all its own addresses, files that browsers may keep, a session for the demo."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.integration.web.conftest import PORT, TOKEN, URL
from tocsin.web.console import Console
from tocsin.web.problems import ProblemError, problem_response
from tocsin.web.security import Access


def open_console(static: Path, *, demo: bool = False) -> TestClient:
    app = Starlette()
    app.router.default = Console(Access(TOKEN, PORT), demo=demo, static=static)
    app.add_exception_handler(ProblemError, lambda _, error: problem_response(error))  # type: ignore[arg-type]
    return TestClient(app, base_url=URL, follow_redirects=False)


@pytest.fixture
def static(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>Tocsin</title>")
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "main-1a2b.js").write_text("export {}")
    return tmp_path


@pytest.mark.parametrize(
    "path", ["/", "/live", "/live?call=c1", "/replay/2017-01-01T02:00-08:00?area=x", "/exercise/X-2017-03"]
)
def test_every_address_of_the_console_is_its_page(static: Path, path: str) -> None:
    answer = open_console(static).get(path)
    assert (answer.status_code, answer.text) == (200, "<title>Tocsin</title>")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


def test_files_are_kept_by_their_digest(static: Path) -> None:
    client = open_console(static)
    script = client.get("/assets/main-1a2b.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "immutable" in script.headers["cache-control"]
    assert client.get("/icon.svg").headers["cache-control"] == "no-cache"
    assert client.head("/icon.svg").status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/assets/", "/assets/gone.js", "/lively", "/api/nothing"])
def test_other_addresses_are_nothing(static: Path, path: str) -> None:
    assert open_console(static).get(path).status_code == 404


@pytest.mark.parametrize("demo", [True, False])
def test_only_the_demo_opens_a_session_by_itself(static: Path, demo: bool) -> None:
    answer = open_console(static, demo=demo).get("/live")
    assert ("set-cookie" in answer.headers) is demo


def test_without_a_build_it_says_how_to_make_one(tmp_path: Path) -> None:
    answer = open_console(tmp_path).get("/")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:tocsin:problem:console_missing")
