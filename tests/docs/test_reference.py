"""Every command, setting, error, route and event is documented, and the pages made from the code are up to date."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from tools import write_reference
from tools.reference import commands as commands_page

import tocsin.errors
from tocsin.accounting.uses import RefusalCode
from tocsin.bootstrap_settings import Settings, read_settings
from tocsin.model import commands, events
from tocsin.response.codes import QUARANTINED, REFUSED
from tocsin.response.moves import ORDERS as MOVE_ORDERS
from tocsin.response.warnings import ORDERS
from tocsin.web.app import api_document
from tocsin.web.problem_types import PROBLEM_TYPES
from tocsin.web.refused_uses import REFUSED_USES

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
COMMANDS = commands_page.listed()


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """From a heading to the next of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}$\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


def rows(text: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


@pytest.mark.parametrize("name", write_reference.PAGES)
def test_a_page_is_what_the_code_says(name: str):
    assert page(name) == write_reference.PAGES[name](), "run: make reference"


def test_a_stale_page_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(write_reference, "PAGES", {"a.md": lambda: "new", "b.md": lambda: "same", "c.md": lambda: ""})
    (tmp_path / "a.md").write_text("old")
    (tmp_path / "b.md").write_text("same")
    assert write_reference.stale(tmp_path) == ["a.md", "c.md"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section_with_its_options_and_an_example(name: str):
    text = section(page("commands.md"), f"tocsin {name}")
    listed = " ".join(rows(text))
    for parameter in COMMANDS[name].params:
        assert parameter.help, f"{name} {parameter.name} says nothing of itself"
        assert (parameter.opts[0] if parameter.param_type_name == "option" else "") in listed
    assert f"tocsin {name} " in text.split("```")[1]
    assert COMMANDS[name].help


def test_no_example_is_of_a_command_that_is_gone():
    assert set(commands_page.EXAMPLES) == set(commands_page.MORE) == set(COMMANDS)


def test_every_setting_has_a_row_with_its_meaning():
    table = {key: line for line in page("settings.md").splitlines() for key in rows(line)}
    assert list(table) == [field.name for field in fields(Settings)]
    for field in fields(Settings):
        assert field.metadata["meaning"] in table[field.name]
        assert f"| {field.default} |" in table[field.name]


def test_the_example_of_the_settings_can_be_read(tmp_path: Path):
    found = re.search(r"```toml\n(.*?)```", page("settings.md"), re.DOTALL)
    assert found is not None
    (tmp_path / "tocsin.toml").write_text(found[1])
    assert read_settings(tmp_path) != Settings()


def test_every_error_stands_in_the_tree_and_has_a_section():
    text = page("errors.md")
    kinds = [kind for kind in vars(tocsin.errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) > 8
    for kind in kinds:
        assert re.search(rf"^[├└│─ ]*{kind.__name__}\b", text.split("```")[1], re.MULTILINE), kind
        assert f"A kind of `{kind.__base__.__name__}`" in section(text, kind.__name__)
        assert kind.__doc__


def literals(folder: str, function: str, position: int) -> set[str]:
    """Every literal that calls of a function in a folder have at a place."""
    found = set()
    for path in (ROOT / "src" / "tocsin" / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
                found |= {
                    c.value
                    for c in ast.walk(node.args[position])
                    if isinstance(c, ast.Constant) and isinstance(c.value, str)
                }
    return {str(code) for code in found}


def test_every_problem_type_is_listed():
    made = literals("web", "ProblemError", 1)
    assert len(made) > 15
    # `refused`: of an order whose refusal has no code of its own.
    framework = {"refused", "no_such_address", "method_not_allowed", "bad_request", "http_error", "unreadable"}
    assert made | framework == set(PROBLEM_TYPES)
    assert set(rows(section(page("errors.md"), "Problem types of the API"))) >= set(PROBLEM_TYPES)


def test_every_refusal_of_the_gate_is_listed():
    assert list(REFUSED_USES) == list(RefusalCode)
    listed = rows(section(page("errors.md"), "Why nothing was opened, and nothing left"))
    assert listed == [code.value for code in RefusalCode]


def test_every_quarantine_and_refusal_code_is_listed():
    spoken_of = {"in_the_future", "negative_duration", "earlier_than_last_mark", "duplicate_mark", "unreadable"}
    spoken_of |= {"personal_value"}
    assert literals("response", "quarantined", 1) | spoken_of == set(QUARANTINED)
    by_table = {code for table in (ORDERS, MOVE_ORDERS) for row in table.values() for code in row.values() if code}
    assert literals("response", "refused", 0) | by_table == set(REFUSED)
    assert rows(section(page("errors.md"), "Why a report is set aside")) == list(QUARANTINED)
    assert rows(section(page("errors.md"), "Why a command changes nothing")) == list(REFUSED)


def test_every_route_has_a_section():
    text = page("api.md")
    for path, item in api_document()["paths"].items():
        for method in item:
            assert section(text, f"{method.upper()} {path}").strip()


@pytest.mark.parametrize("kind", [*get_args(events.Event), events.Recorded, events.Payload], ids=lambda k: k.__name__)
def test_every_event_says_what_it_and_each_of_its_fields_is(kind: type):
    heading = "What every event has in the log" if kind is events.Recorded else kind.__name__
    text = section(page("events.md"), heading)
    named = re.findall(r"^\| `(\w+)` \| `[^`]+` \| [^|]*\| (.+) \|$", text, re.MULTILINE)
    assert [name for name, meaning in named if meaning.strip()] == [field.name for field in fields(kind)]


@pytest.mark.parametrize("kind", get_args(commands.Command), ids=lambda k: k.__name__)
def test_every_command_of_the_model_is_documented(kind: type):
    text = section(page("events.md"), kind.__name__)
    assert [*rows(text)] == [field.name for field in fields(kind) if field.name not in ("id", "origin")]
    assert text.split("|")[0].strip(), "it says what it is"


def test_the_index_names_every_page():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md") if path.name != "README.md"]
    assert [str(path) for path in pages if f"({path.as_posix()})" not in index] == []
