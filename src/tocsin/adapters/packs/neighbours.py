"""Reads neighbours.toml: who may lend what, how soon, whom to ask, and under which agreement."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from pathlib import Path

from tocsin.adapters.packs.codes import FaultCode
from tocsin.adapters.packs.keys import Keys
from tocsin.adapters.packs.persons import looks_personal
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.tables import LONGEST_ID, read_text
from tocsin.model.ids import NeighbourId, ResourceId, UnitKindId
from tocsin.model.place import Point
from tocsin.model.resources import Neighbour

NEIGHBOURS = "neighbours.toml"
LONGEST_MINUTES = 14 * 24 * 60
MOST_LENT = 100_000
_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{LONGEST_ID - 1}}}")
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""A role is written as an id, in small letters without blanks: a person's name does not fit."""


def read_neighbours(folder: Path, unit_kinds: Collection[str], findings: Findings) -> dict[NeighbourId, Neighbour]:
    """The neighbours in the file's order; faulty ones are left out. Never raises.

    Args:
        unit_kinds: kinds that may be lent; empty: pack.toml names none, so that any will do.
    """
    text = read_text(folder / NEIGHBOURS, NEIGHBOURS, findings)
    try:
        table = {} if text is None else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        findings.fault(NEIGHBOURS, FaultCode.BAD_TOML, f"is not TOML: {error}")
        return {}
    keys = Keys(table, "", findings, file=NEIGHBOURS)
    read = [_read(name, inner, unit_kinds) for name, inner in keys.each_inner("neighbours")]
    keys.close()
    if text is not None and not keys.table.get("neighbours"):
        findings.fault(NEIGHBOURS, FaultCode.EMPTY_FILE, "holds no neighbour: write [neighbours.ID], or leave it out")
    return {neighbour.neighbour: neighbour for neighbour in read if neighbour is not None}


def _read(name: str, inner: Keys, unit_kinds: Collection[str]) -> Neighbour | None:
    before = len(inner.findings.faults)
    if not _ID.fullmatch(name):
        inner.findings.fault(
            NEIGHBOURS, FaultCode.BAD_ID, "use letters, digits, _, . and - only, at most 64", column=inner.path
        )
    neighbour = Neighbour(
        NeighbourId(name),
        inner.text("name", required=True) or name,
        _read_minutes(inner),
        liaison=_read_liaison(inner),
        units={UnitKindId(kind): count for kind, count in _read_counts(inner, "units", unit_kinds).items()},
        resources={ResourceId(resource): count for resource, count in _read_counts(inner, "resources", ()).items()},
        border=_read_border(inner),
        conditions=_read_conditions(inner),
        agreement=_impersonal(inner, "agreement", inner.text("agreement")),
        cost_per_h=inner.number("cost_per_h", above=-1e-9),
    )
    inner.close()
    return neighbour if len(inner.findings.faults) == before else None


def _read_minutes(inner: Keys) -> float:
    minutes = inner.number("minutes", above=-1e-9)
    if minutes is None and "minutes" not in inner.table:
        inner.missing("minutes", "write minutes = 45, from the request until the help is there")
    elif minutes is not None and minutes > LONGEST_MINUTES:
        inner.bad("minutes", f"{minutes:g} is over two weeks: minutes are meant, not seconds")
    return max(0.0, minutes or 0.0)


def _read_liaison(inner: Keys) -> str | None:
    role = inner.text("liaison")
    if role is None or _ROLE.fullmatch(role):
        return role
    message = f"{role!r} is no role: write one in small letters, such as duty_chief; persons stay out"
    inner.fault("liaison", FaultCode.PERSONAL_VALUE if looks_personal(role) else FaultCode.BAD_VALUE, message)
    return None


def _read_counts(inner: Keys, key: str, known: Collection[str]) -> dict[str, int]:
    """What can be lent, by kind. `known` empty: any name will do."""
    table = inner.inner(key)
    counts = {}
    for kind in table.table:
        counts[kind] = table.whole(kind, default=0, least=0, most=MOST_LENT)
        if known and kind not in known:
            message = f"{kind!r} is not in pack.toml [unit_kinds]: add it there or correct it"
            table.fault(kind, FaultCode.UNKNOWN_UNIT_KIND, message)
        elif not _ID.fullmatch(kind):
            table.fault(kind, FaultCode.BAD_ID, "use letters, digits, _, . and - only, at most 64")
    return {kind: count for kind, count in counts.items() if count}


def _read_border(inner: Keys) -> Point | None:
    value = inner.take("border")
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(type(part) in (int, float) for part in value):
        lon, lat = float(value[0]), float(value[1])
        if abs(lon) <= 180 and abs(lat) <= 90:
            return Point(lon, lat)
    inner.fault("border", FaultCode.OUT_OF_RANGE, f"{value!r} is not [lon, lat] in degrees")
    return None


def _read_conditions(inner: Keys) -> tuple[str, ...]:
    value = inner.take("conditions")
    lines = [value] if isinstance(value, str) else value
    if lines is None:
        return ()
    if not isinstance(lines, list) or not all(isinstance(line, str) and line.strip() for line in lines):
        inner.bad("conditions", f"{value!r} is neither a text nor a list of texts")
        return ()
    return tuple(line for line in lines if _impersonal(inner, "conditions", line) is not None)


def _impersonal(inner: Keys, key: str, text: str | None) -> str | None:
    """The text, or a fault where it carries an address or a number of a person."""
    looks = None if text is None else looks_personal(text)
    if looks is None:
        return text
    inner.fault(key, FaultCode.PERSONAL_VALUE, f"looks like {looks}: name a role; persons stay out")
    return None
