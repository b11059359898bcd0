"""What every `Detector` must keep.

```python
from tocsin.conformance.detector import PROMISES

@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_my_detector(promise):
    promise(MyDetector)
```

Each promise takes a function that makes a detector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import inf, nan
from typing import Final, TypeAlias

import numpy as np

from tocsin.conformance.promise import expect
from tocsin.forecasting.streams.protocol import LINE, Detector, Flag, Scored, Stream

NewDetector: TypeAlias = Callable[[], Detector]
Reading: TypeAlias = tuple[datetime, float | None]

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
STEP: Final = timedelta(minutes=5)
MANY: Final = 1e7
NOISY: Final = 10_000
"""Readings of noise without an event; on average at most one alarm in `QUIET` of them."""
QUIET: Final = 1000
HUGE: Final = (1e300, -1e300, 1e-300, 0.0, -0.0)


def _every(values: Iterable[float | None], step: timedelta = STEP, start: datetime = START) -> list[Reading]:
    return [(start + i * step, value) for i, value in enumerate(values)]


def _noise(count: int, seed: int = 5) -> list[float]:
    drawn = np.random.default_rng(seed).normal(20.0, 2.0, count)
    return [round(float(value), 3) for value in drawn]


def _day(count: int, seed: int = 6) -> list[float]:
    """A course of the day with noise."""
    wave = 50.0 + 30.0 * np.sin(np.arange(count) * 2.0 * np.pi / 288.0)
    return [float(value) for value in wave + np.random.default_rng(seed).normal(0.0, 1.0, count)]


def _watch(stream: Stream, readings: Sequence[Reading]) -> list[Scored]:
    said = [stream.take(at, value) for at, value in readings]
    for scored in said:
        expect(0.0 <= scored.score <= 1.0, "a score is from 0 to 1 and never NaN")
        expect(isinstance(scored.flag, Flag), "a flag is one of those of the protocol")
        expect(not scored.alarm or scored.score >= LINE, "an alarm stands at or above the line")
    return said


def _said(new: NewDetector, readings: Sequence[Reading]) -> list[Scored]:
    return _watch(new().begin(), readings)


def sees_no_future(new: NewDetector) -> None:
    readings = _every(_day(1500))
    whole = _said(new, readings)
    planted = [*readings[:900], *_every([MANY] * 600, start=readings[900][0])]
    expect(_said(new, planted)[:900] == whole[:900], "what comes later does not change what was said")
    for cut in (0, 1, 2, 99, 100, 101, 777):
        expect(_said(new, readings[:cut]) == whole[:cut], "a stream cut short says the same up to the cut")


def comes_again_the_same(new: NewDetector) -> None:
    readings = _every(_day(600))
    detector = new()
    first = _watch(detector.begin(), readings)
    expect(_watch(detector.begin(), readings) == first, "every `begin` starts afresh")
    expect(_said(new, readings) == first, "the same readings give the same scores")


def keeps_streams_apart(new: NewDetector) -> None:
    detector = new()
    one, other = detector.begin(), detector.begin()
    calm, wild = _every(_noise(400)), _every([MANY * (i % 7) for i in range(400)])
    said = []
    for reading, loud in zip(calm, wild, strict=True):
        said.append(one.take(*reading))
        other.take(*loud)
    expect(said == _said(new, calm), "one stream knows nothing of another")


def survives_missing_values(new: NewDetector) -> None:
    for hole in (None, nan, inf, -inf):
        values: list[float | None] = list(_noise(600))
        values[200:260] = [hole] * 60
        said = _said(new, _every(values))
        expect(all(s.score == 0.0 and not s.alarm for s in said[200:260]), "a missing value is no anomaly")
        expect(all(not s.flag.usable for s in said[200:260]), "a missing value is flagged")
        expect(not any(s.alarm for s in said[260:270]), "after a hole as before it nothing is unusual")
    said = _said(new, _every([None] * 50))
    expect(all(s.score == 0.0 and not s.alarm for s in said), "nothing but missing values says nothing")


def survives_constants(new: NewDetector) -> None:
    for value in (0.0, 45.0, -3.5, MANY):
        said = _said(new, _every([value] * 2000))
        expect(not any(s.alarm for s in said), "a constant gives no alarm")


def survives_huge_values(new: NewDetector) -> None:
    _said(new, _every([value for _ in range(60) for value in HUGE]))
    small, large = _noise(800), [MANY + value for value in _noise(800)]
    calm = [s.alarm for s in _said(new, _every(large))]
    expect(sum(calm) <= sum(s.alarm for s in _said(new, _every(small))) + 1, "counts of 10⁷ are as calm as small ones")


def survives_clocks(new: NewDetector) -> None:
    values = _noise(500)
    steps = [STEP] * 500
    steps[150], steps[200], steps[250], steps[300] = -STEP * 40, timedelta(0), timedelta(days=400), -timedelta(days=400)
    at, readings = START, []
    for step, value in zip(steps, values, strict=True):
        at += step
        readings.append((at, value))
    said = _said(new, readings)
    for fault in (150, 200, 250, 300):
        expect(not said[fault].alarm, "a clock that errs is no anomaly of the value")
        expect(not said[fault].flag.usable, "a clock that errs is flagged")
    expect(said[-1].flag is Flag.OK, "no clock locks a stream out")


def survives_irregular_steps(new: NewDetector) -> None:
    generator = np.random.default_rng(9)
    at, readings = START, []
    for value in _noise(1500):
        at += timedelta(seconds=float(generator.exponential(300.0)) + 0.001)
        readings.append((at, value))
    expect(sum(s.alarm for s in _said(new, readings)) <= 3, "irregular steps alone are no anomaly")


def is_quiet_on_noise(new: NewDetector) -> None:
    for values in (_noise(NOISY), _day(NOISY)):
        alarms = sum(s.alarm for s in _said(new, _every(values)))
        expect(alarms <= NOISY // QUIET, f"noise gives at most one alarm in {QUIET} readings, not {alarms}")


def finds_a_gross_jump(new: NewDetector) -> None:
    for values, jump in ((_noise(1200), 40.0), (_day(1200), 200.0), (_noise(1200), -40.0)):
        changed = [value + (jump if i >= 1000 else 0.0) for i, value in enumerate(values)]
        said = _said(new, _every(changed))
        expect(any(s.alarm for s in said[1000:1012]), "a gross jump is told within an hour of readings")


def says_an_event_once(new: NewDetector) -> None:
    values = _noise(1400)
    for i in range(1000, 1040):
        values[i] += 60.0
    said = _said(new, _every(values))
    expect(sum(s.alarm for s in said[1000:1040]) == 1, "one event gives one alarm")


PROMISES: Final[tuple[Callable[[NewDetector], None], ...]] = (
    sees_no_future,
    comes_again_the_same,
    keeps_streams_apart,
    survives_missing_values,
    survives_constants,
    survives_huge_values,
    survives_clocks,
    survives_irregular_steps,
    is_quiet_on_noise,
    finds_a_gross_jump,
    says_an_event_once,
)


def check_detector(new: NewDetector) -> None:
    """Hold a detector to every promise. Raises: Broken at the first that it does not keep."""
    for promise in PROMISES:
        promise(new)
