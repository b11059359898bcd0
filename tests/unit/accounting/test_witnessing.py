"""What a witness says of a checkpoint, by proof and by tiles, and the request of C2SP tlog-witness."""

from __future__ import annotations

import pytest

from tests.published import LOG, FilesInMemory, publish, use, uses
from tocsin.accounting.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from tocsin.accounting.merkle import EMPTY_ROOT, MerkleTree, leaf_hash
from tocsin.accounting.witnessing import AddCheckpoint, Verdict, judge, judge_by_tiles, status_of
from tocsin.errors import BadProof

OTHER_HISTORY = [*uses(100), use(999), *uses(499, 101)]


def tree(entries: list[bytes]) -> MerkleTree:
    return MerkleTree(leaf_hash(entry) for entry in entries)


def head(entries: list[bytes]) -> Checkpoint:
    return Checkpoint(LOG.name, len(entries), tree(entries).root())


NEW = head(uses(600))


@pytest.mark.parametrize("size", [0, 1, 255, 256, 300, 599])
def test_a_log_that_grew_is_cosigned(size: int):
    proof = tree(uses(600)).consistency(size) if size else []
    assert judge(head(uses(size)), NEW, proof) is Verdict.GROWN
    assert judge_by_tiles(head(uses(size)), NEW, FilesInMemory(publish(uses(600)))) is Verdict.GROWN


def test_the_first_and_the_same_are_cosigned():
    assert judge(None, NEW, ()) is Verdict.FIRST
    assert judge(NEW, NEW, ()) is Verdict.SAME
    assert judge(None, Checkpoint(LOG.name, 0, EMPTY_ROOT), ()) is Verdict.FIRST
    assert judge(None, Checkpoint(LOG.name, 0, bytes(32)), ()) is Verdict.UNPROVEN


def test_another_root_of_the_same_size_is_a_fork():
    assert judge(NEW, head(OTHER_HISTORY), ()) is Verdict.FORKED


def test_a_smaller_log_was_rolled_back():
    assert judge_by_tiles(NEW, head(uses(599)), FilesInMemory(publish(uses(599)))) is Verdict.ROLLED_BACK


@pytest.mark.parametrize("size", [101, 256, 300])
def test_tiles_of_another_history_prove_a_fork(size: int):
    files = FilesInMemory(publish(OTHER_HISTORY))
    assert judge_by_tiles(head(uses(size)), head(OTHER_HISTORY), files) is Verdict.FORKED
    assert judge_by_tiles(head(uses(100)), head(OTHER_HISTORY), files) is Verdict.GROWN


def test_broken_tiles_prove_nothing_and_accuse_nobody():
    seen, files = head(uses(300)), publish(uses(600))
    for change in ({"tile/0/001": b""}, {"tile/0/001": bytes(8_192)}, {"tile/1/000.p/2": b"x" * 9_000}):
        assert judge_by_tiles(seen, NEW, FilesInMemory({**files, **change})) is Verdict.UNPROVEN
    assert judge_by_tiles(seen, NEW, FilesInMemory({})) is Verdict.UNPROVEN


def request(old: int, entries: list[bytes], new: int | None = None) -> AddCheckpoint:
    proof = tree(entries).consistency(old) if 0 < old <= len(entries) else []
    note = sign_checkpoint(head(entries) if new is None else head(entries[:new]), LOG)
    return AddCheckpoint(old, tuple(proof), note)


def test_requests_are_written_and_read():
    asked = request(300, uses(600))
    assert AddCheckpoint.parse(asked.written.encode()) == asked
    assert asked.written.startswith("old 300\n")
    assert AddCheckpoint.parse(request(0, uses(3)).written.encode()).proof == ()
    assert open_checkpoint(asked.checkpoint, LOG.verifier).checkpoint == NEW


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"old 1",
        b"old 01\n\nx",
        b"new 1\n\nx",
        b"old 1\nAAAA\n\nx",
        b"old 0\n" + b"A" * 43 + b"=\n\nx",
        b"old 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\nx",
        b"\xff\n\n",
        b"x" * 300_000,
    ],
)
def test_what_is_no_request_is_refused(data: bytes):
    with pytest.raises(BadProof, match="add-checkpoint"):
        AddCheckpoint.parse(data)


def test_the_statuses_are_those_of_the_specification():
    seen = head(uses(300))
    assert status_of(request(300, uses(600)), seen, NEW) == (200, Verdict.GROWN)
    assert status_of(request(0, uses(600)), None, NEW) == (200, Verdict.FIRST)
    assert status_of(request(0, uses(600)), seen, NEW) == (409, None)
    assert status_of(AddCheckpoint(700, (), ""), seen, NEW) == (400, None)
    assert status_of(AddCheckpoint(300, (), ""), seen, NEW) == (422, Verdict.UNPROVEN)
    assert status_of(AddCheckpoint(300, (), ""), seen, head(OTHER_HISTORY[:300])) == (409, Verdict.FORKED)
