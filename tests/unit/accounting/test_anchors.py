"""Any change of an anchored event log is found, and its first row is named."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tocsin.accounting.anchors import BEGINNING, Anchor, AnchorChain, Changed, find_first_changed, read_anchor

Rows = list[tuple[int, bytes]]


def _rows(count: int) -> Rows:
    return [(n, f"row {n}".encode()) for n in range(1, count + 1)]


def _anchors(rows: Rows, every: int) -> list[Anchor]:
    made: list[Anchor] = []
    for start in range(0, len(rows), every):
        before = made[-1].digest if made else BEGINNING
        chain = AnchorChain(rows[start][0], before, sha256(bytes([start])).digest())
        for _, row in rows[start : start + every]:
            chain.add(row)
        anchor = chain.anchor()
        again = read_anchor(len(made), anchor.public(), anchor.private())
        assert again is not None
        made.append(again)
    return made


ROWS = _rows(25)
ANCHORS = _anchors(ROWS, 10)


def test_what_was_not_changed_is_not_named() -> None:
    assert [(a.first, a.last) for a in ANCHORS] == [(1, 10), (11, 20), (21, 25)]
    assert find_first_changed(ROWS, ANCHORS) is None
    assert find_first_changed([*ROWS, (26, b"more")], ANCHORS) is None
    assert find_first_changed([], []) is None


@pytest.mark.parametrize("n", range(25))
def test_every_changed_row_is_named(n: int) -> None:
    rows = [(seq, row + b"!" if seq == n + 1 else row) for seq, row in ROWS]
    assert find_first_changed(rows, ANCHORS) == Changed(n + 1, n // 10, "changed")


@pytest.mark.parametrize("n", range(25))
def test_every_dropped_row_is_named(n: int) -> None:
    assert find_first_changed(ROWS[:n] + ROWS[n + 1 :], ANCHORS) == Changed(n + 1, n // 10, "missing")
    closed_up = [(k, row) for k, (_, row) in enumerate(ROWS[:n] + ROWS[n + 1 :], 1)]
    found = find_first_changed(closed_up, ANCHORS)
    assert found is not None
    assert found.seq == n + 1


@pytest.mark.parametrize("n", range(25))
def test_every_cut_is_named(n: int) -> None:
    assert find_first_changed(ROWS[:n], ANCHORS) == Changed(n + 1, n // 10, "missing")


@pytest.mark.parametrize("n", range(24))
def test_every_swap_is_named(n: int) -> None:
    contents = [row for _, row in ROWS]
    contents[n], contents[n + 1] = contents[n + 1], contents[n]
    found = find_first_changed([(k, row) for k, row in enumerate(contents, 1)], ANCHORS)
    assert found is not None
    assert found.seq == n + 1


def test_row_put_in_is_named() -> None:
    rows = [*ROWS[:5], (5, b"twice"), *ROWS[5:]]
    assert find_first_changed(rows, ANCHORS) == Changed(6, 0, "out_of_order")


def test_anchors_that_do_not_join_are_named() -> None:
    assert find_first_changed(ROWS, [ANCHORS[0], ANCHORS[2]]) == Changed(21, 2, "anchors")
    other = _anchors([(n, row + b"?") for n, row in ROWS], 10)
    assert find_first_changed(ROWS, [ANCHORS[0], other[1]]) == Changed(11, 1, "anchors")


def test_changed_marks_hide_no_change() -> None:
    rows = [(seq, row + b"!" if seq == 7 else row) for seq, row in ROWS]
    forged = AnchorChain(1, BEGINNING, ANCHORS[0].salt or b"")
    for _, row in rows[:10]:
        forged.add(row)
    marks = forged.anchor().marks
    lying = Anchor(1, 10, BEGINNING, ANCHORS[0].digest, ANCHORS[0].salt, marks, 0)
    assert find_first_changed(rows, [lying]) == Changed(1, 0, "changed")


def test_lost_salt_still_counts_rows() -> None:
    blind = Anchor(1, 10, BEGINNING, ANCHORS[0].digest, entry=0)
    assert find_first_changed(ROWS, [blind]) is None
    assert find_first_changed(ROWS[:9], [blind]) == Changed(10, 0, "missing")


def test_public_digest_confirms_no_guess() -> None:
    """Whoever knows every row and not the salt cannot work out the digest."""
    one, two = AnchorChain(1, BEGINNING, bytes(32)), AnchorChain(1, BEGINNING, bytes(31) + b"\x01")
    for chain in (one, two):
        chain.add(b"row 1")
    assert one.anchor().digest != two.anchor().digest
    assert "salt" not in one.anchor().public()
    assert "marks" not in one.anchor().public()


def test_unreadable_anchor_is_none() -> None:
    assert read_anchor(0, {"first": "x"}, None) is None
    assert read_anchor(0, {}, {}) is None
