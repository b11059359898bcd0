"""`tocsin replay`: the report for programs and for people, and that a second run adds nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.city import tiny_record
from tests.integration.cli.conftest import Tocsin

NOON = "2024-03-04T13:00"
"""Local; 12:00 UTC. The record begins at midnight UTC."""

SHARES = ("late_share_recorded", "late_share_closest")
COUNTS = ("calls", "responses", "events", "late_n", "late_unknown", "plans", "corrections", "quarantined", "alarms")


def report_of(out: str) -> dict[str, Any]:
    assert out.count("\n") == 1, "one object, one line"
    return dict(json.loads(out))


def same_in_every_run(report: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if key not in ("wall_s", "peak_mib")}


def test_the_report_holds_what_it_promises_and_is_the_same_twice(tocsin: Tocsin, pack: Path):
    said = tocsin("replay", pack, "--json")
    assert (said.status, said.err) == (0, "")
    report = report_of(said.out)
    calls, responses = tiny_record()
    assert (report["calls"], report["responses"]) == (len(calls), len(responses))
    assert report["mode"] == "replay"
    assert report["plans"] == 60
    assert report["events"] > 60 + 66
    assert report["wall_s"] > 0
    assert report["calibration_error_s"] > 0
    assert all(isinstance(report[key], int) and report[key] >= 0 for key in COUNTS)
    assert all(0 <= report[key] <= 1 for key in SHARES)
    cellars = (calls["kind"] == "Flooded cellar").sum()
    assert report["late_n"] + report["late_unknown"] == len(calls) - cellars, "one kind has no target"
    forecast = report["forecast"]
    assert forecast["pinball"] > 0
    assert all(0 <= forecast[key] <= 1 for key in ("coverage_80", "coverage_80_raw", "coverage_80_expected"))
    assert isinstance(forecast["coverage_80_seed"], int)
    assert forecast["without_history"]["pinball"] > 0, "the pack has a history.parquet"

    track = report["track"]
    assert track["hours"] == 45
    assert [row["key"] for row in track["rows"]] == ["all", "city", "1", "6", "12", "24"]
    assert sum(track["pit"]) == track["rows"][0]["cells"]
    assert 0 <= track["rows"][0]["coverage_80"] <= 1

    again = report_of(tocsin("replay", pack, "--json").out)
    assert same_in_every_run(again) == same_in_every_run(report)


def test_from_and_until_are_local_unless_they_say_otherwise(tocsin: Tocsin, pack: Path):
    local = report_of(tocsin("replay", pack, "--until", NOON, "--json").out)
    offset = report_of(tocsin("replay", pack, "--until", "2024-03-04T12:00:00+00:00", "--json").out)
    assert local["until"] == offset["until"] == "2024-03-04T12:00:00+00:00"
    assert same_in_every_run(local) == same_in_every_run(offset)
    assert 0 < local["calls"] < 60
    rest = report_of(tocsin("replay", pack, "--from", NOON, "--json").out)
    assert rest["from"] == "2024-03-04T12:00:00+00:00"
    assert rest["calls"] == 60 - local["calls"]


def test_with_a_data_folder_a_second_run_adds_nothing(tocsin: Tocsin, pack: Path, tmp_path: Path):
    data = tmp_path / "data"
    first = report_of(tocsin("replay", pack, "--until", NOON, "--data", data, "--json").out)
    second = tocsin("replay", pack, "--until", NOON, "--data", data, "--json")
    assert second.status == 0, second.err
    assert report_of(second.out)["events"] == first["events"]
    assert tocsin("replay", pack, "--until", NOON, "--data", data).status == 0, "for people too"
    straight = report_of(tocsin("replay", pack, "--json").out)
    went_on = report_of(tocsin("replay", pack, "--data", data, "--json").out)
    for key in ("calls", "responses", "plans", "corrections", "quarantined"):
        assert went_on[key] == straight[key], key


def test_people_get_a_table_and_the_caveat(tocsin: Tocsin, pack: Path):
    said = tocsin("replay", pack, "--until", NOON)
    assert said.status == 0
    assert "tiny, 2024-03-0" in said.out
    assert "Late, as recorded" in said.out
    assert "no gain can be claimed" in said.out
    assert "without it the pinball loss is" in said.out
