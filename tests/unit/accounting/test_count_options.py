"""What may be chosen of published counts, and what is wrong with the rest."""

from __future__ import annotations

from datetime import date

import pytest

from tocsin.adapters.export.counts import Asked, read_options, row_names


def test_defaults_are_the_careful_ones() -> None:
    assert read_options({}) == Asked(None, None, 10, None)


def test_everything_can_be_chosen() -> None:
    said = {"first_day": "2024-05-06", "last_day": "2024-05-07", "k": 25, "epsilon": 0.5}
    assert read_options(said) == Asked(date(2024, 5, 6), date(2024, 5, 7), 25, 0.5)


@pytest.mark.parametrize(
    "option",
    [
        {"k": 9}, {"k": "x"}, {"k": True}, {"k": 10.5}, {"epsilon": 0}, {"epsilon": float("nan")}, {"epsilon": "1"},
        {"epsilon": 1e9}, {"first_day": "soon"}, {"last_day": 3}, {"all": 1},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_ones_are_named(option: dict[str, object]) -> None:
    (name,) = option
    with pytest.raises(ValueError, match=name):
        read_options(option)  # type: ignore[arg-type]


def test_days_do_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="before"):
        read_options({"first_day": "2024-05-07", "last_day": "2024-05-06"})


def test_rows_are_named_by_their_cell() -> None:
    assert row_names("day,area,service,calls\n2024-05-06,north,,12\n") == ["2024-05-06|north|"]
    with pytest.raises(ValueError, match="no columns"):
        row_names("a,b\n1,2\n")
