"""The page of the settings, from `bootstrap_settings.Settings`."""

from __future__ import annotations

from dataclasses import fields

from tocsin.bootstrap_settings import SETTINGS_FILE, Settings

HEAD = f"""# Settings

Made by `tools/write_reference.py` from `tocsin.bootstrap_settings.Settings`. Change the code, then run
`make reference`.

`{SETTINGS_FILE}` in the folder in which a command is started may set what follows. Everything is optional, an option
on the command line goes before the file, and a key that nobody knows is an error that ends the command. What belongs
to a city stands in [its pack](city-pack.md) instead.

"""
EXAMPLE = """
```toml
port = 9000
speed = 60
```

From the environment Tocsin reads `SSH_CONNECTION`, `DISPLAY` and `WAYLAND_DISPLAY`, to find out whether `tocsin demo`
can open a browser, and nothing else.
"""
KINDS = {"int": "whole number", "float": "number", "str": "text", "SsoSettings | None": "table"}


def written() -> str:
    """The page as the file holds it."""
    rows = ["| key | type | default | meaning |\n| --- | --- | --- | --- |\n"]
    for field in fields(Settings):
        kind = KINDS[str(field.type)]
        if "low" in field.metadata:
            low, high = (f"{field.metadata[end]:,}".replace(",", " ") for end in ("low", "high"))
            kind = f"{kind}, {low} to {high}"
        rows.append(f"| `{field.name}` | {kind} | {field.default} | {field.metadata['meaning']} |\n")
    return "".join([HEAD, *rows, EXAMPLE])
