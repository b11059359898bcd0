"""A whole house: a place is sealed when a call comes in, opens for a purpose, and the ledger that says so verifies."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from tests.accounts import signed_in
from tests.house import PORT, OpenHouse, open_tiny_house
from tocsin.cli import app

LON, LAT = 10.0212345, 50.0198765
ASK = {"dataset": "calls", "fields": ["place"], "scope": {"calls": ["secret-1"]}}
STATED = {"purpose": "emergency_response", "basis": "eu-gdpr:A6-1-d"}


def report_a_call(house: OpenHouse) -> None:
    report = {
        "call": "secret-1",
        "received": datetime.now(UTC).isoformat(),
        "kind": house.house.pack.city.call_kinds[0].kind,
        "lon": LON,
        "lat": LAT,
    }
    assert house.client.post("/api/calls", json=report).status_code == 201


def test_a_place_opens_for_a_purpose_and_the_ledger_proves_it_to_everybody(tmp_path: Path) -> None:
    with open_tiny_house(tmp_path, live=True) as house:
        report_a_call(house)
        identity = house.house.identity
        officer = signed_in(identity.accounts, PORT, "dispatcher")
        got = house.client.post("/api/disclosures", json=ASK | STATED, headers=officer)
        assert got.status_code == 200, got.text
        assert got.json()["rows"][0]["values"]["place"] == {"lon": LON, "lat": LAT}
        assert house.client.post("/api/disclosures", json=ASK, headers=officer).status_code == 422
        kinds = [entry.kind.value for entry in house.house.account.ledger.entries()]
        assert (kinds.count("use"), kinds.count("refusal")) == (1, 1)
        assert "secret-1" not in house.client.get("/api/public/account").text
        account = identity.accounts.store.list_accounts()[-1]
        identity.accounts.store.change_account(account.with_roles(frozenset()))
        assert house.client.post("/api/disclosures", json=ASK | STATED, headers=officer).status_code == 401
    receipt = tmp_path / "use.tlog-proof"
    receipt.write_text(got.json()["receipt"]["proof"])
    entry = tmp_path / "use.json"
    entry.write_text(got.json()["receipt"]["entry"])
    for what in (
        [str(tmp_path / "data")],
        [str(receipt), "--entry", str(entry), "--key", str(tmp_path / "data/ledger/key")],
    ):
        done = CliRunner().invoke(app, ["verify", *what, "--json"])
        assert done.exit_code == 0, done.output
        assert json.loads(done.output)["ok"]
