"""The page of events and commands, from the contract in `tocsin.model`."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import get_args

from tools.reference.reading import Field, Told, classes_of, line

from tocsin.model import alarms, commands, events, forecast, marks, origin, place, plan, warnings

HEAD = """# Events and commands

Made by `tools/write_reference.py` from `tocsin.model`. Change the code, then run `make reference`.

Everything that happens is an event in the log, and the picture is the fold of the events. A command asks for
something; the writer turns it into events. Events carry no exact place and no name. Times are UTC, names of units end
a field's name (`delay_s`, `distance_m`).

## What every event has in the log

"""
COMMANDS = """
## Commands

Imperative, from people, feeds and the desk's own workers. Every command has an `id` and an `origin`; an id that the
log knows already changes nothing. Their other fields mean what they mean in the event that comes of them.
"""
VALUES = """
## Values

What events and commands carry.
"""
CARRIED: dict[ModuleType, tuple[str, ...]] = {
    origin: ("Origin", "Mode"),
    place: ("Point",),
    marks: ("Mark",),
    forecast: ("Demand",),
    plan: (),
    alarms: ("Alarm", "AlarmKind"),
    warnings: ("Warned", "WarningKind", "WarningState", "Threshold", "Impact", "Evidence", "Action", "Figures"),
    events: ("Payload",),
}
"""By module; without names, all of its classes."""


def written() -> str:
    """The page as the file holds it."""
    kept, asked = classes_of(events), classes_of(commands)
    parts = [HEAD, *_table(kept["Recorded"]), "\n## Events\n"]
    for kind in get_args(events.Event):
        parts += _section(kept[kind.__name__])
    parts.append(COMMANDS)
    for kind in get_args(commands.Command):
        parts += _section(replace(asked[kind.__name__], fields=_own(asked[kind.__name__])))
    parts.append(VALUES)
    for module, names in CARRIED.items():
        for name in names or classes_of(module):
            parts += _section(classes_of(module)[name])
    return "".join(parts)


def _own(command: Told) -> tuple[Field, ...]:
    return tuple(field for field in command.fields if field.name not in ("id", "origin"))


def _section(told: Told) -> list[str]:
    return [f"\n### {told.name}\n\n{line(told.meaning)}\n\n", *_table(told)]


def _table(told: Told) -> list[str]:
    if told.bases == ("StrEnum",):
        rows = [f"| `{field.default}` | {line(field.meaning)} |\n".replace("'", "") for field in told.fields]
        return ["| value | meaning |\n| --- | --- |\n", *rows]
    if not any(field.meaning for field in told.fields):
        rows = [f"| `{f.name}` | `{line(f.kind)}` | {_default(f.default)} |\n" for f in told.fields]
        return ["| field | type | default |\n| --- | --- | --- |\n", *rows]
    rows = [f"| `{f.name}` | `{line(f.kind)}` | {_default(f.default)} | {line(f.meaning)} |\n" for f in told.fields]
    return ["| field | type | default | meaning |\n| --- | --- | --- | --- |\n", *rows]


def _default(default: str | None) -> str:
    return "" if default is None else f"`{default}`"
