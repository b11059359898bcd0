"""The reference of the city pack keeps up with the code that reads one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.adapters.packs import fleet, load, priors, records, roads, sites
from tocsin.adapters.packs.codes import EXPLAINED, FaultCode, WarningCode
from tocsin.adapters.packs.tables import Column

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "reference" / "city-pack.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text below the heading that contains these words, up to the next heading."""
    found = re.search(rf"^#+ [^\n]*{re.escape(heading)}[^\n]*\n(.*?)(?=^#)", PAGE + "\n#", re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


def rows(heading: str) -> list[tuple[str, str]]:
    return re.findall(r"^\| `?([^|`]+?)`? \| (.+) \|$", section(heading), re.MULTILINE)


@pytest.mark.parametrize(("heading", "codes"), [("Faults", FaultCode), ("Warnings", WarningCode)])
def test_every_code_is_listed_as_the_code_explains_it(heading: str, codes: type[FaultCode] | type[WarningCode]):
    assert rows(heading)[2:] == [(code.value, EXPLAINED[code]) for code in codes]


def test_every_cost_is_listed():
    assert rows("What missing files cost")[2:] == list(load.COSTS.items())


def test_every_cost_of_a_missing_table_is_listed():
    assert rows("What missing tables of pack.toml cost")[2:] == list(load.KEY_COSTS.items())


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        (fleet.UNITS, fleet._UNITS),
        (fleet.DUTY, fleet._DUTY),
        (roads.NODES, roads._NODES),
        (roads.EDGES, roads._EDGES),
        (roads.CLOSURES, roads._CLOSURES),
        (records.CALLS, records._CALLS),
        (records.RESPONSES, records._RESPONSES),
        (priors.WEATHER, priors._WEATHER),
        (priors.HISTORY, priors._HISTORY),
        (sites.STOCK, sites._STOCK),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_column_is_described(file: str, columns: tuple[Column, ...]):
    text = section(file)
    assert [column.name for column in columns if f"`{column.name}`" not in text] == []


def test_every_file_has_a_section():
    assert all(section(file) for file in load.KNOWN_FILES)
