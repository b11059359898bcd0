"""Small cells never leave, the grid is the city's own, and a day's budget is spent once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.accounting.aggregates import (
    LEAST_K,
    Cell,
    budget_body,
    count,
    day_of,
    find_overspent,
    grid_of,
    shown,
    spent_by_day,
    with_noise,
)
from tocsin.accounting.entries import Entry, EntryKind

FIRST = date(2024, 5, 6)
GRID = grid_of(FIRST, FIRST + timedelta(days=2), ["north", "south"], ["fire", "medical"])
CELLS = st.sampled_from([*GRID.cells(), Cell(FIRST, "elsewhere", "fire")])


@given(calls=st.lists(CELLS, max_size=200), k=st.integers(LEAST_K, 40))
def test_no_small_cell_is_shown_and_no_large_one_is_missing(calls: list[Cell], k: int) -> None:
    counts = count(GRID, calls)
    table = shown(counts, k)
    assert set(counts) == set(GRID.cells())
    assert all(n >= k for n in table.counts.values())
    assert all(counts[cell] == n for cell, n in table.counts.items())
    assert {cell for cell in GRID.cells() if calls.count(cell) >= k} == set(table.counts)
    assert table.left_out + len(table.counts) == len(GRID.cells())


def test_empty_and_small_cells_look_alike() -> None:
    one = GRID.cells()[0]
    assert shown(count(GRID, [one] * (LEAST_K - 1)), LEAST_K) == shown(count(GRID, []), LEAST_K)


def test_a_lower_bound_than_ten_is_refused() -> None:
    with pytest.raises(ValueError, match="below 10"):
        shown(count(GRID, []), LEAST_K - 1)


def test_noise_falls_on_empty_cells_too() -> None:
    asked: list[int] = []

    def add(counts: object, epsilon: float) -> list[int]:
        asked.extend(counts)  # type: ignore[arg-type]
        return [n + 1 for n in counts]  # type: ignore[attr-defined]

    noisy = with_noise(count(GRID, []), 1.0, add)
    assert asked == [0] * len(GRID.cells())
    assert set(noisy.values()) == {1}


def test_a_day_is_a_day_of_the_city() -> None:
    late = datetime(2024, 5, 6, 23, 30, tzinfo=UTC)
    assert day_of(late, "Europe/Berlin") == date(2024, 5, 7)
    assert day_of(late, "America/Los_Angeles") == date(2024, 5, 6)


def _entry(index: int, body: dict[str, object]) -> Entry:
    return Entry(index, EntryKind.BUDGET, datetime(2024, 6, 1, tzinfo=UTC), body, b"")  # type: ignore[arg-type]


@given(
    releases=st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 5), st.sampled_from([0.1, 0.25, 0.5, 1.0])), max_size=12
    )
)
def test_no_day_is_ever_overspent(releases: list[tuple[int, int, float]]) -> None:
    limit = 1.0
    entries: list[Entry] = []
    for start, length, epsilon in releases:
        days = [FIRST + timedelta(days=start + n) for n in range(length + 1)]
        if find_overspent(spent_by_day(entries, "calls"), days, epsilon, limit) is None:
            entries.append(_entry(len(entries), budget_body("calls", "x", epsilon, days, limit)))
    by_day: dict[date, float] = {}
    for entry in entries:
        day = date.fromisoformat(str(entry.body["first_day"]))
        while day <= date.fromisoformat(str(entry.body["last_day"])):
            by_day[day] = by_day.get(day, 0.0) + float(str(entry.body["epsilon"]))
            day += timedelta(days=1)
    assert all(spent <= limit + 1e-9 for spent in by_day.values())
    assert by_day == pytest.approx(spent_by_day(entries, "calls"))


def test_budgets_of_other_datasets_do_not_count() -> None:
    entries = [_entry(0, budget_body("warnings", "x", 1.0, [FIRST], 1.0))]
    assert spent_by_day(entries, "calls") == {}
    assert find_overspent({FIRST: 0.75}, [FIRST], 0.5, 1.0) == FIRST
