"""`tocsin plan stations` and `plan shifts` from the shell's side: a made-up city in, tables, JSON and pages out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.city import PACK, tiny_files, write_tiny_pack
from tests.integration.cli.conftest import Tocsin

PLANS = ["today", "pmedian", "mclp", "mexclp", "lateness"]


def told(said):
    assert said.status == 0, said.err
    return json.loads(said.out)


def test_today_and_the_best_stand_side_by_side(tocsin: Tocsin, pack: Path):
    found = told(tocsin("plan", "stations", pack, "--json"))
    assert [plan["plan"] for plan in found["plans"]] == PLANS
    today, *others = found["plans"]
    assert today["moves"] == []
    for plan in found["plans"]:
        assert plan["units"] == today["units"] == sum(row["units"] for row in plan["deployment"])
        assert 0.0 <= plan["late_share"] <= plan["worst_decile_late"] <= 1.0
        assert plan["late_by_income"] is None
        assert plan["recorded_later"]["calls"] > 0
    best = next(plan for plan in others if plan["plan"] == "lateness")
    assert best["late_share"] <= min(plan["late_share"] for plan in found["plans"]) + 1e-3


def test_a_closed_station_stands_empty_and_an_added_unit_is_there_at_night(tocsin: Tocsin, pack: Path):
    first, second = [row["station"] for row in told(tocsin("plan", "stations", pack, "--json"))["stations"]]
    words = (
        "plan",
        "stations",
        pack,
        "--close",
        first,
        "--add",
        f"1@{second}:night",
        "--objective",
        "mexclp",
        "--json",
    )
    found = told(tocsin(*words))
    assert found["closed"] == [first]
    today, asked, best = found["plans"]
    assert (asked["plan"], best["plan"]) == ("asked", "mexclp")
    assert asked["units"] == today["units"] + 1
    for plan in (asked, best):
        assert {row["station"] for row in plan["deployment"]} == {second}
        assert [row["units"] for row in plan["deployment"] if row["night_only"]] == [1]


def test_a_new_site_is_named_and_never_costs_more(tocsin: Tocsin, pack: Path, tmp_path: Path):
    page = tmp_path / "stations.html"
    words = ("plan", "stations", pack, "--sites", "1", "--objective", "lateness", "--zone-m", "900")
    found = told(tocsin(*words, "--json"))
    assert [row["new"] for row in found["stations"]] == [False, False, True]
    today, best = found["plans"]
    assert best["late_share"] <= today["late_share"] + 1e-9
    said = tocsin(*words, "--report", page)
    assert said.status == 0
    assert "new site" in said.out
    assert page.read_text(encoding="utf-8").count("<svg") == 3


def test_plans_are_tried_in_the_simulated_city_and_one_is_tuned_there(tocsin: Tocsin, pack: Path):
    second = told(tocsin("plan", "stations", pack, "--json"))["stations"][1]["station"]
    words = ("--sites", "1", "--add", f"1@{second}:night", "--objective", "mexclp", "--simulate")
    found = told(tocsin("plan", "stations", pack, *words, "--json"))
    today, asked, mexclp, tuned = found["plans"]
    assert [plan["plan"] for plan in (today, asked, mexclp, tuned)] == ["today", "asked", "mexclp", "tuned"]
    assert all(plan["simulated"] for plan in found["plans"])
    assert tuned["units"] == asked["units"] == today["units"] + 1
    assert [row["station"] for row in tuned["deployment"] if row["night_only"]] == [second]
    assert found == told(tocsin("plan", "stations", pack, *words, "--json"))
    assert "Simulated, the same calls" in " ".join(tocsin("plan", "stations", pack, *words).out.split())


def test_merging_sets_a_boundary_before_and_none_after(tocsin: Tocsin, pack: Path):
    found = told(tocsin("plan", "stations", pack, "--merge", "nw,sw", "--objective", "mexclp", "--json"))
    before, after, _ = found["plans"]
    assert after["mean_s"] < before["mean_s"]


def test_income_groups_are_shown_where_the_pack_states_them(tocsin: Tocsin, tmp_path: Path):
    pack = write_tiny_pack(tmp_path / "pack")
    areas = json.loads((pack / "areas.geojson").read_text(encoding="utf-8"))
    for n, feature in enumerate(areas["features"]):
        feature["properties"]["median_income"] = 20_000 + 5_000 * n
    (pack / "areas.geojson").write_text(json.dumps(areas), encoding="utf-8")
    found = told(tocsin("plan", "stations", pack, "--json"))
    assert set(found["plans"][0]["late_by_income"]) == {"low", "middle", "high"}
    said = tocsin("plan", "stations", pack)
    assert "by income of the areas" in said.out


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        (("--close", "nowhere"), "there is no station 'nowhere'"),
        (("--add", "two@here"), "write it like"),
        (("--add", "0@here"), "write it like"),
        (("--merge", "north"), "with a comma between"),
        (("--merge", "nw,nowhere"), "no district or area 'nowhere'"),
        (("--merge", "ne,sw"), "no station stands in either"),
        (("--merge", "nw,sw", "--simulate"), "leave one of the two out"),
        (("--objective", "best"), "name one of"),
        (("--sites", "500"), "ask for fewer"),
    ],
)
def test_what_cannot_be_asked_is_told(tocsin: Tocsin, pack: Path, words: tuple[str, ...], asks: str):
    said = tocsin("plan", "stations", pack, *words)
    assert said.status == 2
    assert asks in " ".join(said.err.split())


def test_a_pack_without_units_is_told(tocsin: Tocsin, tmp_path: Path):
    pack = write_tiny_pack(tmp_path / "pack", units=None, duty=None, responses=None)
    said = tocsin("plan", "stations", pack)
    assert said.status == 2
    assert "units" in said.err


def test_shifts_cover_what_the_forecast_needs(tocsin: Tocsin, pack: Path, tmp_path: Path):
    page = tmp_path / "shifts.html"
    found = told(tocsin("plan", "shifts", pack, "--until", "2024-03-08T00:00", "--json"))
    assert found["hours"] == len(found["by_hour"])
    assert found["short_h"] == 0
    assert found["proved"]
    assert found["paid_h"] == sum(hour["on"] for hour in found["by_hour"])
    assert all(hour["on"] >= hour["needed"] for hour in found["by_hour"])
    assert found["free_share"] >= 0.95
    said = tocsin("plan", "shifts", pack, "--until", "2024-03-08T00:00", "--report", page)
    assert "find a unit free" in said.out
    assert page.read_text(encoding="utf-8").count("<svg") == 2


def test_too_few_units_are_short_by_hour(tocsin: Tocsin, pack: Path):
    words = ("plan", "shifts", pack, "--until", "2024-03-08T00:00", "--max-units", "1", "--delay", "0.001")
    found = told(tocsin(*words, "--json"))
    assert found["short_h"] == sum(hour["short"] for hour in found["by_hour"]) > 0
    assert max(hour["on"] for hour in found["by_hour"]) == 1
    assert "Short by" in " ".join(tocsin(*words).out.split())


def test_a_pack_without_a_record_plans_by_its_stated_rate(tocsin: Tocsin, tmp_path: Path):
    text = f"{PACK}\n[calls]\nper_day = 48\n"
    pack = write_tiny_pack(tmp_path / "pack", pack=text, calls=tiny_files()["calls"].clear(), responses=None, duty=None)
    found = told(tocsin("plan", "shifts", pack, "--from", "2024-03-04T07:00", "--json"))
    assert found["forecast"]["model"] == "the rate that the pack states"
    assert {hour["calls"] for hour in found["by_hour"]} == {2.0}
    assert len({hour["needed"] for hour in found["by_hour"]}) == 1
    said = tocsin("plan", "shifts", pack)
    assert (said.status, "say with --from" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        (("--lengths", "eight"), "whole hours"),
        (("--lengths", "40"), "give lengths"),
        (("--delay", "1"), "between 0 and 1"),
        (("--until", "2024-01-01"), "not after the start"),
        (("--from", "2020-01-01"), "name a later time"),
        (("--until", "2031-01-01"), "84 at most"),
        (("--model", "nobody"), "there is no model"),
    ],
)
def test_shifts_that_cannot_be_asked_are_told(tocsin: Tocsin, pack: Path, words: tuple[str, ...], asks: str):
    said = tocsin("plan", "shifts", pack, *words)
    assert said.status == 2
    assert asks in " ".join(said.err.split())


def test_a_bench_of_sites_is_reported(tocsin: Tocsin, tmp_path: Path):
    (tmp_path / "pmed1.txt").write_text("4 4 2\n1 2 1\n2 3 5\n3 4 1\n4 1 5\n", encoding="utf-8")
    (tmp_path / "optima.json").write_text('{"pmed1": 2}', encoding="utf-8")
    words = ("bench", "locate", "--orlib", tmp_path, "--seconds", "0.1")
    page = tmp_path / "page.html"
    found = told(tocsin(*words, "--json", "--report", page))
    assert (found["equal"], found["of"], found["problems"][0]["value"]) == (1, 1, 2.0)
    assert "Problem by problem" in page.read_text(encoding="utf-8")
    assert "1 of 1 equal the published optimum" in tocsin(*words).out
