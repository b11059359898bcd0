"""What a house may set in `tocsin.toml`: read once, checked, frozen."""

from __future__ import annotations

import tomllib
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from tocsin.bootstrap_identity import SsoSettings, check_public_url, read_sso
from tocsin.errors import BadSettings

SETTINGS_FILE = "tocsin.toml"
WARNING_PROBABILITY = 0.8


def _setting(default: float, low: float, high: float, meaning: str) -> Any:
    """A field of `Settings`: `low` to `high`, ends included. Its meaning is what the reference page says."""
    return field(default=default, metadata={"low": low, "high": high, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a house may set in `tocsin.toml`, all optional; the command line goes before it."""

    port: int = _setting(8765, 0, 65535, "Port on loopback at which the console is served; 0 takes a free one.")
    speed: float = _setting(10.0, 0.001, 3600.0, "Speed at which `demo` starts to play, desk seconds a second.")
    max_speed: float = _setting(3600.0, 0.001, 3600.0, "The highest speed that `demo --speed` takes.")
    seed: int = _setting(
        20170101, 0, 2**63 - 1, "Seed of every draw: noted in each plan, and of the randomised PIT of `replay`."
    )
    warning_probability: float = _setting(
        WARNING_PROBABILITY,
        0.01,
        0.999,
        "Probability from which a warning is proposed where no protocol of the pack states cost and loss.",
    )
    moves_per_h: int = _setting(
        4, 0, 100, "Move-ups that may be accepted within an hour before no more are proposed; 0 proposes none."
    )
    empty_min_per_h: float = _setting(
        40.0, 0.0, 1000.0, "Minutes of empty driving within an hour after which no more move-ups are proposed."
    )
    session_idle_min: int = _setting(60, 5, 1440, "Minutes without a request after which a session is over.")
    session_h: int = _setting(12, 1, 24, "Hours after which a session is over in any case.")
    privacy_epsilon_a_day: float = _setting(
        3.0, 0.01, 100.0, "Privacy budget of each day of data: what noisy counts of it may spend in all."
    )
    public_url: str = field(
        default="",
        metadata={
            "meaning": "Address that browsers see where a proxy with TLS stands before `serve`, such as "
            "`https://desk.city.example`; empty: there is none, and it answers on loopback only."
        },
    )
    proxy: str = field(
        default="127.0.0.1",
        metadata={"meaning": "Address of that proxy: its `X-Forwarded-For` is believed, nobody else's."},
    )
    sso: SsoSettings | None = field(
        default=None,
        metadata={"meaning": "Table of the single sign-on: see [how to set it up](../how-to/single-sign-on.md)."},
    )


def read_settings(folder: Path) -> Settings:
    """Settings from `tocsin.toml` in `folder`, or the defaults.

    Raises: BadSettings naming the key, also for keys that nobody knows.
    """
    path = folder / SETTINGS_FILE
    if not path.is_file():
        return Settings()
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"{path.name} cannot be read ({error.strerror}): make it readable, or remove it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path.name}: {error}") from error
    known = {f.name: f for f in fields(Settings)}
    for key, value in found.items():
        if key not in known:
            raise BadSettings(f"{path.name}: nobody knows `{key}`; known are {', '.join(sorted(known))}")
        if key == "sso":
            found[key] = read_sso(value, path.name)
        elif known[key].type == "str":
            found[key] = _checked_text(path.name, key, value)
        else:
            _check_setting(path.name, known[key], value)
    return Settings(**found)


def _checked_text(file: str, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadSettings(f"{file}: `{key}` must be a text, not {value!r}")
    return check_public_url(value, f"{file}: `{key}`") if key == "public_url" else value


def _check_setting(file: str, known: Field[Any], value: object) -> None:
    whole = known.type == "int"
    low, high = known.metadata["low"], known.metadata["high"]
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise BadSettings(f"{file}: `{known.name}` must be {kind} from {low} to {high}, not {value!r}")
