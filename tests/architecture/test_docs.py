"""The docs keep up with the code: every relative link leads somewhere, every named test and page exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
NAMED = re.compile(r"`((?:tests|docs|src|tools|benchmarks|console)/[\w./-]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [(page.parent / target) for target in LINK.findall(text)]
    named = [ROOT / target for target in NAMED.findall(text)]
    missing = [str(path) for path in links + named if not path.exists() and "*" not in str(path)]
    assert not missing
