"""`tocsin bench strategy` on the example pack and on what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tocsin.adapters.packs.example import write_example
from tocsin.cli import app
from tocsin.errors import BadSettings, TocsinError

BASELINES = ["recorded_homes", "static_tuned", "dmexclp", "dmexclp_dispatch", "compliance_table"]
STRATEGIES = [*BASELINES, "tocsin", "tocsin_capped"]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    write_example(folder)
    return folder


def run(*words: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["bench", "strategy", *words, "--quick", "--json"])
    assert result.exception is None, result.exception
    return json.loads(result.stdout)


def test_the_example_is_compared(pack: Path, tmp_path: Path):
    page, kept = tmp_path / "page.html", tmp_path / "kept.json"
    result = run(str(pack), "--fleet", "-25,0", "--report", str(page), "--out", str(kept))
    assert [(c["fleet"], c["strategy"]) for c in result["cases"]] == [
        (fleet, name) for fleet in (-25, 0) for name in STRATEGIES
    ]
    asked = {"pack", "fleet", "utilisation", "strategy", "calls", "late_share", "mean_s", "p90_s", "worst_decile_late"}
    assert asked | {"moves_per_unit_hour", "decision_ms_p99"} <= set.intersection(*(set(c) for c in result["cases"]))
    assert {"a", "b", "late_relative", "low", "high"} <= set(result["pairs"][0])
    assert {p["scope"] for p in result["pairs"]} == {"fleet", "pack", "band", "all"}
    ours = [c for c in result["cases"] if c["strategy"] == "tocsin"]
    assert all(c["decision_ms_p99"] > 0.0 for c in ours)
    assert [b["strategy"] for b in result["bounds"]] == ["clairvoyant_bound"] * 2
    assert {row["variant"] for row in result["sensitivity"]["cases"]} == {
        *("speeds x 0.8", "speeds x 1.2", "noise cv 0.3")
    }
    assert result["packs"][0]["learned_until"] == result["packs"][0]["scored_from"]
    assert json.loads(kept.read_text(encoding="utf-8"))["frozen"] == result["frozen"]
    assert "DMEXCLP" in page.read_text(encoding="utf-8")
    assert run(str(pack), "--fleet", "-25,0")["frozen"]["sha256"] == result["frozen"]["sha256"]


def test_a_span_is_scored_that_somebody_asks_for(pack: Path):
    result = run(str(pack), "--fleet", "0", "--from", "2024-05-04", "--until", "2024-05-06")
    assert result["packs"][0]["scored_from"] == "2024-05-03T22:00:00+00:00"
    assert result["packs"][0]["scored_until"] == "2024-05-05T22:00:00+00:00"
    found = [p for p in result["pairs"] if p["scope"] == "all"]
    assert found
    assert {p["result"] for p in found} == {"open"}


def test_two_packs_of_one_name_are_told_apart(pack: Path):
    asked = ("--fleet", "0", "--from", "2024-05-04", "--until", "2024-05-05")
    result = run(str(pack), str(pack), *asked)
    assert [p["pack"] for p in result["packs"]] == ["example", "example-2"]
    assert {c["pack"] for c in result["cases"]} == {"example", "example-2"}
    days = {p["scope"]: p["days"] for p in result["pairs"]}
    assert days["all"] == 2 * days["fleet"]


def test_a_pack_without_units_is_told_and_not_compared(pack: Path, tmp_path: Path):
    write_example(tmp_path)
    (tmp_path / "units.csv").write_text("unit,kind,agency,station,skills\n", encoding="utf-8")
    for file in ("responses.parquet", "duty.parquet"):
        (tmp_path / file).unlink()
    result = run(str(tmp_path))
    assert (result["cases"], result["pairs"]) == ([], [])
    assert result["packs"][0]["not_compared"] == "there are no units in the pack"
    assert {goal["reached"] for goal in result["goals"]} == {None}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name a pack"),
        (("san_francisco", "--fleet", "many"), "--fleet 'many'"),
        (("san_francisco", "--fleet", "-100"), "from -90 to 300"),
        (("san_francisco", "--from", "soon"), "--from 'soon'"),
        (("san_francisco", "--from", "2017-01-05", "--until", "2017-01-04"), "--from is not before"),
        (("--jemss", "nowhere"), "nowhere"),
    ],
)
def test_slips_are_named(words: tuple[str, ...], message: str):
    result = CliRunner().invoke(app, ["bench", "strategy", *words, "--json"])
    assert isinstance(result.exception, TocsinError | BadSettings)
    assert message in str(result.exception)
