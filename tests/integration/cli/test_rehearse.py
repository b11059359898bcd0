"""`tocsin rehearse`: a span or generated days under strategies, with its spread, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.city import write_tiny_pack
from tocsin.cli import app
from tocsin.errors import BadScenario, BadSettings

SPAN = ["--from", "2024-03-05T01:00", "--until", "2024-03-05T23:00"]
FAST = ["--workers", "1", "--strategy", "recorded_homes", "--strategy", "dmexclp"]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_pack(tmp_path_factory.mktemp("pack") / "tiny")


def run(*words: str) -> dict:
    done = CliRunner().invoke(app, ["rehearse", *words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_recorded_span_is_set_beside_the_record_and_the_bound(pack: Path, tmp_path: Path) -> None:
    said = run(str(pack), *SPAN, *FAST, "--seeds", "3", "--report", str(tmp_path / "page.html"))
    assert [s["strategy"] for s in said["strategies"]] == ["recorded_homes", "dmexclp"]
    assert {s["seeds"] for s in said["strategies"]} == {3}
    first = said["strategies"][0]
    assert first["calls"] == 3 * said["bound"]["calls"]
    assert first["late_low"] <= first["late_share"] <= first["late_high"]
    assert said["bound"]["late_share"] <= min(s["late_share"] for s in said["strategies"])
    assert said["learned_until"] == said["from"]
    assert said["recorded"]["calls"] > 0
    page = (tmp_path / "page.html").read_text()
    assert "recorded_homes" in page
    assert "<script" not in page


def test_the_same_words_give_the_same_figures(pack: Path) -> None:
    one, other = (run(str(pack), *FAST, "--days", "1", "--seeds", "2") for _ in range(2))
    assert one["generated"]
    assert one["strategies"] == other["strategies"]
    assert (one["recorded"], one["bound"]) == (None, None)


def test_more_units_and_a_scenario_change_what_comes_out(pack: Path, tmp_path: Path) -> None:
    file = tmp_path / "storm.toml"
    file.write_text('title = "Storm"\n[[surges]]\ntimes = 3\n[[stations_lost]]\nstation = "north"\nfrom = "+1:00"\n')
    words = [str(pack), *SPAN, "--workers", "1", "--strategy", "recorded_homes", "--seeds", "2"]
    plain, worse, more = run(*words), run(*words, "--scenario", str(file)), run(*words, "--fleet", "+3")
    assert more["units"] == plain["units"] + 3
    assert worse["strategies"][0]["calls"] > 2 * plain["strategies"][0]["calls"]
    assert worse["strategies"][0]["late_share"] > plain["strategies"][0]["late_share"]
    assert worse["scenario"] == "storm"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--strategy", "luck"], "there is no such strategy"),
        (["--seeds", "0"], "--seeds 0"),
        (["--days", "-1"], "--days -1"),
        (["--fleet", "-99"], "one must be left"),
        (["--from", "2024-03-05T01:00"], "belong together"),
        (["--from", "2024-03-05T02:00", "--until", "2024-03-05T01:00"], "after --from"),
        (["--from", "2019-01-01", "--until", "2019-01-02"], "choose a span in it"),
        (["--from", "2024-03-04T02:00", "--until", "2024-03-05T01:00"], "to learn from"),
        (["--days", "1", *SPAN], "one of the two"),
    ],
)
def test_what_cannot_be_is_refused_in_words(pack: Path, words: list[str], what: str) -> None:
    with pytest.raises(BadSettings, match=what):
        run(str(pack), *words)


def test_a_wrong_scenario_is_named_with_its_place(pack: Path, tmp_path: Path) -> None:
    file = tmp_path / "storm.toml"
    file.write_text('title = "Storm"\n[[stations_lost]]\nstation = "west"\n')
    with pytest.raises(BadScenario, match=r"storm.toml: stations_lost\[0\].station: the city has no station 'west'"):
        run(str(pack), *SPAN, *FAST, "--scenario", str(file))
