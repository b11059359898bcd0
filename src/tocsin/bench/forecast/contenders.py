"""Who takes part: forecasters of the entry points `tocsin.forecasters`, ours and anybody's, and the rivals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from tocsin.adapters.forecasters.clock import by_the_clock
from tocsin.adapters.forecasters.heads import RealForecaster, week_dispersions
from tocsin.adapters.forecasters.lightgbm import LightGbmModel
from tocsin.adapters.forecasters.mlforecast import MlForecastModel
from tocsin.adapters.forecasters.statsforecast import StatsForecastModel
from tocsin.bench.forecast.rivals import Contender, Heads, plain_rivals
from tocsin.bench.forecast.said import OWN, heads_of, of_demand
from tocsin.errors import BadSettings
from tocsin.forecasting.protocol import DAY, Forecaster, History

GROUP = "tocsin.forecasters"
ADD = "make extras"
"""Adds the libraries in a checkout; elsewhere: pip install 'tocsin[rivals]'."""


@dataclass(frozen=True)
class PlugIn:
    """A forecaster as anybody may bring one: learned from nothing at each origin, judged by its own law."""

    name: str
    new: Callable[[], Forecaster]

    def say(self, history: History, horizon: int) -> Heads:
        demand = self.new().learn(history).forecast(history.until, horizon)
        return lambda: {OWN: of_demand(demand)}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A model that could not take part, why, and what adds it."""

    name: str
    why: str
    add: str | None = None


@dataclass(frozen=True)
class Library:
    """A model of a library, with every head; it is given the city's own clock."""

    name: str
    model: RealForecaster

    def say(self, history: History, horizon: int) -> Heads:
        reals = by_the_clock(self.model.reals, history, horizon)
        return lambda: heads_of(reals, week_dispersions(history))


def contenders(history: History, asked: Sequence[str] = ()) -> tuple[list[Contender], list[LeftOut]]:
    """All that can run, ours first. `asked`: only these. Raises: BadSettings for a name that nobody has."""
    found: list[Contender] = []
    left_out: list[LeftOut] = []
    plugged = [_loaded(point) for point in _points()]
    for one in (*plugged, *plain_rivals(history), *_libraries(history)):
        if isinstance(one, LeftOut):
            left_out.append(one)
        else:
            found.append(one)
    if not asked:
        return found, left_out
    names = [one.name for one in found] + [one.name for one in left_out]
    for name in asked:
        if name not in names:
            raise BadSettings(f"--models: there is no {name!r}; there are: {', '.join(names)}")
    return [one for one in found if one.name in asked], [one for one in left_out if one.name in asked]


def _points() -> list[EntryPoint]:
    """Ours first. The plug-ins around libraries are left to `_libraries`, which runs each of their models by name."""
    found = [p for p in entry_points(group=GROUP) if not p.value.startswith("tocsin.adapters.")]
    return sorted(found, key=lambda p: (not p.name.startswith("tocsin"), p.name))


def _loaded(point: EntryPoint) -> PlugIn | LeftOut:
    try:
        return PlugIn(point.name, point.load())
    except (ImportError, AttributeError) as error:
        return LeftOut(point.name, f"cannot be loaded: {error}")


def _libraries(history: History) -> list[Library | LeftOut]:
    makers: dict[str, Callable[[], RealForecaster]] = {
        "seasonal-naive": lambda: StatsForecastModel("SeasonalNaive"),
        "autoets": lambda: StatsForecastModel("AutoETS"),
    }
    if history.step == DAY:
        makers["theta"] = lambda: StatsForecastModel("DynamicOptimizedTheta")
    else:
        makers["mstl"] = lambda: StatsForecastModel("MSTL")
        makers["croston-sba"] = lambda: StatsForecastModel("CrostonSBA")
    makers["mlforecast"] = MlForecastModel
    makers["lightgbm"] = LightGbmModel
    makers["lightgbm-quantiles"] = lambda: LightGbmModel(by_quantile=True)
    return [_library(name, make) for name, make in makers.items()]


def _library(name: str, make: Callable[[], RealForecaster]) -> Library | LeftOut:
    try:
        return Library(name, make())
    except ImportError as error:
        return LeftOut(name, str(error), ADD)
