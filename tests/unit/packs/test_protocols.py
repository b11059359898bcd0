"""Protocols: a sound one is read as it stands; each broken one names its file, its key and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.city import write_tiny_pack
from tocsin.adapters.packs import check_pack, load_pack
from tocsin.adapters.packs.codes import FaultCode
from tocsin.model.warnings import Action, Threshold, Trigger, TriggerKind, WarningProtocol

SOUND = """
name = "Second crew"
cost = 400
loss = 1600
window_h = 3
[trigger]
kind = "demand"
times_usual = 1.5
within_h = 4
area = "sw"
[[actions]]
action = "call_in"
text = "Call in the second crew."
role = "duty_officer"
minutes = 45
[[actions]]
action = "tell"
text = "Tell the hospital."
"""


def pack_with(folder: Path, **protocols: str) -> Path:
    write_tiny_pack(folder)
    (folder / "protocols").mkdir()
    for name, text in protocols.items():
        (folder / "protocols" / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_sound_protocol_is_read_as_it_stands(tmp_path: Path) -> None:
    city = load_pack(pack_with(tmp_path, crew=SOUND)).city
    actions = (
        Action("call_in", "Call in the second crew.", "duty_officer", 45.0),
        Action("tell", "Tell the hospital."),
    )
    trigger = Trigger(TriggerKind.DEMAND, "sw", None, None, 1.5, 4)
    assert city.protocols == (WarningProtocol("crew", "Second crew", trigger, 400.0, 1600.0, actions, 3.0),)
    assert city.protocols[0].threshold == Threshold(0.25, "crew", 400.0, 1600.0)


def test_without_protocols_the_report_says_what_that_costs(tmp_path: Path) -> None:
    write_tiny_pack(tmp_path)
    report = check_pack(tmp_path)
    assert report.ok
    assert report.missing["protocols/*.toml"].startswith("Warnings come without actions")


BROKEN = [
    ("no name", 'name = "Second crew"', "", "name", "missing_key"),
    ("no cost", "cost = 400", "", "cost", "missing_key"),
    ("cost is loss", "cost = 400", "cost = 1600", "cost", "bad_value"),
    ("cost of nothing", "cost = 400", "cost = 0", "cost", "bad_value"),
    ("loss in words", "loss = 1600", 'loss = "high"', "loss", "bad_value"),
    ("no end", "cost = 400", "cost = inf", "cost", "bad_value"),
    ("long window", "window_h = 3", "window_h = 48", "window_h", "bad_value"),
    ("no such trigger", 'kind = "demand"', 'kind = "flood"', "trigger.kind", "bad_value"),
    ("no limit", "times_usual = 1.5", "", "trigger.times_usual", "missing_key"),
    ("two limits", "times_usual = 1.5", "times_usual = 1.5\ncalls_over = 9", "trigger.times_usual", "bad_value"),
    ("less than usual", "times_usual = 1.5", "times_usual = 0.5", "trigger.times_usual", "bad_value"),
    ("too far ahead", "within_h = 4", "within_h = 13", "trigger.within_h", "bad_value"),
    ("no such area", 'area = "sw"', 'area = "moon"', "trigger.area", "unknown_area"),
    ("area and kind", 'area = "sw"', 'area = "sw"\ncall_kind = "Illness"', "trigger.call_kind", "bad_value"),
    ("no such kind", 'area = "sw"', 'call_kind = "Dragon"', "trigger.call_kind", "bad_value"),
    ("refused kind", 'area = "sw"', 'call_kind = "Protest"', "trigger.call_kind", "refused_kind"),
    ("action without text", 'text = "Tell the hospital."', "", "actions.text", "missing_key"),
    ("same action", 'action = "tell"', 'action = "call_in"', "actions.action", "duplicate_id"),
    ("odd action", 'action = "tell"', 'action = "tell them all"', "actions.action", "bad_value"),
    ("late action", "minutes = 45", "minutes = -1", "actions.minutes", "bad_value"),
    ("no TOML", "cost = 400", "cost 400", None, "bad_toml"),
]


@pytest.mark.parametrize(("old", "new", "column", "code"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_fault(old: str, new: str, column: str | None, code: str, tmp_path: Path) -> None:
    assert old in SOUND
    report = check_pack(pack_with(tmp_path, crew=SOUND.replace(old, new, 1)))
    assert [(f.file, f.column, f.code) for f in report.faults] == [("protocols/crew.toml", column, code)]


def test_two_that_wait_for_the_same(tmp_path: Path) -> None:
    report = check_pack(pack_with(tmp_path, a=SOUND, b=SOUND))
    assert [(f.file, f.code) for f in report.faults] == [("protocols/b.toml", FaultCode.DUPLICATE_TRIGGER)]
    assert "a.toml" in report.faults[0].message


def test_an_unknown_key_is_warned_of(tmp_path: Path) -> None:
    report = check_pack(pack_with(tmp_path, crew=SOUND.replace("cost = 400", "cost = 400\ncolour = 1")))
    assert [(w.file, w.column, w.code) for w in report.warnings] == [("protocols/crew.toml", "colour", "unknown_key")]
