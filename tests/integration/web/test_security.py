"""Who is let in: host × origin × token × cookie, and what every answer says to the browser."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.fakes.desk import FakeDesk
from tests.integration.web.conftest import AUTH, COOKIE, FEED, OWN, PORT, TOKEN, URL, open_client

CALL = {"call": "c1", "received": "2030-05-06T12:00:00Z", "kind": "medical"}
WRITES = ["calls", "marks", "intake", "clock", "alarms/a1"]
READS = [
    "city", "basemap/areas", "basemap/streets", "clock", "picture", "calls", "units", "areas", "forecast",
    "changes", "alarms", "health", "openapi.json",
]  # fmt: skip
SECRET = COOKIE["Cookie"].partition("=")[2]


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"127.0.0.1:{PORT}", f"[::1]:{PORT}", f"LOCALHOST:{PORT}"])
def test_the_machines_own_names_are_answered(stranger: TestClient, host: str) -> None:
    assert stranger.get("/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", "", f"127.0.0.1.evil.example:{PORT}"]
)
@pytest.mark.parametrize("path", ["/", "/api/health", "/api/stream"])
def test_every_other_name_is_refused(stranger: TestClient, host: str, path: str) -> None:
    answer = stranger.get(path, headers={"Host": host})
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"http://localhost:{PORT}", f"https://127.0.0.1:{PORT}"]
)
@pytest.mark.parametrize("path", READS)
def test_another_origin_reads_nothing(stranger: TestClient, origin: str, path: str) -> None:
    assert stranger.get(f"/api/{path}", headers={**COOKIE, "Origin": origin}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_get_no_data_even_without_an_origin(stranger: TestClient, site: str) -> None:
    headers = {**COOKIE, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}
    assert stranger.get("/api/picture", headers=headers).status_code == 403
    assert (
        stranger.get("/", headers={**headers, "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"}).status_code
        == 403
    )


def test_a_link_to_the_console_may_be_followed(stranger: TestClient) -> None:
    headers = {**COOKIE, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert stranger.get("/live", headers=headers).status_code != 403
    assert stranger.get("/api/picture", headers=headers).status_code == 403


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}, 403),
        (COOKIE, 403),
        ({**COOKIE, "Origin": URL}, 403),
        ({**COOKIE, "X-Tocsin": "1"}, 403),
        ({**COOKIE, "X-Tocsin": "1", "Origin": "https://evil.example"}, 403),
        ({**COOKIE, **OWN, "Authorization": "Bearer wrong"}, 401),
        ({**OWN, "Cookie": f"tocsin_session_{PORT}=wrong"}, 401),
        ({**OWN, "Cookie": f"tocsin_session_{PORT}={TOKEN}"}, 401),
        ({"Authorization": f"Bearer {SECRET}"}, 401),
        ({**OWN, "Cookie": f"tocsin_session_1={SECRET}"}, 401),
        ({**OWN, "Cookie": "\x01=;;;"}, 401),
    ],
)
def test_no_write_without_a_right(
    stranger: TestClient, desk: FakeDesk, path: str, headers: dict[str, str], status: int
) -> None:
    answer = stranger.post(f"/api/{path}", json=CALL, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert desk.log.head() == 0


@pytest.mark.parametrize("headers", [AUTH, FEED, {**FEED, "Origin": URL}, {**COOKIE, **FEED}])
def test_a_write_with_a_right(stranger: TestClient, headers: dict[str, str]) -> None:
    assert stranger.post("/api/calls", json=CALL, headers=headers).status_code == 201


@pytest.mark.parametrize("path", ["/", "/live", "//evil.example/live", "/\\evil.example"])
def test_a_token_in_an_address_opens_nothing(stranger: TestClient, path: str) -> None:
    """It would stay in the browser's history and in what proxies write down."""
    answer = stranger.get(f"{URL}{path}?token={TOKEN}")
    assert "set-cookie" not in answer.headers
    assert "location" not in answer.headers


def test_only_the_demo_gives_its_page_a_session(desk: FakeDesk) -> None:
    for demo in (True, False):
        with open_client(desk, headers={}, demo=demo) as client:
            answer = client.get("/live/anything")
            if answer.status_code == 200:
                assert ("set-cookie" in answer.headers) is demo


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/nothing", "/api/picture"])
def test_every_answer_is_locked_down(stranger: TestClient, path: str) -> None:
    for headers in (stranger.get(path).headers, stranger.get(path, headers={"Host": "evil.example"}).headers):
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_no_page_of_the_framework(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "/assets/../../app.py", "/a%00b"])
def test_no_file_outside_the_console(stranger: TestClient, path: str) -> None:
    answer = stranger.get(URL + path)
    assert answer.status_code in (400, 404)
    assert "create_app" not in answer.text
