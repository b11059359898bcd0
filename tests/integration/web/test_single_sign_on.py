"""Single sign-on against a small provider on loopback: state, nonce, PKCE, signature, claims to roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey

from tests.fakes.provider import CLIENT, SECRET, FakeProvider, open_provider
from tests.scene import NOON
from tests.signing_in import COOKIE, House, open_house
from tocsin.accounting.access import RoleId
from tocsin.adapters.accounts.oidc import OpenIdConnect, Provider
from tocsin.adapters.clocks import FakeClock
from tocsin.errors import AccountError

ROLES = {"watch": RoleId("watch_officer"), "plans": RoleId("planning_chief")}
BACK = "/api/session/sso/return"
FROM_THERE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def shared() -> Iterator[FakeProvider]:
    with open_provider() as provider:
        yield provider


@pytest.fixture
def provider(shared: FakeProvider) -> FakeProvider:
    shared.signs_with, shared.header = shared.key, {"alg": "RS256", "kid": "one"}
    shared.claims = {"sub": "4711", "preferred_username": "Grace", "groups": ["watch", "choir"]}
    return shared


@pytest.fixture
def house(provider: FakeProvider) -> Iterator[House]:
    known = Provider(provider.url, CLIENT, SECRET, ROLES)
    with open_house(sso=lambda clock: OpenIdConnect(known, b"k" * 32, clock)) as house:
        yield house


def go(house: House, provider: FakeProvider) -> dict[str, str]:
    away = house.client.get("/api/session/sso")
    assert away.status_code == 303
    assert away.headers["location"].startswith(f"{provider.url}/authorize?")
    assert "SameSite=lax" in away.headers["set-cookie"]
    return provider.visit(away.headers["location"])


def come_back(house: House, query: dict[str, str]) -> bool:
    answer = house.client.get(BACK, params=query, headers=FROM_THERE)
    assert answer.status_code == 303
    return answer.headers["location"] == "/"


def test_whoever_the_provider_vouches_for_is_signed_in(house: House, provider: FakeProvider):
    assert house.session()["sso"]
    assert come_back(house, go(house, provider))
    principal = house.session()["principal"]
    assert (principal["login"], principal["roles"], principal["means"]) == (
        "grace",
        ["watch_officer"],
        "single_sign_on",
    )
    assert house.client.get("/api/picture").status_code == 200
    assert house.events() == ["account_made", "signed_in"]
    assert "4711" not in b"".join(entry.data for entry in house.ledger.entries()).decode()


def test_what_is_asked_carries_state_nonce_and_challenge(house: House, provider: FakeProvider):
    go(house, provider)
    asked = provider.asked
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) > 30
    assert len(asked["nonce"]) > 30
    assert asked["redirect_uri"] == f"http://127.0.0.1:8765{BACK}"


def test_an_answer_for_another_browser_is_refused(house: House, provider: FakeProvider):
    query = go(house, provider)
    house.client.cookies.clear()
    assert not come_back(house, query)
    assert not house.session()["signed_in"]


@pytest.mark.parametrize("bend", [{"state": "other"}, {"code": "other"}, {"iss": "https://evil.example"}])
def test_an_answer_to_something_else_is_refused(house: House, provider: FakeProvider, bend: dict[str, str]):
    assert not come_back(house, {**go(house, provider), **bend})


def test_an_answer_is_good_for_ten_minutes(house: House, provider: FakeProvider):
    query = go(house, provider)
    house.later(minutes=10)
    assert not come_back(house, query)


def test_a_tampered_cookie_is_refused(house: House, provider: FakeProvider):
    query = go(house, provider)
    kept = house.client.cookies["tocsin_sso_8765"]
    house.client.cookies.clear()
    answer = house.client.get(BACK, params=query, headers={"Cookie": f"tocsin_sso_8765=x{kept}"})
    assert answer.headers["location"] == "/sign-in#refused=sso"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": int(NOON.timestamp()) - 600},
        {"groups": ["choir"]},
        {"groups": None},
    ],
)
def test_a_token_that_does_not_hold_is_refused(house: House, provider: FakeProvider, claims: dict[str, Any]):
    provider.claims = {**provider.claims, **claims}
    if claims.get("groups", ()) is None:
        del provider.claims["groups"]
    assert not come_back(house, go(house, provider))
    assert house.identity.accounts.store.list_accounts() == ()


def test_another_key_is_refused(house: House, provider: FakeProvider):
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
    assert not come_back(house, go(house, provider))


def test_a_signature_without_a_public_key_is_refused(house: House, provider: FakeProvider):
    provider.header = {"alg": "HS256", "kid": "one"}
    provider.signs_with = OctKey.import_key(SECRET * 4)
    assert not come_back(house, go(house, provider))


def test_roles_are_the_providers_each_time(house: House, provider: FakeProvider):
    come_back(house, go(house, provider))
    first = house.client.cookies[COOKIE]
    provider.claims = {**provider.claims, "groups": ["plans"]}
    house.client.cookies.clear()
    assert come_back(house, go(house, provider))
    assert house.session()["principal"]["roles"] == ["planning_chief"]
    house.client.cookies.clear()
    assert house.client.get("/api/picture", headers={"Cookie": f"{COOKIE}={first}"}).status_code == 401


def test_whoever_lost_every_role_is_signed_out_everywhere(house: House, provider: FakeProvider):
    come_back(house, go(house, provider))
    first = house.client.cookies[COOKIE]
    provider.claims = {**provider.claims, "groups": []}
    house.client.cookies.clear()
    assert not come_back(house, go(house, provider))
    assert house.client.get("/api/picture", headers={"Cookie": f"{COOKIE}={first}"}).status_code == 401


def test_nobody_takes_an_account_over_by_its_login(house: House, provider: FakeProvider):
    house.member("grace", "administrator")
    assert come_back(house, go(house, provider))
    principal = house.session()["principal"]
    assert principal["roles"] == ["watch_officer"]
    assert principal["login"] != "grace"


def test_a_provider_that_is_away_is_named(house: House):
    sso = OpenIdConnect(Provider("http://127.0.0.1:1", CLIENT, SECRET, ROLES), b"k" * 32, house.clock)
    with pytest.raises(AccountError, match="cannot be asked"):
        sso.begin("http://127.0.0.1:8765/")


def test_a_provider_in_the_clear_is_refused():
    with pytest.raises(AccountError, match="https"):
        OpenIdConnect(Provider("http://sso.city.example", CLIENT, SECRET, ROLES), b"k", FakeClock(NOON))


def test_without_one_the_way_there_says_so(provider: FakeProvider):
    with open_house() as house:
        assert house.client.get("/api/session/sso").status_code == 503
