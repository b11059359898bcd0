"""The types of Tocsin have no room for what it never does (docs/concepts/never.md)."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from enum import Enum
from types import ModuleType

import tocsin.model
import tocsin.situation
from tocsin.model.city import Service
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
    for package in (tocsin.model, tocsin.situation):
        for module in _modules(package):
            for kind in vars(module).values():
                if isinstance(kind, type) and dataclasses.is_dataclass(kind):
                    names += [f"{kind.__name__}.{field.name}" for field in dataclasses.fields(kind)]
    for kind in vars(schema).values():
        if isinstance(kind, type) and issubclass(kind, schema.Out | schema.In):
            names += [f"{kind.__name__}.{field}" for field in kind.model_fields]
    return names


def test_no_type_has_a_field_about_a_person() -> None:
    # `UnitRow.patient` counts units that carry one, by status.
    allowed = {"UnitRow.patient"}
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


def test_no_score_or_rank_in_the_model() -> None:
    scored = re.compile(r"score|rank|rating")
    members = [
        m.name.lower()
        for p in (tocsin.model, tocsin.situation)
        for mod in _modules(p)
        for k in vars(mod).values()
        if isinstance(k, type) and issubclass(k, Enum)
        for m in k
    ]
    assert [n for n in _fields() + members if scored.search(n.lower())] == []
