"""Who takes part: forecasters of the entry points `tocsin.forecasters`, ours and anybody's, and the rivals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from tocsin.bench.forecast.rivals import Contender, plain_rivals
from tocsin.bench.forecast.said import OWN, Said, of_demand
from tocsin.errors import BadSettings
from tocsin.forecasting.protocol import Forecaster, History

GROUP = "tocsin.forecasters"
ADD = "make extras"
"""Adds the libraries in a checkout; elsewhere: pip install 'tocsin[rivals]'."""


@dataclass(frozen=True)
class PlugIn:
    """A forecaster as anybody may bring one: learned from nothing at each origin, judged by its own law."""

    name: str
    new: Callable[[], Forecaster]

    def say(self, history: History, horizon: int) -> dict[str, Said]:
        return {OWN: of_demand(self.new().learn(history).forecast(history.until, horizon))}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A model that could not take part, why, and what adds it."""

    name: str
    why: str
    add: str | None = None


def contenders(history: History, asked: Sequence[str] = ()) -> tuple[list[Contender], list[LeftOut]]:
    """All that can run, ours first. `asked`: only these. Raises: BadSettings for a name that nobody has."""
    found: list[Contender] = []
    left_out: list[LeftOut] = []
    for point in sorted(entry_points(group=GROUP), key=lambda p: (not p.name.startswith("tocsin"), p.name)):
        loaded = _loaded(point)
        if isinstance(loaded, LeftOut):
            left_out.append(loaded)
        else:
            found.append(loaded)
    found += plain_rivals(history)
    if not asked:
        return found, left_out
    names = [one.name for one in found] + [one.name for one in left_out]
    for name in asked:
        if name not in names:
            raise BadSettings(f"--models: there is no {name!r}; there are: {', '.join(names)}")
    return [one for one in found if one.name in asked], [one for one in left_out if one.name in asked]


def _loaded(point: EntryPoint) -> PlugIn | LeftOut:
    try:
        return PlugIn(point.name, point.load())
    except (ImportError, AttributeError) as error:
        return LeftOut(point.name, f"cannot be loaded: {error}")
