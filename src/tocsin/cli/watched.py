"""What `tocsin detect` watches beside anomalies: counts for outbreaks, a gauge's level for its threshold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any

from tocsin.cli.show import ERRORS
from tocsin.errors import BadSettings

if TYPE_CHECKING:
    from tocsin.forecasting.streams.gauges import Outlook
    from tocsin.forecasting.streams.protocol import Stream

SPAN = re.compile(r"(\d+)\s*(min|h|d)")
UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
HOUR = timedelta(hours=1)


def span(text: str, option: str) -> timedelta:
    """`15min`, `6h` or `7d`."""
    found = SPAN.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        raise BadSettings(f"{option}: {text!r} is no span of time, such as 15min, 6h or 7d")
    return int(found[1]) * UNITS[found[2]]


@dataclass(frozen=True)
class Watched:
    """A stream that stands in place of a detector's, and what it is called."""

    name: str
    stream: Stream
    unit: str = ""
    """Of a gauge's level, as people read it."""

    def as_json(self) -> dict[str, Any]:
        """What there is to say after the last reading, for programs."""
        return {"outlook": outlook_json(self._outlook())} if self._gauge else {}

    def say(self) -> None:
        """The same for people."""
        if self._gauge:
            say_outlook(self._outlook(), self.unit)

    def lines(self) -> list[str]:
        """The same for a page."""
        return outlook_lines(self._outlook(), self.unit) if self._gauge else []

    @property
    def how_to_read(self) -> str:
        """What score and alarm stand for."""
        if self._gauge:
            return "The score is the probability that the level reaches the threshold within the horizon."
        return f"The readings are counts; the score and the alarm are those of {self.name}."

    @property
    def threshold(self) -> float | None:
        """The level that is watched for; None for counts."""
        from tocsin.forecasting.streams.threshold import ThresholdStream

        return self.stream.threshold if isinstance(self.stream, ThresholdStream) else None

    @property
    def _gauge(self) -> bool:
        return self.name == "threshold"

    def _outlook(self) -> Outlook | None:
        from tocsin.forecasting.streams.threshold import ThresholdStream

        return self.stream.outlook() if isinstance(self.stream, ThresholdStream) else None


def find_watched(
    method: str | None, every: str | None, threshold: float | None, horizon: str, unit: str = ""
) -> Watched | None:
    """What these options ask for; None where they ask for no other than the detector."""
    if method is not None and threshold is not None:
        raise BadSettings("--method looks for outbreaks in counts, --threshold watches a level: give one of them")
    if threshold is not None:
        from tocsin.forecasting.streams.threshold import ThresholdStream

        if not isfinite(threshold):
            raise BadSettings(f"--threshold: {threshold:g} is no level")
        return Watched("threshold", ThresholdStream(threshold, span(horizon, "--horizon")), unit)
    return None if method is None else Watched(method, _counts(method, every))


def _counts(method: str, every: str | None) -> Stream:
    from tocsin.forecasting.outbreaks.stream import OutbreakStream
    from tocsin.forecasting.outbreaks.watch import METHODS

    if method not in METHODS:
        raise BadSettings(f"--method: {method!r} is none of {', '.join(METHODS)}")
    if every is None:
        raise BadSettings("--method counts per day or per week: say --every 1d or --every 7d")
    try:
        return OutbreakStream(method, span(every, "--every"))
    except ValueError as error:
        raise BadSettings(str(error)) from error


def outlook_json(outlook: Outlook | None) -> dict[str, Any] | None:
    """A gauge's outlook for programs; times in hours, None where nothing can be said."""
    if outlook is None:
        return None
    times = outlook.time_to or (None, None, None)
    names = ("early", "middle", "late")
    return {
        "at": outlook.at.isoformat(),
        "level": outlook.level,
        "threshold": outlook.threshold,
        "slope_per_h": None if outlook.slope is None else dict(outlook.slope._asdict()),
        "passes_within_h": {f"{hours:g}": outlook.passes_within(hours * HOUR) for hours in _hours(outlook)},
        "time_to_h": {name: None if t is None else t / HOUR for name, t in zip(names, times, strict=True)},
        "halves_in_h": outlook.halves_in_h,
    }


def _hours(outlook: Outlook) -> list[float]:
    """Within how many hours it is said: no longer than the horizon, and that itself."""
    horizon_h = len(outlook.expected) * outlook.step / HOUR
    return [*(hours for hours in (1.0, 2.0, 3.0, 6.0) if outlook.step <= hours * HOUR < horizon_h * HOUR), horizon_h]


def say_outlook(outlook: Outlook | None, unit: str = "") -> None:
    """The same in three lines, on standard error."""
    for line in outlook_lines(outlook, unit):
        ERRORS.print(line, markup=False)


def outlook_lines(outlook: Outlook | None, unit: str = "") -> list[str]:
    """What there is to say of a level, a sentence a line; `unit` is the gauge's own, as people write it."""
    if outlook is None:
        return ["nothing can be said: too few readings, or the level is missing"]
    slope, mark = outlook.slope, f" {unit}" if unit else ""
    rise = "" if slope is None else f", {slope.per_h:+.3g}{mark} an hour ({slope.low:+.3g} to {slope.high:+.3g})"
    lines = [f"level {outlook.level:g}{mark} at {outlook.at:%Y-%m-%d %H:%M} UTC{rise}"]
    if outlook.passes is None or outlook.time_to is None:
        return [*lines, f"{outlook.threshold:g}{mark}: too few readings for a probability"]
    chances = [(h, outlook.passes_within(h * HOUR)) for h in _hours(outlook)]
    said = ", ".join(f"{chance:.0%} within {hours:g} h" for hours, chance in chances if chance is not None)
    lines.append(f"{outlook.threshold:g}{mark} reached: {said}")
    if all(time is None for time in outlook.time_to):
        return [*lines, "time to it: later than the horizon, even in one case of ten"]
    early, middle, late = ("after the horizon" if t is None else f"{t / HOUR:g} h" for t in outlook.time_to)
    return [*lines, f"time to it: {middle}; early (one in ten) {early}, late (nine in ten) {late}"]
