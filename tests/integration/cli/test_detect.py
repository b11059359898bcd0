"""`tocsin detect`: strictly causal, line by line, nothing lost."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tocsin.cli import app
from tocsin.errors import BadSettings

START = datetime(2024, 1, 1, tzinfo=UTC)
CLOCK = "%Y-%m-%d %H:%M:%S"


def lines(count=700):
    values = np.random.default_rng(3).normal(20, 2, count).round(3)
    values[500:520] += 40
    return ["timestamp,value"] + [f"{START + i * timedelta(minutes=5):{CLOCK}},{v}" for i, v in enumerate(values)]


def detect(tmp_path, text, *options, code=0):
    (tmp_path / "in.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    out = tmp_path / "out.csv"
    result = CliRunner().invoke(app, ["detect", str(tmp_path / "in.csv"), "--out", str(out), *options])
    assert result.exit_code == code, result.output
    return out.read_bytes().decode().splitlines(), result


def test_four_columns_come_out_and_the_jump_is_told(tmp_path):
    out, _ = detect(tmp_path, "\n".join(lines()))
    assert out[0] == "timestamp,value,score,alarm"
    rows = list(csv.DictReader(out))
    assert [",".join((r["timestamp"], r["value"])) for r in rows] == lines()[1:]
    assert [i for i, r in enumerate(rows) if r["alarm"] == "1"] == [500]
    assert all(0 <= float(r["score"]) <= 1 for r in rows)


@pytest.mark.parametrize("cut", [1, 2, 120, 501, 502, 650])
def test_a_file_cut_short_gives_the_same_lines(tmp_path, cut):
    whole, _ = detect(tmp_path, "\n".join(lines()))
    short, _ = detect(tmp_path, "\n".join(lines()[:cut]))
    assert short == whole[:cut]


def test_what_comes_later_changes_nothing(tmp_path):
    whole, _ = detect(tmp_path, "\n".join(lines()))
    planted = [*lines()[:400], *(f"{line.split(',')[0]},10000000" for line in lines()[400:])]
    assert detect(tmp_path, "\n".join(planted))[0][:400] == whole[:400]


def test_lines_that_cannot_be_read_are_kept_with_their_bytes(tmp_path):
    text = "\n".join(lines(200)).encode().split(b"\n")
    bad = {50: b"yesterday,3", 60: b"2024-01-01 05:00:00,many", 70: b"\xff\xfe,1", 80: b"2024-01-01,1,2"}
    for number, line in bad.items():
        text.insert(number, line)
    out, result = detect(tmp_path, b"\n".join(text), "--json")
    assert len(out) == len(lines(200))
    assert (tmp_path / "out.csv.rejected").read_bytes().splitlines() == list(bad.values())
    told = json.loads(result.stdout)
    assert told["rejected"] == 4
    assert told["readings"] == 200
    for number in bad:
        assert f"line {number + 1}: " in result.stderr


def test_missing_and_wrong_values_are_flagged(tmp_path):
    text = lines(300)
    for number, cell in {150: "", 151: "NaN", 152: "inf", 153: "-inf", 154: "null"}.items():
        text[number] = f"{text[number].split(',')[0]},{cell}"
    text[200] = text[199]
    text[210] = f"{START:{CLOCK}},20"
    out, _ = detect(tmp_path, "\n".join(text), "--flags")
    rows = list(csv.DictReader(out))
    assert out[0] == "timestamp,value,score,alarm,flag"
    assert [r["flag"] for r in rows[149:154]] == ["missing", "missing", "not_a_number", "not_a_number", "missing"]
    assert rows[199]["flag"] == "duplicate"
    assert rows[209]["flag"] == "clock_back"
    assert all(r["alarm"] == "0" and float(r["score"]) == 0 for r in rows[149:154])
    assert not (tmp_path / "out.csv.rejected").exists()


def test_columns_and_zone_can_be_named(tmp_path):
    text = "\n".join(line.replace("timestamp,value", "when,level") for line in lines(150))
    out, _ = detect(tmp_path, text, "--time", "when", "--value", "level", "--tz", "Europe/London", "--json")
    assert len(out) == 151
    _, result = detect(tmp_path, text, code=1)
    assert "there is no column 'timestamp'; the header has: when, level" in str(result.exception)


@pytest.mark.parametrize(
    ("options", "says"),
    [(["--detector", "none"], "is none of"), (["--tz", "Moon/Sea"], "is no time zone")],
)
def test_what_cannot_be_is_said(tmp_path, options, says):
    (tmp_path / "out.csv").write_text("")
    _, result = detect(tmp_path, "\n".join(lines(10)), *options, code=1)
    assert says in str(result.exception)


def test_an_empty_file_is_said(tmp_path):
    (tmp_path / "out.csv").write_text("")
    _, result = detect(tmp_path, "", code=1)
    assert "is empty" in str(result.exception)


def test_a_header_in_another_encoding_is_said(tmp_path):
    (tmp_path / "out.csv").write_text("")
    _, result = detect(tmp_path, "timestamp,value\n".encode("utf-16"), code=1)
    assert "header is not readable" in str(result.exception)


def test_numbers_are_written_as_everybody_writes_them(tmp_path):
    text = ["timestamp,value", "2024-01-01 00:00:00,1_000", "2024-01-01 00:05:00,1e3", '2024-01-01 00:10:00,"1,5"']
    out, _ = detect(tmp_path, "\n".join(text))
    assert out[1:] == ["2024-01-01 00:05:00,1e3,0.000000,0"]
    assert (tmp_path / "out.csv.rejected").read_text().splitlines() == [text[1], text[3]]


def test_the_file_that_is_read_is_not_overwritten(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("\n".join(lines(10)))
    result = CliRunner().invoke(app, ["detect", str(path), "--out", str(path)])
    assert "would overwrite" in str(result.exception)
    assert path.read_text() == "\n".join(lines(10))


def test_a_pipe_gives_each_line_as_it_comes():
    command = [sys.executable, "-c", "from tocsin.cli import main; main()", "detect", "-", "--out", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as piped:
        for number, line in enumerate(lines(5)):
            piped.stdin.write(f"{line}\n".encode())
            piped.stdin.flush()
            back = piped.stdout.readline().decode().strip()
            assert back == ("timestamp,value,score,alarm" if number == 0 else f"{line},0.000000,0")
        piped.communicate()
    assert piped.returncode == 0


def test_the_newest_alarms_are_told_with_their_time(tmp_path):
    (tmp_path / "in.csv").write_text("\n".join(lines()))
    told = run(tmp_path / "in.csv", "--out", tmp_path / "out.csv").stderr
    alarm = next(line for line in (tmp_path / "out.csv").read_text().splitlines() if line.endswith(",1"))
    assert f"newest alarms, UTC (score): {alarm[:16]}" in told


def test_a_report_stands_alone(tmp_path):
    detect(tmp_path, "\n".join(lines()), "--report", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text()
    assert "700 readings, 1 alarm, " in page
    assert "<svg" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def run(*options):
    return CliRunner().invoke(app, ["detect", *map(str, options)])


def test_nothing_is_written_over_what_is_read(tmp_path):
    text = "\n".join(lines(5))
    read = tmp_path / "meter.csv.rejected"
    read.write_text(text)
    (tmp_path / "hard.csv").hardlink_to(read)
    (tmp_path / "soft.csv").symlink_to(read)
    spare = tmp_path / "spare.csv"
    for options in (
        ("--out", tmp_path / "meter.csv"),
        ("--out", tmp_path / "hard.csv"),
        ("--out", tmp_path / "soft.csv"),
        ("--out", spare, "--rejected", tmp_path / "hard.csv"),
        ("--out", spare, "--report", read),
    ):
        assert isinstance(run(read, *options).exception, BadSettings), options
        assert read.read_text() == text
        assert not spare.exists()


def test_two_options_never_write_one_file(tmp_path):
    read, out = tmp_path / "in.csv", tmp_path / "out.csv"
    read.write_text("\n".join(lines(5)))
    for options in (("--rejected", out), ("--report", out), ("--report", f"{out}.rejected")):
        assert isinstance(run(read, "--out", out, *options).exception, BadSettings), options
    assert isinstance(run(read, "--out", tmp_path).exception, BadSettings)
    assert isinstance(run(read, "--out", out, "--report", tmp_path / "no" / "page.html").exception, BadSettings)


def test_what_is_no_file_is_never_removed(tmp_path):
    (tmp_path / "in.csv").write_text("\n".join(lines(5)))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert run(tmp_path / "in.csv", "--out", tmp_path / "out.csv", "--rejected", pipe).exit_code == 0
    assert pipe.is_fifo()


def test_a_threshold_is_a_number_and_readings_beyond_any_unit_are_none(tmp_path):
    read, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table = lines()
    table[400:600:7] = [f"{line.split(',')[0]},{(-1) ** n}e308" for n, line in enumerate(table[400:600:7])]
    read.write_text("\n".join(table))
    assert isinstance(run(read, "--out", out, "--threshold", "nan").exception, BadSettings)
    assert run(read, "--out", out, "--threshold", "60", "--flags").exit_code == 0
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["flag"] for row in rows if "e308" in row["value"]] == ["out_of_range"] * len(table[400:600:7])
    assert all(0 <= float(row["score"]) <= 1 for row in rows)
    assert run(read, "--out", out, "--report", tmp_path / "page.html").exit_code == 0


def test_the_first_and_the_last_year_are_no_times_of_a_meter(tmp_path):
    text = "timestamp,value\n0001-01-01,1\n9999-12-31,2\n2024-01-01,3"
    for options in ((), ("--method", "farrington", "--every", "1d")):
        out, _ = detect(tmp_path, text, *options)
        assert len(out) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_said_in_one_line(tmp_path):
    (tmp_path / "in.csv").write_text("\n".join(lines(5)))
    command = [sys.executable, "-m", "tocsin.cli", "detect", str(tmp_path / "in.csv"), "--out", "/dev/full"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
