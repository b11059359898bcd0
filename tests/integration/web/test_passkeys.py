"""A passkey as a second factor, with an authenticator in software."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.signing_in import COOKIE, PASSWORD, House, cookie, open_house
from tests.software_key import SoftwareKey
from tocsin.adapters.accounts.passkeys import WebAuthnPasskeys


@pytest.fixture
def house() -> Iterator[House]:
    with open_house(passkeys=WebAuthnPasskeys(), url="http://localhost:8765") as house:
        house.member("ada", "watch_officer")
        house.sign_in("ada")
        yield house


def register(house: House, key: SoftwareKey) -> Any:
    options = house.post("/session/passkey/register/options", password=PASSWORD).json()["options"]
    return house.post("/session/passkey/register", credential=key.register(options), title="Desk 4")


def ask(house: House) -> dict[str, Any]:
    house.sign_in("ada")
    return dict(house.post("/session/passkey/options").json()["options"])


def test_a_passkey_is_registered_and_asked_for(house: House):
    key = SoftwareKey()
    registered = register(house, key)
    assert registered.status_code == 200, registered.text
    assert len(registered.json()["codes"]) == 8
    assert house.session()["passkeys"]
    pending = house.sign_in("ada")
    assert pending.json()["second_factor"] == ["passkey", "recovery_code"]
    assert house.client.get("/api/picture").status_code == 401
    options = house.post("/session/passkey/options").json()["options"]
    done = house.post("/session/passkey", credential=key.sign(options))
    assert done.json()["principal"]["means"] == "passkey", done.text
    assert cookie(done, COOKIE) != cookie(pending, COOKIE)
    assert house.client.get("/api/picture").status_code == 200


def test_an_answer_is_good_once(house: House):
    key = SoftwareKey()
    register(house, key)
    answer = key.sign(ask(house))
    assert house.post("/session/passkey", credential=answer).status_code == 200
    house.sign_in("ada")
    house.post("/session/passkey/options")
    assert house.post("/session/passkey", credential=answer).status_code == 401


def test_an_answer_without_a_question_is_refused(house: House):
    key = SoftwareKey()
    register(house, key)
    options = ask(house)
    house.sign_in("ada")
    assert house.post("/session/passkey", credential=key.sign(options)).status_code == 401


def test_another_sites_answer_is_refused(house: House):
    key = SoftwareKey()
    register(house, key)
    options = ask(house)
    key.origin = "https://localhost.evil.example"
    assert house.post("/session/passkey", credential=key.sign(options)).status_code == 401


def test_another_key_is_refused(house: House):
    key, other = SoftwareKey(), SoftwareKey()
    register(house, key)
    other.id = key.id
    assert house.post("/session/passkey", credential=other.sign(ask(house))).status_code == 401


def test_a_copy_that_lags_behind_is_noticed(house: House):
    key = SoftwareKey()
    register(house, key)
    for _ in range(2):
        assert house.post("/session/passkey", credential=key.sign(ask(house))).status_code == 200
    key.counter = 0
    assert house.post("/session/passkey", credential=key.sign(ask(house))).status_code == 401


@pytest.mark.parametrize("answer", [{}, {"id": "x"}, {"id": 7, "response": []}, {"response": {"clientDataJSON": "!"}}])
def test_nonsense_is_refused(house: House, answer: dict[str, Any]):
    assert house.post("/session/passkey/register/options", password=PASSWORD).status_code == 200
    assert house.post("/session/passkey/register", credential=answer).status_code == 401
    register(house, SoftwareKey())
    ask(house)
    assert house.post("/session/passkey", credential=answer).status_code == 401
