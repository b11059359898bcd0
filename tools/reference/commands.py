"""The page of the command line, from the commands themselves."""

from __future__ import annotations

from types import UnionType
from typing import Any, get_args

import typer
from tools.reference.reading import line

from tocsin.cli import app

HEAD = """# The command line

Made by `tools/write_reference.py` from the commands themselves. Change the code, then run `make reference`. In a clone
`tocsin` is `.venv/bin/tocsin`. The examples follow each other, in a folder of their own.

PACK is a folder that holds `pack.toml`, or the name of a pack that ships with Tocsin (`san_francisco`). A command ends
with status 0 when it did its work, 2 with one sentence on standard error when something cannot be, 130 after Ctrl+C.
Progress bars and errors go to standard error; tables and `--json` to standard output. `tocsin.toml` in the folder in
which a command is started may set [defaults](settings.md).

"""

EXAMPLES = {
    "demo": "tocsin demo --speed 60",
    "new": "tocsin new town",
    "check": "tocsin check town",
    "serve": "tocsin serve town --data town-data",
    "replay": "tocsin replay town --until 2024-04-29T06:00 --data town-log",
    "export": "tocsin export --data town-log --out facts",
}
"""In the order of a first visit."""

NOT_RUN = frozenset({"demo"})
"""Takes a while; browser tests start it."""

MORE = {
    "demo": "The log is kept under `.tocsin/demo` in the folder where the command is started; the first start runs the "
    "feed up to the pack's `[demo] start`. Prints `Tocsin is ready at URL`. Ends with Ctrl+C.",
    "new": "The same bytes every time.",
    "check": "With `--json`: `{ok, faults: [{file, row, column, code, message}], warnings, coverage}`; row 0 is the "
    "first data row.",
    "serve": "Prints three lines: the address, the token for writes, and a link that lets a browser write. Ends with "
    "Ctrl+C (status 130) or SIGTERM (status 0); in both cases what waits is made durable first.",
    "replay": "The log stays in memory without `--data`. With `--data`, a second run goes on from the end of the log: "
    "what the log holds is not added again, and scores cover only what this run ran through. Times without an offset "
    "are local in the pack's time zone.",
    "export": "What each file holds, and what is left out, stands in the `README.md` that is written beside them.",
}
NAMES = {"str": "text", "int": "whole number", "float": "number", "Path": "path", "bool": "switch"}


def written() -> str:
    """The page as the file holds it."""
    found = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    parts = [HEAD, "| command | what |\n| --- | --- |\n"]
    parts += [f"| [`tocsin {name}`](#tocsin-{name}) | {line(found[name].help or '')} |\n" for name in EXAMPLES]
    for name, example in EXAMPLES.items():
        parts += _command(name, found[name], example)
    return "".join(parts)


def _command(name: str, command: Any, example: str) -> list[str]:
    fence = ("text", "") if name in NOT_RUN else ("console", "$ ")
    return [
        f"\n## tocsin {name}\n\n{line(command.help or '')} {MORE[name]}\n",
        "\n| | type | default | meaning |\n| --- | --- | --- | --- |\n",
        *(_parameter(parameter) for parameter in command.params),
        f"\n```{fence[0]}\n{fence[1]}{example}\n```\n",
    ]


def _parameter(parameter: Any) -> str:
    shown = " / ".join([*parameter.opts, *parameter.secondary_opts])
    if parameter.param_type_name == "argument":
        shown = (parameter.metavar or parameter.name).upper()
    return f"| `{shown}` | {_kind(parameter)} | {_default(parameter)} | {line(parameter.help or '')} |\n"


def _kind(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    if isinstance(annotation, UnionType):
        annotation = get_args(annotation)[0]
    kind = NAMES[annotation.__name__]
    if parameter.min is None and parameter.max is None:
        return kind
    return f"{kind}, {parameter.min} to {parameter.max}"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "must be given"
    if isinstance(parameter.default, bool):
        return _switch(parameter)
    return "" if parameter.default is None else f"`{parameter.default}`"


def _switch(parameter: Any) -> str:
    if parameter.secondary_opts:
        return f"`{parameter.opts[0] if parameter.default else parameter.secondary_opts[0]}`"
    return "on" if parameter.default else "off"
