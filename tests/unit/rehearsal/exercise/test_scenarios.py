"""Scenarios: what is read, and what is refused with its place and what to do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.scene import NOON, town
from tocsin.adapters.exercises.scenario import find_span, read_msel, read_scenario, read_scenario_text
from tocsin.errors import BadScenario
from tocsin.model.city import Agency, Period
from tocsin.model.ids import AgencyId

SPAN = Period(NOON, NOON + timedelta(hours=4))
HEAD = 'title = "T"\n'
FLOOD = "[[floods]]\ndepth_m = 0.4\noutline = [[10.01, 50.01], [10.05, 50.01], [10.05, 50.05]]\n"
INJECT = '[[injects]]\ninject = "1"\nat = "+1:00"\ntitle = "Rain"\nfrom = "Weather service"\nto = "Watch officer"\n'


def city():
    return replace(town(), agencies={AgencyId("fd"): Agency(AgencyId("fd"), "Fire")})


def read(text: str):
    return read_scenario_text(HEAD + text, "t", city(), SPAN)


def test_a_whole_scenario_is_read() -> None:
    found = read(
        '[[surges]]\ntimes = 2\nareas = ["north"]\nfrom = "+0:30"\nuntil = "+1:00"\n'
        '[[stations_lost]]\nstation = "S1"\n[[units_out]]\nunit = "E1"\n[[help_withheld]]\nagency = "fd"\n'
        '[[power_cuts]]\nareas = ["south"]\nslower = 1.5\n' + FLOOD + INJECT
    )
    assert found.surges[0].period == Period(NOON + timedelta(minutes=30), NOON + timedelta(hours=1))
    assert found.stations_lost[0].period == SPAN
    assert found.injects[0].at == NOON + timedelta(hours=1)
    assert [len(x) for x in (found.floods, found.power_cuts, found.units_out, found.help_withheld)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('[[stations_lost]]\nstation = "S9"', "stations_lost[0].station", "no station 'S9'"),
        ('[[units_out]]\nunit = "E99"', "units_out[0].unit", "no unit 'E99'"),
        ('[[help_withheld]]\nagency = "x"', "help_withheld[0].agency", "no agency 'x'"),
        ("[[surges]]\ntimes = -1", "surges[0].times", "from 0 to 50"),
        ("[[surges]]\ntimes = nan", "surges[0].times", "from 0 to 50"),
        ('[[surges]]\ntimes = 2\nkinds = ["riot"]', "surges[0].kinds[0]", "no kind of call 'riot'"),
        ('[[surges]]\ntimes = 2\nfrom = "+2:00"\nuntil = "+1:00"', "surges[0].until", "after `from`"),
        ('[[surges]]\ntimes = 2\nfrom = "tomorrow"', "surges[0].from", "no time"),
        ("[[surges]]\ntimes = 2\nfrom = 2030-05-06T13:00:00", "surges[0].from", "no zone"),
        ("[[surges]]\ntimes = 2\nfrom = 2030-05-06", "surges[0].from", "no time"),
        ("[[surges]]\ntimes = 2\ntwice = 2", "surges[0].twice", "nobody knows"),
        ("[[floods]]\ndepth_m = 1\noutline = [[10, 50]]", "floods[0].outline", "three places"),
        ("[[floods]]\ndepth_m = 1\noutline = [[0, 0], [1, 0], [1, 1]]", "floods[0].outline", "outside the city"),
        (
            "[[floods]]\ndepth_m = -1\noutline = [[10.01, 50.01], [10.05, 50.01], [10.05, 50.05]]",
            "floods[0].depth_m",
            "0",
        ),
        ("[[power_cuts]]\nareas = []", "power_cuts[0].areas", "list of names"),
        (INJECT.replace("+1:00", "+9:00"), "injects[0].at", "outside the exercise"),
        (INJECT.replace("+1:00", "+4:00"), "injects[0].at", "the end of the exercise"),
        (INJECT + INJECT, "injects", "number '1'"),
        (INJECT.replace('to = "Watch officer"\n', ""), "injects[0].to", "is missing"),
        ("surges = 3", "surges", "list of tables"),
        ("weather = 3", "weather", "nobody knows"),
        ("[[", "scenario", "not TOML"),
        ("[[surges]]\ntimes = " + 400 * "9", "surges[0].times", "from 0 to 50"),
        ("[[surges]]\ntimes = 2\nfrom = 9999-12-31T23:59:59-23:59", "surges[0].from", "beyond the calendar"),
        ('[[surges]]\ntimes = 2\nfrom = "0001-01-01T00:00:00+23:00"', "surges[0].from", "beyond the calendar"),
        ('msel = "../x.csv"', "msel", "beside the scenario"),
    ],
)
def test_what_cannot_be_is_named_with_its_place(text: str, where: str, what: str) -> None:
    with pytest.raises(BadScenario, match=re.escape(what)) as error:
        read(text)
    assert error.value.where == where


def test_a_script_is_read_from_csv() -> None:
    text = 'inject,time,title,from,to,expects\n2,+2:00,Later,A,B,\n1,+1:00,"Rain, much",A,B,Move a unit\n'
    found = read_msel(text, SPAN, ())
    assert [(i.inject, i.title, i.expects) for i in found] == [("2", "Later", None), ("1", "Rain, much", "Move a unit")]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("inject,time\n", "line 1"),
        ("inject,time,title,from,to,who\n", "line 1"),
        ("inject,time,title,from,to\n1,+9:00,T,A,B\n", "line 2.at"),
        ("inject,time,title,from,to\n1,+1:00,T,A,B,C,D\n", "line 2"),
        ("inject,time,title,from,to\n1,2030-05-06T13:00,T,A,B\n", "line 2.at"),
        ("inject,time,title,from,to\n1,+1:00," + 140_000 * "T" + ",A,B\n", "line 2"),
    ],
)
def test_a_wrong_script_is_named_by_its_line(text: str, where: str) -> None:
    with pytest.raises(BadScenario, match=re.escape(where)) as error:
        read_msel(text, SPAN, ())
    assert error.value.where == where


def test_a_file_is_named_in_its_error_and_tells_its_span(tmp_path: Path) -> None:
    file = tmp_path / "storm.toml"
    file.write_text(HEAD + "start = 2030-05-06T12:00:00Z\nuntil = 2030-05-06T16:00:00Z\n[[surges]]\ntimes = -2\n")
    assert find_span(file) == Period(datetime(2030, 5, 6, 12, tzinfo=UTC), datetime(2030, 5, 6, 16, tzinfo=UTC))
    with pytest.raises(BadScenario, match=r"storm.toml: surges\[0\].times"):
        read_scenario(file, city(), SPAN)
    with pytest.raises(BadScenario, match="cannot be read"):
        read_scenario(tmp_path / "no.toml", city(), SPAN)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadScenario, match="UTF-8"):
        read_scenario(file, city(), SPAN)


def test_a_script_with_the_ends_of_lines_of_old_machines_is_read() -> None:
    found = read_msel("inject,time,title,from,to\r1,+1:00,Rain,A,B\r", SPAN, ())
    assert [i.title for i in found] == ["Rain"]


def test_a_script_beside_a_scenario_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_bytes(b" " * 1_000_001)
    with pytest.raises(BadScenario, match="larger than") as error:
        read_scenario_text(HEAD + 'msel = "long.csv"', "t", city(), SPAN, beside=tmp_path)
    assert error.value.where == "msel"
