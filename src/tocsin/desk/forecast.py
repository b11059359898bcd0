"""The verb *forecast*: on every full hour, demand for the next 24 hours from what has been seen so far."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tocsin.forecasting.demand.kinds import with_kinds
from tocsin.forecasting.demand.weather import weather_of
from tocsin.forecasting.protocol import Forecaster, History, first_hour, history_of
from tocsin.model.city import City
from tocsin.model.commands import Command, KeepForecast
from tocsin.model.ids import CommandId
from tocsin.model.origin import Mode, Origin
from tocsin.situation.picture import Situation

HORIZON_H = 24


class ForecastDesk:
    """Issues a forecast when the newest one was issued before the last full hour.

    Args:
        since: when the feed began; an hour that it saw only in part is not learned from.
    """

    def __init__(self, city: City, mode: Mode, forecaster: Forecaster, *, since: datetime | None) -> None:
        self._city = city
        self._since = since
        self._forecaster = forecaster
        self._weather = weather_of(city.weather)
        self._origin = Origin(actor="desk:forecast", role="desk", purpose="emergency_response", mode=mode)

    def due(self, situation: Situation, now: datetime) -> list[Command]:
        """The command that keeps the forecast of this hour, or nothing."""
        hour = now - timedelta(seconds=now.timestamp() % 3600)
        if situation.demand is not None and situation.demand.issued >= hour:
            return []
        self._forecaster = self._forecaster.learn(self.history(situation, now))
        demand = self._forecaster.forecast(hour, HORIZON_H)
        demand = with_kinds(demand, situation.arrivals, self._city.timezone)
        return [
            KeepForecast(
                id=CommandId(f"forecast/{hour:%Y-%m-%dT%H}"),
                origin=self._origin,
                based_on=situation.seq,
                demand=demand,
            )
        ]

    @property
    def seen_from(self) -> datetime | None:
        """The first hour that the feed saw from its beginning; None where that follows from the first call."""
        return None if self._since is None else first_hour(self._since)

    def history(self, situation: Situation, now: datetime) -> History:
        """What may be learned from at `now`."""
        counts = history_of(situation.arrivals, tuple(self._city.areas), self._city.timezone, now, since=self._since)
        return replace(counts, country=self._city.country, subdivision=self._city.subdivision, weather=self._weather)
