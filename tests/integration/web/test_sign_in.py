"""Over HTTP: the first account, signing in, second factors, roles, signing out, links, tokens, what is revoked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scene import NOON
from tests.signing_in import COOKIE, DEVICE, OTHER, PASSWORD, URL, WEAK, WRONG, House, cookie, open_house
from tocsin.accounting.identity.accounts import TotpKey
from tocsin.accounting.identity.totp import code_at

OWN = {"Origin": URL, "X-Tocsin": "1"}


@pytest.fixture
def house() -> Iterator[House]:
    with open_house() as house:
        yield house


def test_nobody_is_signed_in_and_the_first_account_is_wanted(house: House):
    assert house.session() == {
        "signed_in": False,
        "demo": False,
        "first_account_wanted": True,
        "sso": False,
        "passkeys": False,
        "second_factor": [],
        "principal": None,
        "task": None,
    }
    assert house.client.get("/api/picture").status_code == 401


def test_the_first_administrator_comes_by_the_link_once(house: House):
    link = house.identity.giving.first_link()
    body = {"link": link, "login": "Ada", "password": PASSWORD, "office": "Fire"}
    made = house.post("/first-account", **body)
    assert made.status_code == 200, made.text
    assert made.json()["principal"]["role"] == "administrator"
    assert made.json()["principal"]["login"] == "ada"
    assert house.session()["signed_in"]
    assert not house.session()["first_account_wanted"]
    again = house.post("/first-account", **{**body, "login": "eve"})
    assert (again.status_code, again.json()["detail"]) == (409, "The link was used, or has expired.")
    assert house.identity.giving.first_link() is None
    assert house.events() == ["first_administrator", "signed_in"]


@pytest.mark.parametrize("link", ["", "x", "tocsin"])
def test_no_first_account_without_the_link(house: House, link: str):
    house.identity.giving.first_link()
    answer = house.post("/first-account", link=link, login="eve", password=PASSWORD, office="Fire")
    assert answer.status_code in (409, 422)
    assert house.identity.accounts.store.list_accounts() == ()


def test_a_link_ends_after_a_day(house: House):
    link = house.identity.giving.first_link()
    house.later(hours=24)
    answer = house.post("/first-account", link=link, login="ada", password=PASSWORD, office="Fire")
    assert answer.status_code == 409


def test_a_new_link_at_a_restart_ends_the_old_one(house: House):
    old, new = house.identity.giving.first_link(), house.identity.giving.first_link()
    body = {"login": "ada", "password": PASSWORD, "office": "Fire"}
    assert house.post("/first-account", link=old, **body).status_code == 409
    assert house.post("/first-account", link=new, **body).status_code == 200


def test_a_weak_password_leaves_the_link_good(house: House):
    link = house.identity.giving.first_link()
    body = {"link": link, "login": "ada", "office": "Fire"}
    weak = house.post("/first-account", password=WEAK, **body)
    assert (weak.status_code, weak.json()["type"]) == (422, "urn:tocsin:problem:password_weak")
    assert house.post("/first-account", password=PASSWORD, **body).status_code == 200


def test_cookies_are_for_this_site_and_no_script(house: House):
    for line in house.first().headers.get_list("set-cookie"):
        assert "HttpOnly" in line
        assert "SameSite=strict" in line
        assert "Path=/" in line


def test_sign_in_and_out(house: House):
    house.member("ada", "watch_officer")
    signed_in = house.sign_in(" ADA ")
    assert signed_in.status_code == 200, signed_in.text
    assert house.client.get("/api/picture").status_code == 200
    out = house.client.request("DELETE", "/api/session", headers=OWN)
    assert (out.status_code, out.json()["signed_in"]) == (200, False)
    assert house.client.get("/api/picture").status_code == 401


def test_a_cookie_replayed_after_signing_out_opens_nothing(house: House):
    house.member("ada", "watch_officer")
    secret = cookie(house.sign_in("ada"), COOKIE)
    house.client.request("DELETE", "/api/session", headers=OWN)
    house.client.cookies.clear()
    replayed = house.client.get("/api/picture", headers={"Cookie": f"{COOKIE}={secret}"})
    assert (replayed.status_code, replayed.headers["content-type"]) == (401, "application/problem+json")


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + "x", str.swapcase, str.upper, lambda _: ""])
def test_a_tampered_cookie_opens_nothing(house: House, change):
    house.member("ada", "watch_officer")
    secret = cookie(house.sign_in("ada"), COOKIE)
    house.client.cookies.clear()
    answer = house.client.get("/api/picture", headers={"Cookie": f"{COOKIE}={change(secret)}"})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:tocsin:problem:sign_in_wanted")


def test_a_session_is_not_fixed_by_whoever_sets_the_cookie(house: House):
    house.member("ada", "watch_officer")
    house.client.cookies.set(COOKIE, "chosen-by-somebody-else", domain="127.0.0.1")
    secret = cookie(house.sign_in("ada"), COOKIE)
    house.client.cookies.clear()
    chosen = {"Cookie": f"{COOKIE}=chosen-by-somebody-else"}
    assert house.client.get("/api/picture", headers=chosen).status_code == 401
    assert house.client.get("/api/picture", headers={"Cookie": f"{COOKIE}={secret}"}).status_code == 200


def test_signing_in_again_ends_the_session_before(house: House):
    house.member("ada", "watch_officer")
    first = cookie(house.sign_in("ada"), COOKIE)
    second = cookie(house.sign_in("ada"), COOKIE)
    assert first != second
    house.client.cookies.clear()
    assert house.client.get("/api/picture", headers={"Cookie": f"{COOKIE}={first}"}).status_code == 401
    assert house.client.get("/api/picture", headers={"Cookie": f"{COOKIE}={second}"}).status_code == 200


def test_a_wrong_password_and_an_unknown_login_are_answered_alike(house: House):
    house.member("ada", "watch_officer")
    answers = [house.sign_in("ada", WRONG), house.sign_in("nobody", WRONG)]
    assert {a.status_code for a in answers} == {401}
    assert answers[0].json() == answers[1].json()
    assert all("set-cookie" not in a.headers for a in answers)


def test_signing_in_wants_the_header_that_no_form_can_send(house: House):
    house.member("ada", "watch_officer")
    body = {"login": "ada", "password": PASSWORD}
    assert house.client.post("/api/session", json=body).status_code == 403
    evil = {"Origin": "https://evil.example", "X-Tocsin": "1"}
    assert house.client.post("/api/session", json=body, headers=evil).status_code == 403


def test_a_role_is_worn_under_another_cookie(house: House):
    house.member("ada", "watch_officer", "planning_chief")
    before = cookie(house.sign_in("ada"), COOKIE)
    assert house.session()["principal"]["role"] == "planning_chief"
    worn = house.post("/session/role", role="watch_officer")
    assert worn.json()["principal"]["role"] == "watch_officer"
    house.client.cookies.clear()
    assert house.client.get("/api/picture", headers={"Cookie": f"{COOKIE}={before}"}).status_code == 401
    assert house.events()[-1] == "role_worn"


def test_a_role_that_was_not_given_is_not_worn(house: House):
    house.member("ada", "watch_officer")
    house.sign_in("ada")
    answer = house.post("/session/role", role="administrator")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:tocsin:problem:role_not_held")
    assert house.session()["principal"]["role"] == "watch_officer"


def set_up_totp(house: House) -> tuple[TotpKey, list[str]]:
    key = house.post("/session/totp", password=PASSWORD).json()
    app = TotpKey(key["secret"])
    confirmed = house.post("/session/totp/confirm", code=code_at(app, house.clock.now()))
    assert confirmed.status_code == 200, confirmed.text
    return app, confirmed.json()["codes"]


def test_a_second_factor_is_asked_for_and_good_once(house: House):
    house.member("ada", "watch_officer")
    house.sign_in("ada")
    app, codes = set_up_totp(house)
    assert len(codes) == 8
    house.later(minutes=1)
    pending = house.sign_in("ada")
    assert pending.json()["second_factor"] == ["recovery_code", "totp"]
    assert not pending.json()["signed_in"]
    assert house.client.get("/api/picture").status_code == 401
    before, code = cookie(pending, COOKIE), code_at(app, house.clock.now())
    done = house.post("/session/second-factor", code=code)
    assert done.json()["principal"]["means"] == "totp"
    assert cookie(done, COOKIE) != before
    assert house.client.get("/api/picture").status_code == 200
    house.sign_in("ada")
    assert house.post("/session/second-factor", code=code).status_code == 401, "a code is good once"
    assert house.client.get("/api/picture").status_code == 401


def test_a_recovery_code_is_good_once(house: House):
    house.member("ada", "watch_officer")
    house.sign_in("ada")
    _, codes = set_up_totp(house)
    house.sign_in("ada")
    done = house.post("/session/second-factor", code=codes[0].lower().replace("-", " "))
    assert done.json()["principal"]["means"] == "recovery_code"
    house.sign_in("ada")
    assert house.post("/session/second-factor", code=codes[0]).status_code == 401
    assert house.post("/session/second-factor", code=codes[1]).status_code == 200


def test_a_sign_in_ends_after_five_wrong_codes(house: House):
    house.member("ada", "watch_officer")
    house.sign_in("ada")
    _, codes = set_up_totp(house)
    house.sign_in("ada")
    for _ in range(5):
        assert house.post("/session/second-factor", code="000000").status_code == 401
    over = house.post("/session/second-factor", code=codes[0])
    assert (over.status_code, over.json()["type"]) == (401, "urn:tocsin:problem:sign_in_over")


def test_a_second_factor_is_set_up_with_the_password_only(house: House):
    house.member("ada", "watch_officer")
    house.sign_in("ada")
    assert house.post("/session/totp", password=WRONG).status_code == 401
    assert house.post("/session/totp").status_code == 401


def test_another_password_ends_every_session(house: House):
    house.member("ada", "watch_officer")
    other = cookie(house.sign_in("ada"), COOKIE)
    house.client.cookies.clear()
    house.sign_in("ada")
    assert house.post("/session/password", password=WRONG, new_password=OTHER).status_code == 401
    assert house.post("/session/password", password=PASSWORD, new_password=WEAK).status_code == 422
    assert house.post("/session/password", password=PASSWORD, new_password=OTHER).status_code == 200
    assert house.client.get("/api/picture").status_code == 401
    house.client.cookies.clear()
    assert house.client.get("/api/picture", headers={"Cookie": f"{COOKIE}={other}"}).status_code == 401
    assert house.sign_in("ada").status_code == 401
    assert house.sign_in("ada", OTHER).status_code == 200


def test_an_administrator_invites_and_the_invited_sets_a_password(house: House):
    house.first()
    made = house.post("/accounts", login="bob", office="Medical", roles=["dispatcher"])
    assert made.status_code == 201, made.text
    link = made.json()["link"].removeprefix("/sign-in#link=")
    assert house.post("/password", link=link, password=PASSWORD).status_code == 200
    assert house.post("/password", link=link, password=OTHER).status_code == 409, "a link is good once"
    assert house.sign_in("bob").json()["principal"]["office"] == "Medical"


def test_a_reset_gives_another_password(house: House):
    house.member("bob", "dispatcher")
    house.first()
    (bob,) = [a for a in house.client.get("/api/accounts").json()["accounts"] if a["login"] == "bob"]
    given = house.post(f"/accounts/{bob['account']}", reset=True)
    link = given.json()["link"].removeprefix("/sign-in#link=")
    assert house.post("/password", link=link, password=OTHER).status_code == 200
    assert house.sign_in("bob").status_code == 401
    assert house.sign_in("bob", OTHER).status_code == 200


@pytest.mark.parametrize(
    ("change", "event"),
    [
        ({"roles": ["analyst"]}, "roles_changed"),
        ({"disabled": True}, "account_disabled"),
        ({"sign_out": True}, "sessions_ended"),
        ({"office": "Police"}, "office_changed"),
    ],
)
def test_what_is_revoked_is_gone_a_second_later(house: House, change: dict[str, Any], event: str):
    house.member("bob", "dispatcher")
    secret = cookie(house.sign_in("bob"), COOKIE)
    house.client.cookies.clear()
    house.first()
    bob = house.identity.accounts.store.find_login("bob")
    held = {"Cookie": f"{COOKIE}={secret}"}
    own = dict(house.client.cookies)
    house.client.cookies.clear()
    assert house.client.get("/api/picture", headers=held).status_code == 200
    house.client.cookies.update(own)
    assert house.post(f"/accounts/{bob.id}", **change).status_code == 200
    house.client.cookies.clear()
    house.later(seconds=1)
    assert house.client.get("/api/picture", headers=held).status_code == 401
    assert event in house.events()


def test_nobody_gives_roles_to_themselves_nor_takes_the_last_administrator(house: House):
    house.first()
    me = house.session()["principal"]["account"]
    assert house.post(f"/accounts/{me}", roles=["administrator", "auditor"]).status_code == 409
    assert house.post(f"/accounts/{me}", disabled=True).status_code == 409
    assert house.session()["signed_in"]


def test_only_administrators_see_accounts(house: House):
    house.member("bob", "dispatcher")
    house.sign_in("bob")
    assert house.client.get("/api/accounts").status_code == 403
    assert house.post("/accounts", login="eve", office="x", roles=["administrator"]).status_code == 403


def test_a_service_gets_in_by_a_token_within_its_scopes(house: House):
    house.first()
    service = house.post("/accounts", login="cad", office="Dispatch", roles=["feed"], kind="service").json()["account"]
    given = house.post(f"/accounts/{service['account']}/tokens", title="CAD", scopes=["intake"], days=7).json()
    assert given["secret"].startswith("tocsin_")
    token = {"Authorization": f"Bearer {given['secret']}"}
    call = {"call": "c1", "received": NOON.isoformat(), "kind": "medical"}
    house.client.cookies.clear()
    assert house.client.post("/api/calls", json=call, headers=token).status_code == 201
    assert house.client.get("/api/picture", headers=token).status_code == 403
    house.later(days=7)
    assert house.client.post("/api/calls", json=call, headers=token).status_code == 401


def test_a_token_that_is_taken_opens_nothing(house: House):
    house.first()
    service = house.post("/accounts", login="cad", office="Dispatch", roles=["feed"], kind="service").json()["account"]
    given = house.post(f"/accounts/{service['account']}/tokens", title="CAD", scopes=["intake"]).json()
    (token,) = given["account"]["tokens"]
    assert house.post(f"/accounts/{service['account']}", take_token=token["token"]).status_code == 200
    house.client.cookies.clear()
    sent = {"Authorization": f"Bearer {given['secret']}"}
    assert house.client.post("/api/intake", content=b"[]", headers=sent).status_code == 401
    assert house.events()[-2:] == ["token_given", "token_taken"]


def test_no_login_and_no_secret_stands_in_the_ledger(house: House):
    house.first()
    house.post("/accounts", login="roberta", office="Medical", roles=["dispatcher"])
    house.sign_in("roberta", WRONG)
    text = b"".join(entry.data for entry in house.ledger.entries()).decode()
    assert "roberta" not in text
    assert PASSWORD not in text
    assert house.identity.accounts.store.list_accounts()[0].id not in text
    assert house.identity.accounts.store.list_entries() == ()


def test_guessing_is_slowed_down_and_says_when_to_try_again(house: House):
    house.member("ada", "watch_officer")
    for _ in range(5):
        assert house.sign_in("ada", WRONG).status_code == 401
    held = house.sign_in("ada")
    assert (held.status_code, held.headers["retry-after"]) == (429, "1")
    house.later(seconds=1)
    assert house.sign_in("ada").status_code == 200


def test_an_attacker_does_not_lock_the_owner_out(house: House):
    house.member("ada", "watch_officer")
    house.sign_in("ada")
    device = house.client.cookies[DEVICE]
    house.client.cookies.clear()
    for _ in range(200):
        house.sign_in("ada", WRONG)
    assert house.sign_in("ada").status_code == 429, "whoever hammers is held up"
    house.client.cookies.set(DEVICE, device, domain="127.0.0.1")
    assert house.sign_in("ada").status_code == 200, "the owner's own browser is not, even from the same address"
