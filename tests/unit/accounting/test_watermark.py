"""A file leads back to its export, and no other file does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.accounting.watermark import (
    best_of,
    in_marked_order,
    marked_degrees,
    match_degrees,
    match_order,
)

KEY = bytes(range(32))
OTHER = bytes(reversed(range(32)))
ROWS = [f"call-{n}" for n in range(120)]
EXPORTS = [f"export-{n}" for n in range(20)]


def _marked(export: str, key: bytes = KEY) -> list[tuple[str, str, float]]:
    return [(row, "lon", marked_degrees(10.0 + n / 997, key, export, row, "lon")) for n, row in enumerate(ROWS)]


@given(degrees=st.floats(-180, 180), row=st.text(max_size=8))
def test_a_place_moves_by_less_than_a_millionth_of_a_degree(degrees: float, row: str) -> None:
    assert abs(marked_degrees(degrees, KEY, "e", row, "lon") - degrees) < 1.0000001e-6


@given(degrees=st.floats(-180, 180), row=st.text(max_size=8))
def test_the_mark_outlives_being_written_with_seven_decimals(degrees: float, row: str) -> None:
    marked = float(f"{marked_degrees(degrees, KEY, 'e', row, 'lat'):.7f}")
    assert match_degrees(KEY, "e", [(row, "lat", marked)]).agree == 1


def test_the_export_is_found_among_many_also_from_a_part_of_it() -> None:
    for part in (_marked("export-7"), _marked("export-7")[40:60]):
        found = best_of(match_degrees(KEY, export, part) for export in EXPORTS)
        assert found is not None
        assert (found.export, found.agree) == ("export-7", len(part))


@pytest.mark.parametrize(
    "rows",
    [_marked("export-7", OTHER), [(r, a, round(d, 6)) for r, a, d in _marked("export-7")], _marked("export-7")[:3], []],
    ids=["another house", "rounded", "three rows", "nothing"],
)
def test_nothing_is_claimed_of_what_cannot_be_sure(rows: list[tuple[str, str, float]]) -> None:
    assert best_of(match_degrees(KEY, export, rows) for export in EXPORTS) is None


def test_the_order_of_rows_leads_back_too() -> None:
    rows = in_marked_order(KEY, "export-3", ROWS)
    assert sorted(rows) == sorted(ROWS)
    found = best_of(match_order(KEY, export, rows) for export in EXPORTS)
    assert found is not None
    assert found.export == "export-3"
    assert best_of(match_order(KEY, export, sorted(rows)) for export in EXPORTS) is None
