"""The list of OWASP ASVS requirements is whole, and what it names as evidence is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "asvs.md"
TO_LEVEL_2 = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
"""Requirements of levels 1 and 2 in each section of ASVS 5.0.0; in each they come before those of level 3."""
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
NAMED = re.compile(r"`((?:(?:src|tests|docs|console|tools)/[^`]+)|pyproject\.toml|uv\.lock)`")


def rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


def test_every_requirement_to_level_2_is_there_once() -> None:
    wanted = [f"{section}.{n}" for section, most in TO_LEVEL_2.items() for n in range(1, most + 1)]
    assert len(wanted) == 253
    assert sorted(number for number, *_ in rows()) == sorted(wanted)


def test_each_says_where_it_stands() -> None:
    for number, what, state, evidence in rows():
        assert state in ("met", "not applicable", "not met"), number
        assert what.strip(), number
        assert len(evidence) > 6, f"{number}: why?"
        if state == "met":
            assert NAMED.search(evidence), number


def test_what_is_named_exists() -> None:
    for number, _, _, evidence in rows():
        for named in NAMED.findall(evidence):
            path, _, test = named.partition("::")
            assert (ROOT / path).exists(), f"{number}: {path}"
            if test:
                assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), f"{number}: {named}"


def test_the_counts_at_the_top_are_right() -> None:
    text = PAGE.read_text(encoding="utf-8")
    states = [state for _, _, state, _ in rows()]
    for state in ("met", "not applicable", "not met"):
        assert f"| {state} | {states.count(state)} |" in text
