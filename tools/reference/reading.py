"""Reads what stands in the code about a class: its docstring, its fields, and what stands below each field."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from functools import cache
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Field:
    """One annotated field. `default` as written, None where it must be given."""

    name: str
    kind: str
    default: str | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Told:
    """One class as its source tells it."""

    name: str
    bases: tuple[str, ...]
    meaning: str
    fields: tuple[Field, ...]


@cache
def classes_of(module: ModuleType) -> dict[str, Told]:
    """Every class of a module, in its order."""
    tree = ast.parse(inspect.getsource(module))
    return {node.name: _told(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def line(text: str) -> str:
    """One line of a table."""
    return " ".join(text.replace("|", "\\|").split())


def _told(node: ast.ClassDef) -> Told:
    bases = tuple(ast.unparse(base) for base in node.bases)
    return Told(node.name, bases, inspect.cleandoc(ast.get_docstring(node) or ""), tuple(_fields(node)))


def _fields(node: ast.ClassDef) -> list[Field]:
    found = []
    for statement, below in zip(node.body, [*node.body[1:], None], strict=True):
        target = _target(statement)
        if target is not None:
            name, kind, default = target
            found.append(Field(name, kind, default, _said(below)))
    return found


def _target(statement: ast.stmt) -> tuple[str, str, str | None] | None:
    """Name, type and default of `name: type = default`, or of a member of an enumeration."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        default = None if statement.value is None else ast.unparse(statement.value)
        return statement.target.id, ast.unparse(statement.annotation), _plain(default)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id, "", ast.unparse(statement.value)
    return None


def _plain(default: str | None) -> str | None:
    return "empty" if default is not None and default.startswith("field(default_factory") else default


def _said(below: ast.stmt | None) -> str:
    if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str):
        return inspect.cleandoc(below.value.value)
    return ""
