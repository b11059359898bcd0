"""Every code that the house can say has its sentence, and every sentence can be filled."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from tocsin.errors import NotFound
from tocsin.model.alarms import AlarmKind, AlarmState
from tocsin.model.marks import Mark, UnitStatus
from tocsin.model.origin import Mode
from tocsin.model.plan import Shortfall
from tocsin.model.warnings import WarningKind
from tocsin.planning.dispatch.requests import WHY
from tocsin.response.moves import BECAUSE
from tocsin.situation.moves import MOVE_CHANGES
from tocsin.situation.warnings import WARNING_CHANGES
from tocsin.web.texts import catalogue, find_sentence, in_sentence, minutes_seconds, plural, render, sentence

SOURCE = Path(__file__).resolve().parents[3] / "src" / "tocsin"
GAPS = {"kind": "Engine", "asked": "Truck", "n": 2, "observed": 3}


def codes_in(folder: str, call: str) -> set[str]:
    """First arguments, where they are texts, of every call to `call` under a folder."""
    found: set[str] = set()
    for path in (SOURCE / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == call and node.args:
                found |= {
                    leaf.value
                    for leaf in ast.walk(node.args[0])
                    if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and leaf.value
                }
    return found


def change_codes() -> set[str]:
    source = (SOURCE / "situation" / "fold.py").read_text(encoding="utf-8")
    said = set(re.findall(r'"((?:call|report|warning|alarm|plan|move_up)_[a-z]+)"', source))
    said |= set(WARNING_CHANGES.values()) | set(MOVE_CHANGES.values())
    return said | {f"unit_{mark}" for mark in Mark} | {f"alarm_{state}" for state in AlarmState}


SAID = (
    codes_in("planning", "Reason")
    | codes_in("desk", "Reason")
    | {f"move_up_{because}" for because in BECAUSE}
    | set(WHY.values())
    | codes_in("web", "sentence")
    | codes_in("web", "render")
    | {f"number_{code}" for code in ("no_unit", "past_target", "free", "in_time", "next_hour")}
    | {shortfall.value for shortfall in Shortfall}
    | {f"alarm_{kind.value}" for kind in AlarmKind}
    | {f"warning_{kind.value}" for kind in WarningKind}
    | codes_in("forecasting/warnings", "Evidence")
    | codes_in("adapters/stores", "Evidence")
    | {f"{mode.value}_cannot_send" for mode in Mode}
    | {f"doing_{status.value}" for status in UnitStatus if status.busy or status is UnitStatus.OUT_OF_SERVICE}
    | {"wide_prior"}
) - {"alarm_", "warning_", "_text", "doing_", "factor_", "number_", "_cannot_send"} | change_codes()


@pytest.mark.parametrize("code", sorted(SAID))
def test_every_code_has_a_sentence(code: str) -> None:
    assert code in catalogue()


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_sentence_can_be_filled(code: str) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(catalogue()[code]) if name}
    text = render(code, {name: GAPS.get(name, 60) for name in names})
    assert text
    assert "{" not in text
    assert "!" not in text


def test_gaps_are_filled_as_people_write() -> None:
    assert sentence("sub_longest_wait", waited=87, limit=120.0).text == "1:27 waited · limit 2:00"
    assert sentence("number_free", kind="Ambulance").text == "Ambulances free"
    assert sentence("alarm_surge_text", area="A", observed=1, hour="02:00", low=0, high=1).text.startswith(
        "A: 1 call in"
    )


@pytest.mark.parametrize(("s", "text"), [(0, "0:00"), (-5, "0:00"), (87.9, "1:27"), (3599, "59:59"), (3723, "1:02:03")])
def test_minutes_and_seconds(s: float, text: str) -> None:
    assert minutes_seconds(s) == text


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("Engine", "Engines"),
        ("Company", "Companies"),
        ("Relay", "Relays"),
        ("Rescue bus", "Rescue bus"),
        ("Box", "Boxes"),
    ],
)
def test_plurals(noun: str, many: str) -> None:
    assert plural(noun) == many


def test_nouns_in_a_sentence() -> None:
    assert (in_sentence("Engine"), in_sentence("ALS unit"), in_sentence("")) == ("engine", "ALS unit", "")


def test_an_unknown_code_is_an_error_here_and_words_there() -> None:
    with pytest.raises(NotFound):
        render("never_written", {})
    with pytest.raises(NotFound):
        render("sub_longest_wait", {"waited": 1})
    with pytest.raises(NotFound):
        render("sub_longest_wait", {"waited": "soon", "limit": 1})
    assert find_sentence("never_written", {"a": 1}).text == "Never written"


def test_thousands_stand_apart_and_whole_numbers_have_no_point() -> None:
    assert render("evidence_once", {"once": 3032}).endswith("1 in 3,032.")
    assert render("evidence_once", {"once": "3,032"}).endswith("1 in 3,032.")
    assert render("evidence_short_history", {"days": 1.0}).endswith("rests on one day only.")
    assert render("evidence_short_history", {"days": 7.0}).endswith("rests on 7 days only.")
    assert render("evidence_short_history", {"days": 2.5}).endswith("rests on 2.5 days only.")
