"""Many callers share a commit; nobody waits for a thread that has gone."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from tocsin.adapters.ledgers.group import MOST, GroupCommit
from tocsin.errors import BadEntry, LedgerError, LedgerFull, TocsinError


class _Commits:
    """Notes the groups; holds the first until `go`."""

    def __init__(self, fails: BaseException | None = None) -> None:
        self.groups: list[list[int]] = []
        self.begun = threading.Event()
        self.go = threading.Event()
        self.fails = fails

    def __call__(self, group: Sequence[int]) -> Sequence[int | TocsinError]:
        self.begun.set()
        self.go.wait(10)
        self.groups.append(list(group))
        if self.fails is not None:
            raise self.fails
        return [BadEntry("body", "odd") if n % 2 else n * 10 for n in group]


def test_what_waits_while_a_group_is_written_goes_together_and_in_order() -> None:
    commits = _Commits()
    group: GroupCommit[int, int] = GroupCommit(commits, name="test")
    first = group.submit(0)
    commits.begun.wait(10)
    futures = [group.submit(n) for n in range(1, MOST + 3)]
    commits.go.set()
    assert first.result(10) == 0
    assert futures[1].result(10) == 20
    with pytest.raises(BadEntry):
        futures[0].result(10)
    group.close()
    assert [len(one) for one in commits.groups] == [1, MOST, 2]
    assert [n for one in commits.groups for n in one] == list(range(MOST + 3))


def test_what_waits_at_the_end_is_written() -> None:
    commits = _Commits()
    group: GroupCommit[int, int] = GroupCommit(commits, name="test")
    futures = [group.submit(2 * n) for n in range(5)]
    commits.go.set()
    group.close()
    group.close()
    assert [future.result(10) for future in futures] == [0, 20, 40, 60, 80]
    with pytest.raises(LedgerError, match="stopped"):
        group.submit(2).result(10)


def test_error_of_a_commit_is_everybodys_and_the_next_is_tried() -> None:
    commits = _Commits(LedgerFull("full"))
    commits.go.set()
    group: GroupCommit[int, int] = GroupCommit(commits, name="test")
    with pytest.raises(LedgerFull):
        group.submit(2).result(10)
    commits.fails = None
    assert group.submit(2).result(10) == 20
    group.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_mistake_of_ours_leaves_nobody_waiting() -> None:
    commits = _Commits(ZeroDivisionError())
    group: GroupCommit[int, int] = GroupCommit(commits, name="test")
    futures = [group.submit(n) for n in range(3)]
    commits.go.set()
    for future in futures:
        with pytest.raises(LedgerError, match="stopped"):
            future.result(10)
    group.close()
    with pytest.raises(LedgerError, match="stopped"):
        group.submit(2).result(10)
