"""The glossary is binding: every code has a word there, the screens say it, and no screen says a replaced one."""

from __future__ import annotations

import json
import re
import tomllib
from enum import StrEnum
from pathlib import Path

import pytest

from tocsin.model.alarms import AlarmKind, AlarmState
from tocsin.model.marks import Mark, UnitStatus
from tocsin.model.origin import Mode
from tocsin.model.plan import Shortfall
from tocsin.model.warnings import WarningKind
from tocsin.situation.numbers import Phase

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ROOT / "console" / "src" / "texts"
PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
EN = json.loads((TEXTS / "en.json").read_text(encoding="utf-8"))
DE = json.loads((TEXTS / "de.json").read_text(encoding="utf-8"))
API = tomllib.loads((ROOT / "src" / "tocsin" / "texts" / "en.toml").read_text(encoding="utf-8"))


def table(heading: str) -> list[list[str]]:
    """The rows below a heading, without head and line."""
    found = re.search(rf"^# {heading}\n(.*?)(?=^#|\Z)", PAGE.replace("## ", "# "), re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    rows = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


WORDS = table("Glossary")
CODES = {(of, code.strip("`")): (english, german) for of, code, english, german in table("Codes and their words")}
OTHERWISE = [word for said, _, _ in table("Said otherwise") for word in re.sub(r" \(.*?\)", "", said).split(", ")]

ON_SCREEN: dict[str, tuple[type[StrEnum], str]] = {
    "mode": (Mode, "mode.{}"),
    "mark": (Mark, "mark.{}"),
    "unit status": (UnitStatus, "status.{}"),
    "phase of a call": (Phase, "legend.{}"),
}
"""What the console says by itself, and under which key."""
BY_THE_API: dict[str, tuple[type[StrEnum], str]] = {
    "alarm": (AlarmKind, "alarm_{}"),
    "alarm state": (AlarmState, "alarm_{}"),
    "warning": (WarningKind, "warning_{}"),
    "shortfall": (Shortfall, "{}"),
}
"""What the API says; the console has the German."""


def test_every_code_has_a_row_and_no_row_is_left_over():
    kinds = {**ON_SCREEN, **BY_THE_API}
    assert set(CODES) == {(of, code.value) for of, (codes, _) in kinds.items() for code in codes}


@pytest.mark.parametrize("of", ON_SCREEN)
def test_the_console_says_the_glossarys_word(of: str):
    codes, key = ON_SCREEN[of]
    for code in codes:
        name = key.format("no_unit" if code is Phase.WAITING else code)
        assert CODES[of, code.value] == (EN[name], DE[name]), name


@pytest.mark.parametrize("of", BY_THE_API)
def test_the_api_says_the_glossarys_word(of: str):
    codes, key = BY_THE_API[of]
    for code in codes:
        name = key.format(code)
        assert CODES[of, code.value] == (API[name], DE[f"say.{name}"]), name


@pytest.mark.parametrize("mark", Mark)
def test_a_mark_is_called_the_same_in_every_list(mark: Mark):
    assert EN[f"mark.{mark}"] == API[f"unit_{mark}"]
    assert DE[f"mark.{mark}"] == DE[f"say.unit_{mark}"]


def test_words_stand_once_and_in_order():
    words = [word.lower() for word, *_ in WORDS]
    assert words == sorted(set(words))
    assert all(len(row) == 3 and all(row) for row in WORDS)


@pytest.mark.parametrize("word", OTHERWISE)
def test_no_screen_uses_a_replaced_word(word: str):
    without_gaps = {key: re.sub(r"\{.*?\}", "", text) for key, text in {**EN, **API}.items()}
    used = [key for key, text in without_gaps.items() if re.search(rf"\b{word}s?\b", text, re.IGNORECASE)]
    assert used == []


@pytest.mark.parametrize("word", ["band", "cover", "runner-up", "in time", "past target", "needs you", "run short"])
def test_what_the_screen_is_built_on_is_explained(word: str):
    """Words that stand on the first screen are in the glossary, or are the words of a code there."""
    explained = [row[0].lower() for row in WORDS] + [" ".join(words).lower() for words in CODES.values()]
    assert any(word in text for text in explained)
    assert any(word in text.lower() for text in [*EN.values(), *API.values()])
