"""Progress where nobody looks: few plain lines on standard error, nothing on standard output."""

from __future__ import annotations

import pytest

from tocsin.bench import progress


def test_a_line_a_model_and_a_tenth_and_no_more(capsys: pytest.CaptureFixture[str]):
    with progress.shown("Forecasting") as tell:
        for done in range(1, 1001):
            tell("ours" if done <= 500 else "theirs", done, 1000)
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert said.out == ""
    assert lines[0] == "Forecasting: ours, 1 of 1000"
    assert "Forecasting: theirs, 501 of 1000" in lines
    assert lines[-1] == "Forecasting: theirs, 1000 of 1000"
    assert len(lines) <= progress.PLAIN + 2


def test_nothing_to_do_is_no_error(capsys: pytest.CaptureFixture[str]):
    with progress.shown("Walking") as tell:
        tell("", 0, 0)
    assert capsys.readouterr().err == "Walking: 0 of 0\n"
