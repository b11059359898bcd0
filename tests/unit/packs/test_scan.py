"""The scan finds what identifies persons in any file of a pack, and leaves alone what does not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.adapters.packs import check_pack, demand, fleet, priors, records, roads, scan, sites
from tocsin.adapters.packs.columns import READ
from tocsin.adapters.packs.example import write_example
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.scan import find_persons, mask, scan_pack


def found(*values: str | None) -> list[tuple[str, int, str]]:
    return list(find_persons(pl.Series("x", values, pl.String)))


def kinds(*values: str | None) -> list[str]:
    return [what for what, _, _ in found(*values)]


@pytest.mark.parametrize(
    ("what", "values"),
    [
        ("e-mail addresses", ["E7", "write to anna.berg@example.org"]),
        ("telephone numbers", ["E7", "+49 30 1234567"]),
        ("telephone numbers", ["+358401234567"]),
        ("telephone numbers", ["+1 (415) 555-2671"]),
        ("telephone numbers", ["0049 30 123456"]),
        ("telephone numbers", ["(415) 555-2671"]),
        ("telephone numbers", ["030/123 45 67"]),
        ("telephone numbers", ["tel: +33 1 23 45 67 89"]),
        ("telephone numbers", ["+44 20 7946 0018"]),
        ("number plates", ["B AB 1234", "M XY 12", "HH CD 345"]),
        ("number plates", ["AB-123-CD", "EF-456-GH", "IJ-789-KL"]),
        ("social security numbers", ["078-05-1120", "219-09-9999", "457-55-5462"]),
        ("dates of birth", ["1961-02-03", "1978-11-30", "1999-05-05"]),
        ("dates of birth", ["3.2.1961", "30.11.1978", "05.05.1999"]),
        ("bank accounts (IBAN)", ["GB82 WEST 1234 5698 7654 32", "x"]),
        ("Italian tax codes", ["RCCMNL83S18D969H"]),
        ("Finnish personal codes", ["131052-308T"]),
        ("Spanish identity numbers", ["54362315K", "54362315-K", "12345678Z"]),
        ("Brazilian CPF", ["390.533.447-05"]),
    ],
)
def test_what_identifies_a_person_is_found(what: str, values: list[str]) -> None:
    assert what in kinds(*values)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [None, "", "  "],
        ["E7", "T12", "AM03", "M-21"],
        ["2024-01-31", "2024-02-29", "2025-12-31"],
        ["12:30:00", "23:59"],
        ["10115", "94110-1234", "SW1A 1AA"],
        ["37.7749,-122.4194", "52.52", "-13.40"],
        ["Main Street & 3rd Avenue", "Bay Bridge @ mile 3"],
        ["Structure Fire / Smoke in Building", "Medical Incident"],
        ["550e8400-e29b-41d4-a716-446655440000"],
        ["http://example.org/a", "C24-000123-456"],
        ["F 12 34", "ENG-123", "AB-12-C"],
    ],
)
def test_what_does_not_is_left_alone(values: list[str | None]) -> None:
    assert found(*values) == []


@pytest.mark.parametrize("digits", [8, 9, 10, 11, 12, 13, 14, 18])
def test_ids_that_are_plain_numbers_are_no_register_of_persons(digits: int) -> None:
    rng = np.random.default_rng(digits)
    drawn = ["".join(map(str, rng.integers(0, 10, digits))) for _ in range(3_000)]
    counted = [str(10 ** (digits - 1) + i) for i in range(3_000)]
    assert found(*drawn) == []
    assert found(*counted) == []


def test_one_plate_among_many_ids_is_chance() -> None:
    assert found("B AB 1234", *(f"U{i}" for i in range(50))) == []


def test_rows_are_counted_and_the_example_is_masked() -> None:
    ((what, rows, example),) = found("anna@example.org", "anna@example.org", "E7")
    assert (what, rows) == ("e-mail addresses", 2)
    assert example == "'a•••@•••••••.•••'"
    assert mask("x" * 40) == "'x" + "•" * 23 + "…'"


def test_large_columns_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MOST_VALUES", 100)
    assert kinds(*(f"anna{i}@example.org" for i in range(1_000))) == ["e-mail addresses"]


def scanned(folder: Path) -> Findings:
    findings = Findings()
    scan_pack(folder, READ, findings)
    return findings


def test_a_column_that_is_read_is_a_fault_and_another_a_warning(tmp_path: Path) -> None:
    pl.DataFrame({"call": ["1"], "area": ["+49 30 1234567"], "who": ["anna@example.org"]}).write_parquet(
        tmp_path / "calls.parquet"
    )
    (tmp_path / "staff.csv").write_text("surname,unit\nBerg,E7\n", encoding="utf-8")
    feature = {"type": "Feature", "properties": {"station": "1", "contact": "030/123 45 67"}, "geometry": None}
    (tmp_path / "stations.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    findings = scanned(tmp_path)
    assert [(f.file, f.column, f.code) for f in findings.faults] == [("calls.parquet", "area", "personal_value")]
    assert [(w.file, w.column, w.count) for w in findings.warnings] == [
        ("calls.parquet", "who", 1),
        ("staff.csv", "surname", 1),
        ("stations.geojson", "contact", 1),
    ]
    assert "anna" not in str(findings)


def test_files_that_cannot_be_read_are_left_to_their_readers(tmp_path: Path) -> None:
    (tmp_path / "calls.parquet").write_bytes(b"PAR1 no")
    (tmp_path / "areas.geojson").write_text("[1, 2")
    (tmp_path / "x.geojson").write_text('{"features": [1, {"properties": 3}]}')
    (tmp_path / "units.csv").write_bytes(b"")
    assert scanned(tmp_path) == Findings()


def test_a_file_that_is_too_large_is_said_not_to_have_been_looked_through(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(scan, "MOST_BYTES", 3)
    (tmp_path / "x.csv").write_text("mail\nanna@example.org\n")
    assert [w.code for w in scanned(tmp_path).warnings] == ["not_scanned"]


def test_check_looks_through_a_pack(tmp_path: Path) -> None:
    write_example(tmp_path / "town")
    assert check_pack(tmp_path / "town").ok
    (tmp_path / "town" / "notes.csv").write_text("text\nCall anna@example.org back\n")
    report = check_pack(tmp_path / "town")
    told = [w for w in report.warnings if w.file == "notes.csv" and "e-mail" in w.message]
    assert [(w.column, w.count, w.code) for w in told] == [("text", 1, "personal_column")]


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
        (demand.DEMAND, demand._DEMAND),
    ],
)
def test_the_list_of_columns_is_what_the_readers_read(file: str, columns: tuple[object, ...]) -> None:
    assert READ[file] == {column.name for column in columns}  # type: ignore[attr-defined]
