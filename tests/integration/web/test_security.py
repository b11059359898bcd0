"""Who is let in: host × origin × token × cookie, and what every answer says to the browser."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.fakes.desk import FakeDesk
from tests.integration.web.conftest import AUTH, PORT, TOKEN, URL, open_client
from tocsin.web.security import Access

CALL = {"call": "c1", "received": "2030-05-06T12:00:00Z", "kind": "medical"}
WRITES = ["calls", "marks", "intake", "clock", "alarms/a1"]
READS = [
    "city", "basemap/areas", "basemap/streets", "clock", "picture", "calls", "units", "areas", "forecast",
    "changes", "alarms", "health", "openapi.json",
]  # fmt: skip
COOKIE = {"Cookie": f"tocsin_session_{PORT}={Access(TOKEN, PORT).session}"}
OWN = {"Origin": URL, "X-Tocsin": "1"}


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"127.0.0.1:{PORT}", f"[::1]:{PORT}", f"LOCALHOST:{PORT}"])
def test_the_machines_own_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:1", "", f"127.0.0.1.evil.example:{PORT}"]
)
@pytest.mark.parametrize("path", ["/", "/api/health", "/api/stream"])
def test_every_other_name_is_refused(client: TestClient, host: str, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"http://localhost:{PORT}", f"https://127.0.0.1:{PORT}"]
)
@pytest.mark.parametrize("path", READS)
def test_another_origin_reads_nothing(client: TestClient, origin: str, path: str) -> None:
    assert client.get(f"/api/{path}", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_get_no_data_even_without_an_origin(client: TestClient, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}
    assert client.get("/api/picture", headers=headers).status_code == 403
    assert (
        client.get("/", headers={**headers, "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"}).status_code
        == 403
    )


def test_a_link_to_the_console_may_be_followed(client: TestClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert client.get("/live", headers=headers).status_code != 403
    assert client.get("/api/picture", headers=headers).status_code == 403


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
        ({**OWN, "Cookie": "tocsin_session_1=" + Access(TOKEN, PORT).session}, 401),
        ({**OWN, "Cookie": "\x01=;;;"}, 401),
    ],
)
def test_no_write_without_a_right(
    client: TestClient, desk: FakeDesk, path: str, headers: dict[str, str], status: int
) -> None:
    answer = client.post(f"/api/{path}", json=CALL, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert desk.log.head() == 0


@pytest.mark.parametrize("headers", [AUTH, {**COOKIE, **OWN}, {**AUTH, "Origin": URL}])
def test_a_write_with_a_right(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/api/calls", json=CALL, headers=headers).status_code == 201


def test_the_printed_address_opens_a_session(client: TestClient) -> None:
    answer = client.get("/live", params={"token": TOKEN, "call": "c 1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/live?call=c+1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie
    client.cookies.clear()
    sent = {"Cookie": cookie.split(";")[0], **OWN}
    assert client.post("/api/calls", json=CALL, headers=sent).status_code == 201


@pytest.mark.parametrize("query", ["token=wrong", "token=", f"token={TOKEN}&token=wrong"])
def test_a_wrong_token_opens_nothing(client: TestClient, query: str) -> None:
    answer = client.get(f"/?{query}")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize("path", ["//evil.example/live", "/\\evil.example", "//evil.example/"])
def test_the_session_never_sends_a_browser_away(client: TestClient, path: str) -> None:
    answer = client.get(f"{URL}{path}?token={TOKEN}")
    location = answer.headers.get("location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


def test_only_the_demo_gives_its_page_a_session(desk: FakeDesk) -> None:
    for demo in (True, False):
        with open_client(desk, demo=demo) as client:
            answer = client.get("/live/anything")
            if answer.status_code == 200:
                assert ("set-cookie" in answer.headers) is demo


@pytest.mark.parametrize("path", ["/", "/api/health", "/api/nothing", "/api/picture"])
def test_every_answer_is_locked_down(client: TestClient, path: str) -> None:
    for headers in (client.get(path).headers, client.get(path, headers={"Host": "evil.example"}).headers):
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_no_page_of_the_framework(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "/assets/../../app.py", "/a%00b"])
def test_no_file_outside_the_console(client: TestClient, path: str) -> None:
    answer = client.get(URL + path)
    assert answer.status_code in (400, 404)
    assert "create_app" not in answer.text
