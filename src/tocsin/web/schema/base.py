"""Names and shapes that everything else is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


def _in_utc(time: datetime) -> datetime:
    """The same moment in UTC; one that lies beyond the calendar there is refused."""
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("Input lies beyond the calendar in UTC") from error


Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time that comes in: with its zone, kept in UTC."""
Position = Annotated[list[float], Field(min_length=2, max_length=2)]
Service = Literal["fire", "medical", "rescue", "hazmat", "utility", "traffic", "weather"]
MarkName = Literal["dispatched", "en_route", "on_scene", "transporting", "at_hospital", "available"]
StatusName = Literal[
    "off_duty",
    "available_at_station",
    "available_posted",
    "available_place_unknown",
    "dispatched",
    "en_route",
    "on_scene",
    "transporting",
    "at_hospital",
    "returning",
    "out_of_service",
]
ModeName = Literal["live", "replay", "exercise"]
AlarmLevel = Literal[1, 2, 3]
NumberCode = Literal["no_unit", "past_target", "free", "in_time", "next_hour"]
NumberUnit = Literal["count", "percent"]
NumberLevel = Literal["amber", "vermilion"]
FactorCode = Literal["usual", "recent", "shape_prior", "wide_prior"]


class Out(BaseModel):
    """Base of everything that goes out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class In(BaseModel):
    """Base of everything that comes in: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")


class Sentence(Out):
    """A sentence as data: `code` names it in the catalogues, `values` fill its gaps, `text` is English."""

    code: str
    values: dict[str, str | float | int]
    text: str


class Band(Out):
    """An interval of a forecast of counts: whole calls, both ends inside."""

    low: int
    high: int
