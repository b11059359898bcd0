"""What a gauge's forecast looks at: its own recent changes, rain in stores that leak, changes of other gauges."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tocsin.forecasting.streams.slopes import Slope, robust_slope

Floats = NDArray[np.float64]

BACK = (1, 4, 12, 24)
"""Steps over which the gauge's own changes are looked at."""
LED_BACK = (2, 4, 12)
"""The same for gauges that lead."""
HALF_LIVES = (4.0, 12.0, 32.0, 96.0)
"""Half-lives in steps of the stores that rain fills and time empties: one hour to a day at quarters of an hour.
Source: the linear reservoir, Nash 1957."""
SLOPE_STEPS = 9
USUAL_STEPS = 288
"""Half-life of what counts as the usual level: three days at quarters of an hour."""
LOWEST_STEPS = 1344
FALLS_KEPT = 400


@dataclass(frozen=True, slots=True)
class Leading:
    """A series that may lead. `rain`: depth per step; `level`: another gauge's level."""

    name: str
    kind: Literal["rain", "level"]


class Signals:
    """Features of the step under way, from readings up to it. A level that is missing is held at the last one known.

    The first `own` of `width` features are the gauge's own; `signs` signs of movement tell how wrong a forecast may be.
    """

    def __init__(self, leading: Sequence[Leading] = ()) -> None:
        self._rain = [one.name for one in leading if one.kind == "rain"]
        self._gauges = [_Back(one.name, LED_BACK) for one in leading if one.kind == "level"]
        self._level = _Back("", BACK)
        self._stores = np.zeros(len(HALF_LIVES))
        self._usual: float | None = None
        self.held = 0

    @property
    def own(self) -> int:
        return 2 + len(BACK)

    @property
    def width(self) -> int:
        return self.own + (1 + len(HALF_LIVES)) * bool(self._rain) + len(LED_BACK) * len(self._gauges)

    @property
    def signs(self) -> int:
        return 4 + 2 * bool(self._rain) + len(self._gauges)

    def take(self, level: float | None, leading: Mapping[str, float | None]) -> None:
        """One step on."""
        self.held = 0 if level is not None else self.held + 1
        self._level.take(level)
        if level is not None:
            usual = level if self._usual is None else self._usual
            self._usual = usual + (level - usual) * (1.0 - 0.5 ** (1.0 / USUAL_STEPS))
        for gauge in self._gauges:
            gauge.take(_finite(leading.get(gauge.name)))
        fallen = [depth for name in self._rain if (depth := _finite(leading.get(name))) is not None]
        keep = 0.5 ** (1.0 / np.array(HALF_LIVES))
        self._stores = keep * self._stores + (max(0.0, float(np.mean(fallen))) if fallen else 0.0)

    def features(self) -> Floats:
        """float64 (width,): 1, height above the usual level, own changes; rain stores and rain on wet ground; changes
        of the gauges that lead."""
        height = 0.0 if self._usual is None else self._level.last - self._usual
        parts = [np.array([1.0, height]), self._level.changes()]
        if self._rain:
            parts += [self._stores, np.array([self._stores[0] * self._stores[-1]])]
        return np.concatenate(parts + [gauge.changes() for gauge in self._gauges])

    def moving(self) -> Floats:
        """float64 (signs,), none negative: 1, own movement, rain that fell lately, movement of the gauges that lead."""
        own = np.abs(self._level.changes())
        rain = self._stores[:2] if self._rain else self._stores[:0]
        led = [np.max(np.abs(gauge.changes())) for gauge in self._gauges]
        return np.concatenate([[1.0], own[:3], rain, led])

    def slope(self, step: timedelta) -> Slope | None:
        """Robust rise per hour over the last two hours (at quarters of an hour)."""
        values = np.array(list(self._level.raw)[-SLOPE_STEPS:], np.float64)
        return robust_slope(np.arange(len(values), dtype=np.float64) * float(step / timedelta(hours=1)), values)


class _Back:
    """A level and its changes over a few spans; held where missing."""

    def __init__(self, name: str, back: Sequence[int]) -> None:
        self.name = name
        self._back = np.array(back)
        self._held: deque[float] = deque(maxlen=max(back) + 1)
        self.raw: deque[float] = deque(maxlen=SLOPE_STEPS)

    @property
    def last(self) -> float:
        return self._held[-1] if self._held else 0.0

    def take(self, level: float | None) -> None:
        self.raw.append(np.nan if level is None else level)
        if level is not None or self._held:
            self._held.append(self.last if level is None else level)

    def changes(self) -> Floats:
        """Change over each span, over what there is of it where the past is shorter."""
        if not self._held:
            return np.zeros(len(self._back))
        held = np.array(self._held)
        return np.asarray(held[-1] - held[np.maximum(len(held) - 1 - self._back, 0)], np.float64)


class Recession:
    """How fast the level falls when it falls: the half-life of its height above the lowest level of two weeks."""

    def __init__(self) -> None:
        self._levels: deque[float] = deque(maxlen=LOWEST_STEPS)
        self._falls: deque[float] = deque(maxlen=FALLS_KEPT)
        self._recent: deque[float | None] = deque(maxlen=5)

    def take(self, level: float | None) -> None:
        """One step on."""
        self._recent.append(level)
        if level is None:
            return
        self._levels.append(level)
        before = self._recent[0]
        if len(self._recent) == 5 and before is not None and level < before and len(self._levels) >= LOWEST_STEPS // 4:
            base = min(self._levels)
            if level - base > 0.1 * (max(self._levels) - base):
                self._falls.append(float(np.log((before - base) / (level - base))) / 4.0)

    def halves_in_h(self, step: timedelta) -> float | None:
        """Hours to half the height; None before a dozen hours of falling were seen."""
        if len(self._falls) < 48:
            return None
        rate = float(np.median(self._falls))
        return float(np.log(2.0) / rate * (step / timedelta(hours=1))) if rate > 0 else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None
