"""After an erasure, and after what expired was destroyed, a published ledger verifies as before, and nothing of the
subject is in any file of the data folder."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.gate import CALLS, EMERGENCY, NOW, PLACE, POLICY, somebody
from tests.fakes.ledger import found as in_files
from tocsin.accounting.access import BasisId
from tocsin.accounting.audit import audit
from tocsin.accounting.entries import EntryKind
from tocsin.accounting.receipts import verify_receipt
from tocsin.accounting.uses import Ask, Disclosure
from tocsin.adapters.clocks import FakeClock
from tocsin.adapters.ledger_files import find_log
from tocsin.adapters.ledgers import open_ledger
from tocsin.adapters.stores import LOG_FILE, SqliteLog
from tocsin.desk.disclose import Disclosures
from tocsin.desk.erasures import Erasures
from tocsin.desk.expiry import Expiry
from tocsin.desk.usages import Found, Usages
from tocsin.model.events import CallReported, Draft, Payload
from tocsin.model.ids import CallId, CommandId, EventId, Seq
from tocsin.model.origin import Mode, Origin

OFFICER, DISPATCHER = somebody("data_protection_officer"), somebody("dispatcher")
KEPT, ERASED = CallId("call-that-stays"), CallId("call-to-erase")
_ORIGIN = Origin("feed:test", "feed", "emergency_response", Mode.LIVE)


class House:
    """Log and ledger in a data folder, with everything around them."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.log = SqliteLog(data / LOG_FILE)
        self.ledger = open_ledger(data, "tocsin.example/town")
        clock = FakeClock(NOW)
        self.disclosures = Disclosures(POLICY, self.ledger, self.log, clock)
        self.usages = Usages(POLICY, self.ledger, self.log, clock, secrets.token_bytes)
        self.erasures = Erasures(POLICY, self.ledger, self.log, clock)
        self.expiry = Expiry(POLICY, self.ledger, self.log, clock)
        for n, call in enumerate((KEPT, ERASED)):
            event = CallReported(call, NOW, "Fire", 1, None, None, None)
            sealed = Payload({"lon": "1.5", "lat": "2.5", "secret": f"place of {call}"})
            self.log.append([Draft(EventId(f"e{n}"), CommandId(f"e{n}"), NOW, _ORIGIN, event, sealed)], Seq(n))

    def use(self, call: CallId) -> Disclosure:
        ask = Ask(CALLS, frozenset({PLACE}), (call,), EMERGENCY, BasisId("eu-gdpr:A6-1-d"), reason=f"about {call}")
        used = self.disclosures.submit(ask, DISPATCHER).result(timeout=10)
        assert isinstance(used, Disclosure)
        return used

    def close(self) -> None:
        self.disclosures.close()
        self.ledger.close()
        self.log.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "data")


def test_proofs_hold_after_an_erasure_and_no_file_knows_the_case(house: House):
    mine, others = house.use(ERASED), house.use(KEPT)
    code = house.usages.hand_out(ERASED, DISPATCHER).code
    assert in_files(house.data, b"place of call-to-erase")
    done = house.erasures.erase_call(ERASED, OFFICER, "asked for it")
    assert (done.payloads, done.entries, done.codes) == (1, 2, 1)
    assert house.usages.find(code, None, None, 0, 1000) == Found(0, ())
    key = house.ledger.verifier
    house.close()
    assert not in_files(house.data, b"place of call-to-erase")
    assert not in_files(house.data, b"about call-to-erase")
    assert not in_files(house.data, b"call-to-erase", lambda file: not file.name.startswith(LOG_FILE))
    assert in_files(house.data, b"place of call-that-stays")
    report = audit(find_log(str(house.data)))
    assert (report.ok, report.size) == (True, done.receipt.index + 1)
    for used in (mine, others):
        verify_receipt(used.receipt.proof, key, used.receipt.entry)


def test_proofs_hold_after_what_expired_was_destroyed(house: House):
    used = house.use(ERASED)
    assert house.expiry.run(NOW + timedelta(days=181)) == 2
    key = house.ledger.verifier
    (entry,) = [e for e in house.ledger.entries() if e.kind is EntryKind.EXPIRY]
    house.close()
    assert not in_files(house.data, b"place of call")
    report = audit(find_log(str(house.data)))
    assert (report.ok, report.size) == (True, entry.index + 1)
    verify_receipt(used.receipt.proof, key, used.receipt.entry)
