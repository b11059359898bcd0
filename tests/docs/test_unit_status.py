"""docs/reference/unit-status.md shows the status machine as it is."""

from pathlib import Path

from tocsin.model.marks import Mark, UnitStatus
from tocsin.situation.status import TABLE, Rule

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "unit-status.md"


def cell(rule: Rule) -> str:
    return rule.verdict + (": " + ", ".join(mark for mark, _ in rule.infers) if rule.infers else "")


def test_the_page_shows_the_table():
    page = PAGE.read_text(encoding="utf-8")
    assert "| unit is | " + " | ".join(Mark) + " |" in page
    for standing, row in TABLE.items():
        assert f"| {standing} | " + " | ".join(cell(row[mark]) for mark in Mark) + " |" in page


def test_the_page_names_every_status_and_contradiction():
    page = PAGE.read_text(encoding="utf-8")
    named = [s.value for s in UnitStatus] + ["skipped", "busy_unit_dispatched", "seen_elsewhere", "unseen_dispatch"]
    assert [name for name in named if f"`{name}`" not in page] == []
