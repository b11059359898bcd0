"""`tocsin plan relocate` from the shell's side: a moment of a made-up city, the frontier, a page, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.city import START, tiny_files, write_tiny_pack
from tests.integration.cli.conftest import Tocsin

AT = (START.replace(hour=12)).isoformat()


def test_a_moment_and_the_frontier(tocsin: Tocsin, pack: Path, tmp_path: Path) -> None:
    page = tmp_path / "moves.html"
    said = tocsin("plan", "relocate", pack, "--at", AT, "--seeds", "1", "--report", page, "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert found["at"] == AT
    for kind in found["kinds"]:
        assert (kind["best"] is None) == bool(kind["why_none"])
    points = found["frontier"]
    assert [point["moves_per_h_cap"] for point in points] == [0.0, 0.0, 1.0, 2.0, 4.0, 8.0, None]
    assert [point["home"] for point in points] == [True] + [False] * 6
    assert points[0]["moves_per_h"] == points[1]["moves_per_h"] == 0.0
    assert points[1]["empty_min_per_h"] > 0.0, "units drive back after a call"
    assert len({point["calls"] for point in points}) == 1, "every cap faces the same calls"
    assert all(point["moves_per_h"] <= (point["moves_per_h_cap"] or 1e9) + 1e-9 for point in points)
    assert any(point["on_frontier"] for point in points)
    assert "Late calls against driving" in page.read_text(encoding="utf-8")


def test_the_same_again(tocsin: Tocsin, pack: Path) -> None:
    words = ("plan", "relocate", pack, "--at", AT, "--seeds", "1", "--json")
    assert tocsin(*words).out == tocsin(*words).out


def test_without_a_record_nobody_is_moved(tocsin: Tocsin, tmp_path: Path) -> None:
    files = tiny_files()
    bare = write_tiny_pack(tmp_path / "bare", calls=files["calls"].clear(), responses=files["responses"].clear())
    said = tocsin("plan", "relocate", bare, "--seeds", "0")
    assert said.status == 0, said.err
    assert "nobody knows where units are" in " ".join(said.out.split())


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--at", "2031-01-01T00:00"), "name a time within it"),
        (("--from", "2017-01-01T00:00"), "--from TIME before --until TIME"),
        (("--at", "noon"), "not a time"),
    ],
)
def test_times_that_cannot_be(tocsin: Tocsin, pack: Path, words: tuple[str, ...], what: str) -> None:
    said = tocsin("plan", "relocate", pack, *words)
    assert said.status == 2
    assert what in " ".join(said.err.split())
