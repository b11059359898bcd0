"""The types of Tocsin have no room for what it never does (docs/concepts/never.md)."""

from __future__ import annotations

import ast
import copy
import dataclasses
import importlib
import json
import pickle
import pkgutil
import re
import typing
from collections.abc import Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from types import ModuleType

import msgspec
import pydantic
import pytest

import tocsin
import tocsin.accounting
import tocsin.model
import tocsin.situation
from tocsin.model.city import Service
from tocsin.model.organisations import Organisation
from tocsin.model.seal import Sealed, seal
from tocsin.web import schema

PERSON = re.compile(
    r"(^|_)(person|citizen|resident|patient|caller|suspect|victim|crew_member|driver|officer|name_of|first_name|last_name|"
    r"surname|birth|gender|ethnic\w*|race|religion|nationality|phone|email|plate|face|voice|credit|reputation|"
    r"trust_score|social_score|risk_score)($|_)"
)


def _modules(package: ModuleType) -> list[ModuleType]:
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    return [package, *(importlib.import_module(m.name) for m in found)]


def _fields() -> list[str]:
    names: list[str] = []
    for kind in _types():
        if dataclasses.is_dataclass(kind):
            names += [f"{kind.__name__}.{field.name}" for field in dataclasses.fields(kind)]
        elif issubclass(kind, pydantic.BaseModel):
            names += [f"{kind.__name__}.{field}" for field in kind.model_fields]
    return sorted(set(names))


def _types() -> Iterator[type]:
    """Every type that is told in the rooms where one of a person could stand: nouns, picture, accounting, the API."""
    for package in (tocsin.model, tocsin.situation, tocsin.accounting, schema):
        for module in _modules(package):
            for kind in vars(module).values():
                if isinstance(kind, type) and kind.__module__.startswith("tocsin."):
                    yield kind


def test_no_type_has_a_field_about_a_person() -> None:
    # `UnitRow.patient` counts units that carry one, by status. The contact of the data-protection officer is an address
    # that the controller publishes: GDPR Art. 13(1)(b).
    allowed = {"UnitRow.patient", "Controller.data_protection_officer"}
    assert [n for n in _fields() if PERSON.search(n.split(".")[1]) and n not in allowed] == []


def test_there_is_no_police_service() -> None:
    assert {service.value for service in Service} == {
        "fire",
        "medical",
        "rescue",
        "hazmat",
        "utility",
        "traffic",
        "weather",
    }


SCORED = re.compile(r"score|rank|rating|profile|trust_?level|reputation", re.IGNORECASE)


def test_no_type_field_or_code_is_a_score_a_rank_or_a_profile() -> None:
    members = [member.name for kind in _types() if issubclass(kind, Enum) for member in kind]
    types = [kind.__name__ for kind in _types()]
    # The register of algorithms counts ratings of organisations, and a card says that it is of one.
    allowed = {"Register.ratings", "RATING"}
    found = {name for name in [*_fields(), *members, *types] if SCORED.search(name)}
    assert found - allowed == set()


def test_the_search_for_scores_finds_one() -> None:
    assert SCORED.search("Resident.trust_score")
    assert SCORED.search("CrewRanking")
    assert PERSON.search("first_name")


def test_a_rating_can_be_of_an_organisation_only() -> None:
    """There is no rating yet; whoever writes one makes it of an `Organisation`."""
    from tocsin.model import organisations

    assert organisations.RatingSubject is Organisation
    for kind in _types():
        if re.search(r"rating|rated", kind.__name__, re.IGNORECASE):
            assert typing.get_type_hints(kind)["subject"] is Organisation, kind


def test_an_organisation_has_no_form_of_a_natural_person() -> None:
    forms = {"limited_company", "stock_company", "cooperative", "association", "foundation", "public_body"}
    assert {form.value for form in typing.get_type_hints(Organisation)["legal_form"]} == forms


SOURCE = Path(tocsin.__file__).parent
UNSEALING = "tocsin.accounting.unsealing"
DOOR = Path("desk/disclose.py")


@cache
def _texts() -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")}


def _importers(name: str) -> set[Path]:
    """Files of the product that import a module, in any spelling."""
    found = set()
    parent, _, last = name.rpartition(".")
    for path, text in _texts().items():
        for node in ast.walk(ast.parse(text)) if last in text else ():
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import | ast.ImportFrom) else set()
            of = node.module if isinstance(node, ast.ImportFrom) else None
            if of == name or (of == parent and last in names) or (of is None and name in names):
                found.add(path.relative_to(SOURCE))
    return found


def test_seals_are_opened_at_one_door() -> None:
    assert _importers(UNSEALING) == {DOOR}
    assert Path("model/seal.py") not in _importers("tocsin.model.seal")
    assert len(_importers("tocsin.model.seal")) > 1


def test_nobody_reaches_behind_a_seal_by_another_name() -> None:
    secret = re.compile(r"_Sealed__|importlib.*unsealing")
    reach = [path.relative_to(SOURCE) for path, text in _texts().items() if secret.search(text)]
    assert reach == [Path("accounting/unsealing.py")]


@pytest.mark.parametrize(
    "write",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        json.dumps,
        msgspec.json.encode,
        msgspec.msgpack.encode,
        msgspec.to_builtins,
        pydantic.TypeAdapter(typing.Any).dump_json,
        vars,
        hash,
        iter,
    ],
    ids=lambda write: getattr(write, "__qualname__", str(write)),
)
def test_a_sealed_value_cannot_be_written(write: typing.Callable[[object], object]) -> None:
    with pytest.raises((TypeError, pydantic.PydanticUserError, ValueError)):
        write(seal("at the door"))


def test_a_sealed_value_says_nothing_of_what_it_holds() -> None:
    sealed = seal("at the door")
    for text in (str(sealed), repr(sealed), f"{sealed}", f"{[sealed]}", "%s" % sealed, ascii({"x": sealed})):  # noqa: UP031
        assert "door" not in text
    assert not [name for name in dir(sealed) if not name.startswith("_")]
    assert Sealed.__slots__ == ("__value",)
