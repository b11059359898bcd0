"""Reads `protocols/*.toml`: what the city ties to a warning, when it is worth acting, and what could be done."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tocsin.adapters.packs.codes import FaultCode
from tocsin.adapters.packs.keys import Keys
from tocsin.adapters.packs.report import Findings
from tocsin.adapters.packs.tables import read_text
from tocsin.model.ids import AreaId
from tocsin.model.never import refusal
from tocsin.model.warnings import Action, Trigger, TriggerKind, WarningProtocol

FOLDER = "protocols"
FILES = f"{FOLDER}/*.toml"
LONGEST_WITHIN_H = 12
LONGEST_WINDOW_H = 12.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a protocol may name: areas (None where they could not be read) and kinds of call."""

    areas: Collection[str] | None
    kinds: Collection[str]


def read_protocols(folder: Path, ground: Ground, findings: Findings) -> tuple[WarningProtocol, ...]:
    """Every protocol in the order of the files' names; faulty ones are left out. Never raises."""
    read = (_read(path, ground, findings) for path in sorted((folder / FOLDER).glob("*.toml")))
    protocols = [protocol for protocol in read if protocol is not None]
    kept: dict[tuple[TriggerKind, AreaId | None, str | None], WarningProtocol] = {}
    for protocol in protocols:
        trigger = protocol.trigger
        first = kept.setdefault((trigger.kind, trigger.area, trigger.call_kind), protocol)
        if first is not protocol:
            message = f"waits for the same as {first.name}.toml: put their actions into one file, or give one an area"
            findings.fault(_file(protocol.name), FaultCode.DUPLICATE_TRIGGER, message, column="trigger")
    return tuple(kept.values())


def _file(name: str) -> str:
    return f"{FOLDER}/{name}.toml"


def _read(path: Path, ground: Ground, findings: Findings) -> WarningProtocol | None:
    file, before = _file(path.stem), len(findings.faults)
    text = read_text(path, file, findings)
    try:
        table = None if text is None else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        findings.fault(file, FaultCode.BAD_TOML, f"is not TOML: {error}")
        return None
    if table is None:
        return None
    if not _NAME.fullmatch(path.stem):
        findings.fault(file, FaultCode.BAD_ID, "name the file with letters, digits, _ and - only, at most 64")
    keys = Keys(table, "", findings, file=file)
    title = keys.text("name", required=True) or ""
    trigger = _read_trigger(keys, ground)
    cost, loss = _read_cost_loss(keys)
    actions = _read_actions(keys)
    window_h = keys.number("window_h", above=0.0)
    if window_h is not None and window_h > LONGEST_WINDOW_H:
        keys.bad("window_h", f"{window_h:g} is over {LONGEST_WINDOW_H:g} hours: longer than a surge is foreseen")
    keys.close()
    if trigger is None or len(findings.faults) > before:
        return None
    return WarningProtocol(path.stem, title, trigger, cost, loss, actions, window_h)


def _read_cost_loss(keys: Keys) -> tuple[float, float]:
    cost, loss = (keys.number(key, above=0.0) for key in ("cost", "loss"))
    for key, value in (("cost", cost), ("loss", loss)):
        if value is None and key not in keys.table:
            keys.missing(key, f"write {key} = 1000, in the same unit as the other")
    if cost is not None and loss is not None and cost >= loss:
        keys.bad("cost", f"acting in vain ({cost:g}) must cost less than not acting loses ({loss:g}), or it never pays")
    return cost or 1.0, loss or 2.0


def _read_trigger(keys: Keys, ground: Ground) -> Trigger | None:
    if keys.take("trigger") is None:
        keys.missing("trigger", 'write trigger = { kind = "surge" }')
        return None
    inner = keys.inner("trigger")
    kind = inner.text("kind", required=True)
    if kind is not None and kind not in tuple(TriggerKind):
        inner.bad("kind", f"{kind!r} is no trigger; known are {', '.join(TriggerKind)}")
        return None
    area, call_kind = _read_area(inner, ground), _read_call_kind(inner, ground)
    if area is not None and call_kind is not None:
        inner.bad("call_kind", "a trigger names an area or a kind of call, not both: counts would be too few to judge")
    if kind is None:
        return None
    if kind == TriggerKind.SURGE:
        inner.close()
        return Trigger(TriggerKind.SURGE, area, call_kind)
    return _read_demand(inner, area, call_kind)


def _read_demand(inner: Keys, area: AreaId | None, call_kind: str | None) -> Trigger:
    over = inner.whole("calls_over", default=-1, least=0, most=10**9)
    times = inner.number("times_usual", above=1.0)
    within_h = inner.whole("within_h", default=6, least=1, most=LONGEST_WITHIN_H)
    given = [key for key in ("calls_over", "times_usual") if key in inner.table]
    if not given:
        inner.missing("times_usual", "write times_usual = 1.5, or calls_over = 60")
    elif len(given) == 2:
        inner.bad("times_usual", "give calls_over or times_usual, not both")
    inner.close()
    return Trigger(TriggerKind.DEMAND, area, call_kind, over if over >= 0 else None, times, within_h)


def _read_area(inner: Keys, ground: Ground) -> AreaId | None:
    area = inner.text("area")
    if area is not None and ground.areas is not None and area not in ground.areas:
        inner.fault("area", FaultCode.UNKNOWN_AREA, f"{area!r} is no area of areas.geojson")
    return None if area is None else AreaId(area)


def _read_call_kind(inner: Keys, ground: Ground) -> str | None:
    kind = inner.text("call_kind")
    why = None if kind is None else refusal(kind)
    if kind is not None and why is not None:
        inner.fault("call_kind", FaultCode.REFUSED_KIND, f"{kind!r}: {why}")
    elif kind is not None and kind not in ground.kinds:
        inner.bad("call_kind", f"{kind!r} has no run card in pack.toml")
    return kind


def _read_actions(keys: Keys) -> tuple[Action, ...]:
    actions: list[Action] = []
    for inner in keys.each_of("actions"):
        name = inner.text("action", required=True)
        text = inner.text("text", required=True)
        role, minutes = inner.text("role"), inner.number("minutes", above=-1e-9)
        inner.close()
        if name is not None and not _NAME.fullmatch(name):
            inner.bad("action", f"{name!r} is no plain name: use letters, digits, _ and -")
        elif any(name == action.action for action in actions):
            inner.fault("action", FaultCode.DUPLICATE_ID, f"{name!r} occurs again: name each action once")
        elif name is not None and text is not None:
            actions.append(Action(name, text, role, minutes))
    return tuple(actions)
