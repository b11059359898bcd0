"""`tocsin bench ledger`: what it says, that it checks what it times, and policies made from a seed."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest

from tocsin.adapters.packs.access import read_access
from tocsin.bench.ledger.bench import Effort, bench
from tocsin.bench.ledger.disk import filesystem_of, place_on_disk
from tocsin.bench.ledger.rules import policy_of_size, requests
from tocsin.bench.ledger.timing import one_by_one, under_way

KEYS = {
    "appends_per_s",
    "append_p99_ms",
    "disclosures_per_s",
    "disclosure_p99_ms",
    "proofs_per_s",
    "decisions_per_s",
    "decision_p99_ms",
}


def test_it_says_what_it_promises(tmp_path: Path) -> None:
    effort = Effort(
        appends=60, disclosures=40, calls=10, leaves=300, proofs=20, decisions=50, rivals=False, each_decided=20
    )
    told: list[str] = []
    found = bench(tmp_path, effort, lambda what, _done, _of: told.append(what))
    assert set(found) == KEYS | {"filesystem", "sizes", "parts"}
    assert all(found[key] > 0 for key in KEYS)
    assert found["sizes"]["policies"] == 100
    assert found["parts"]["appends"]["entries"] == 60
    assert found["parts"]["disclosures"]["entries"] == 40
    assert found["parts"]["disclosures"]["questions"] < 40
    assert found["parts"]["disclosures"]["each_decided"]["questions"] == 20
    assert told == ["decisions", "appends", "disclosures", "proofs"]


def test_it_knows_what_a_folder_lies_on(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    lines = ["/dev/a / ext4 rw 0 0", f"memory {tmp_path} tmpfs rw 0 0", f"/dev/b {tmp_path}/on\\040disk xfs rw 0 0"]
    mounts.write_text("\n".join(lines) + "\n")
    assert filesystem_of(Path("/"), mounts) == "ext4"
    assert filesystem_of(tmp_path / "x", mounts) == "tmpfs"
    assert filesystem_of(tmp_path / "on disk" / "x", mounts) == "xfs"
    assert filesystem_of(tmp_path, tmp_path / "none") is None


def test_it_times_no_memory_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/a / ext4 rw 0 0\nmemory {tmp_path} tmpfs rw 0 0\n")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert not place_on_disk(mounts).is_relative_to(tmp_path)
    mounts.write_text("/dev/a / ext4 rw 0 0\n")
    assert place_on_disk(mounts) == tmp_path


def test_policies_are_as_many_as_asked_and_the_same_from_the_same_seed() -> None:
    base = read_access(None)
    hundred = policy_of_size(base, 100, 1)
    assert len(hundred.whys) == 100
    assert hundred.access.digest == policy_of_size(base, 100, 1).access.digest
    assert hundred.access.digest != policy_of_size(base, 100, 2).access.digest
    assert policy_of_size(base, 1, 1).whys.keys() < hundred.whys.keys()


def test_requests_ask_for_everything_and_some_are_allowed() -> None:
    base = read_access(None)
    policy, asked = policy_of_size(base, 100, 1), requests(base, 600, 2)
    assert {request.role for request in asked} == set(base.roles)
    assert {request.dataset for request in asked} == set(base.datasets)
    decided = [policy.decide(request) for request in asked]
    assert 0 < sum(decision.allowed for decision in decided) < len(decided)
    assert not any(decision.errors for decision in decided)


def test_work_under_way_is_checked() -> None:
    def done(n: int) -> Future[int]:
        future: Future[int] = Future()
        future.set_result(n)
        return future

    def check(n: int) -> None:
        if n == 3:
            raise ValueError("three")

    assert under_way(done, 3, 2, check).per_s > 0
    with pytest.raises(ValueError, match="three"):
        under_way(done, 10, 2, check)
    assert one_by_one(lambda n: n, 5).p99_ms >= 0.0
