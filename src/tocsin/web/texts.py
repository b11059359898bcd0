"""English sentences from `texts/en.toml`. Other languages are the console's: it gets code and values as well.

A gap is `{name}` or `{name:format}`:

| format | gives |
| --- | --- |
| `mss` | a duration in seconds as m:ss, or h:mm:ss from an hour on |
| `pct` | a share 0..1 as whole percent |
| `min` | a duration in seconds as whole minutes |
| `many` | a noun in the plural |
| `low`, `manylow` | a noun inside a sentence, and in the plural |
| `,` | a whole number with its thousands set apart |
| `one word\\|# words` | the left for 1, else the right with the number for `#` |
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from tocsin.errors import NotFound
from tocsin.web.schema import Sentence

Value = str | float | int


@cache
def catalogue() -> Mapping[str, str]:
    """Code to pattern."""
    text = resources.files("tocsin").joinpath("texts", "en.toml").read_text(encoding="utf-8")
    return {str(code): str(pattern) for code, pattern in tomllib.loads(text).items()}


def render(code: str, values: Mapping[str, Value]) -> str:
    """The sentence in English.

    Raises: NotFound when the catalogue does not have the code or `values` lacks a gap.
    """
    pattern = catalogue().get(code)
    if pattern is None:
        raise NotFound(f"texts/en.toml has no sentence {code!r}")
    try:
        return _FORMATTER.vformat(pattern, (), dict(values))
    except (KeyError, ValueError, TypeError) as error:
        raise NotFound(f"sentence {code!r} cannot be filled from {dict(values)!r}: {error}") from error


def sentence(code: str, **values: Value) -> Sentence:
    """A sentence of this side's own; its code must be in the catalogue."""
    return Sentence(code=code, values=values, text=render(code, values))


def find_sentence(code: str, values: Mapping[str, Value]) -> Sentence:
    """A sentence whose code came from a plug-in or from the log: in words of the code where nobody wrote it yet."""
    try:
        text = render(code, values)
    except NotFound:
        text = code.replace("_", " ").capitalize()
    return Sentence(code=code, values=dict(values), text=text)


def minutes_seconds(seconds: float) -> str:
    """`1:27`, `12:05`, `1:02:03`. Never negative."""
    whole = max(0, int(seconds))
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"


def percent(share: float) -> str:
    """`87 %`."""
    return f"{round(share * 100)} %"


def plural(noun: str) -> str:
    """A regular English plural; a name that ends in s stays."""
    if noun.endswith(("ch", "sh", "x", "z")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in ("a", "e", "i", "o", "u", ""):
        return noun[:-1] + "ies"
    return noun if noun.endswith("s") else noun + "s"


def in_sentence(noun: str) -> str:
    """A noun inside a sentence: `Engine` becomes `engine`, `ALS unit` stays."""
    return noun if noun[1:2].isupper() else noun[:1].lower() + noun[1:]


class _Formatter(string.Formatter):
    def get_field(self, field_name: str, _args: Any, kwargs: Any) -> tuple[Any, str]:
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, str) and format_spec == ",":
            return value
        if format_spec == "mss":
            return minutes_seconds(float(value))
        if format_spec == "pct":
            return percent(float(value))
        if format_spec == "min":
            return str(round(float(value) / 60))
        if format_spec in _WORDS:
            return _WORDS[format_spec](str(value))
        if "|" in format_spec:
            one, other = format_spec.split("|", 1)
            return one if value == 1 else other.replace("#", f"{value:g}" if isinstance(value, float) else str(value))
        return format(value, format_spec)


_WORDS: Mapping[str, Callable[[str], str]] = {
    "many": plural,
    "low": in_sentence,
    "manylow": lambda noun: plural(in_sentence(noun)),
}
_FORMATTER = _Formatter()
