"""The demo's own session, and cookies and hosts behind a proxy with TLS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.signing_in import COOKIE, House, cookie, open_house

PUBLIC = "https://desk.city.example"


@pytest.fixture
def demo() -> Iterator[House]:
    with open_house(demo_roles=("watch_officer", "analyst")) as house:
        yield house


@pytest.fixture
def behind() -> Iterator[House]:
    with open_house(public=PUBLIC, url=PUBLIC) as house:
        yield house


def test_a_demos_page_opens_a_session_of_its_own_once(demo: House):
    assert not demo.session()["signed_in"]
    page = demo.client.get("/live")
    first = cookie(page, COOKIE)
    assert demo.session()["principal"]["role"] == "demo"
    assert demo.session()["demo"]
    assert not demo.session()["first_account_wanted"]
    assert "set-cookie" not in demo.client.get("/live").headers
    assert demo.client.cookies[COOKIE] == first


def test_a_demo_may_wear_its_roles_and_keeps_them_at_the_next_page(demo: House):
    demo.client.get("/")
    assert demo.post("/session/role", role="analyst").status_code == 200
    demo.client.get("/")
    assert demo.session()["principal"]["role"] == "analyst"
    assert demo.post("/session/role", role="administrator").status_code == 403


def test_a_demo_sets_up_nothing(demo: House):
    demo.client.get("/")
    assert demo.client.get("/api/accounts").status_code == 403
    assert demo.post("/accounts", login="eve", office="x", roles=["analyst"]).status_code == 403


def test_a_desk_that_is_no_demo_opens_no_session():
    with open_house() as house:
        assert "set-cookie" not in house.client.get("/live").headers
        with pytest.raises(ValueError, match="no demo"):
            house.identity.open_demo()


def test_behind_tls_cookies_are_secure_and_bound_to_the_host(behind: House):
    lines = behind.first().headers.get_list("set-cookie")
    assert len(lines) == 2
    for line in lines:
        assert line.startswith("__Host-tocsin_")
        assert "Secure" in line
        assert "HttpOnly" in line
        assert "Domain" not in line
    assert behind.session()["signed_in"]


def test_behind_tls_browsers_are_told_never_to_ask_in_the_clear(behind: House, demo: House):
    said = "strict-transport-security"
    for path in ("/", "/api/session", "/api/nothing"):
        assert behind.client.get(path).headers[said] == "max-age=31536000; includeSubDomains"
        assert said not in demo.client.get(path).headers


@pytest.mark.parametrize(
    ("host", "status"),
    [("desk.city.example", 200), ("desk.city.example:8765", 421), ("evil.example", 421), ("127.0.0.1:8765", 200)],
)
def test_behind_tls_its_name_is_answered_and_no_other(behind: House, host: str, status: int):
    assert behind.client.get("/api/session", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("origin", ["http://desk.city.example", "https://evil.example", "null"])
def test_behind_tls_another_origin_is_refused(behind: House, origin: str):
    answer = behind.client.post(
        "/api/session", json={"login": "a", "password": "b"}, headers={"Origin": origin, "X-Tocsin": "1"}
    )
    assert answer.status_code == 403
