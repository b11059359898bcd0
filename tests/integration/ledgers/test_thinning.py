"""A ledger thins its old checkpoints; whoever checks it finds nothing missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.fakes.ledger import KEY, START, open_at, use
from tocsin.accounting.audit import Trust, audit
from tocsin.adapters.ledger_files import find_log
from tocsin.adapters.ledgers import SqliteLedger

HOURS = 30


def _publish_every_quarter(ledger: SqliteLedger) -> None:
    for n in range(4 * HOURS):
        ledger.append([replace(use(n), at=START + timedelta(minutes=15 * n))]).result(timeout=60)
        ledger.publisher.publish()


def _sizes(place: Path) -> list[int]:
    return sorted(int(file.name) for file in (place / "ledger" / "checkpoints").iterdir())


def test_old_checkpoints_go_and_the_ledger_holds(tmp_path: Path) -> None:
    ledger = open_at(tmp_path, publish_every_s=3_600.0)
    _publish_every_quarter(ledger)
    # The first is at 05:06 and the last at 10:51 a day later: the hours from 05 to 10 are thinned.
    left = [1, 5, 9, 13, 17, *range(21, 4 * HOURS + 1)]
    assert _sizes(tmp_path) == ledger.publisher.list_sizes() == left
    ledger.close()
    report = audit(find_log(str(tmp_path)), Trust(KEY.verifier))
    assert (report.ok, report.size, report.checkpoints) == (True, 4 * HOURS, len(left))
    open_at(tmp_path).close()
    assert _sizes(tmp_path) == left


def test_a_checkpoint_that_goes_while_it_is_checked_is_no_fault(tmp_path: Path) -> None:
    ledger = open_at(tmp_path, publish_every_s=3_600.0)
    for n in range(3):
        ledger.append([use(n)]).result(timeout=60)
        ledger.publisher.publish()
    ledger.close()
    log = find_log(str(tmp_path))
    listed = list(log.list_paths())
    (tmp_path / "ledger" / "checkpoints" / "2").unlink()
    log.list_paths = lambda: iter(listed)  # type: ignore[method-assign]  # as if it went after it was listed
    report = audit(log, Trust(KEY.verifier))
    assert (report.ok, report.checkpoints) == (True, 2)
