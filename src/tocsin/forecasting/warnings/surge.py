"""Warnings of a surge: what the detector sees, as a warning with its impact and its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.forecasting import laws
from tocsin.forecasting.surges import Driver, Surge, Usual
from tocsin.forecasting.surges.kernels import dispersion_of
from tocsin.forecasting.surges.scan import GOES_ON_LEVEL
from tocsin.forecasting.warnings.impact import Place, units_for
from tocsin.forecasting.warnings.watched import Watched
from tocsin.model.city import City
from tocsin.model.ids import AreaId, WarningId
from tocsin.model.warnings import Evidence, Figures, Impact, Trigger, TriggerKind, Warned, WarningKind
from tocsin.situation.picture import Situation

WINDOW_H = 2.0
"""How long a surge warning stands without news, where its protocol does not say: as far as the detector's chance
reaches."""
CALM = timedelta(minutes=30)
"""A proposal whose surge is over ends so soon."""
BEGUN_TAIL = 1e-3
"""A protocol has said what a false alarm costs: it is told of what an ordinary time shows less than once in a thousand
looks. Without one it takes the detector's own alarm level."""
ONCE_AT_MOST = 1e6
DRIVERS = 3
SHORT_WEEKS = 2.0
"""With less history than this the evidence says so."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A surge under way with what it was set against."""

    surge: Surge
    usual: Usual

    @property
    def trigger(self) -> Trigger:
        """The trigger that it pulls."""
        surge = self.surge
        area = AreaId(surge.name) if surge.scope == "area" else None
        return Trigger(TriggerKind.SURGE, area, surge.name if surge.scope == "kind" else None)


def find_surge_warning(situation: Situation, city: City, watched: Watched, seen: Seen, now: datetime) -> Warned | None:
    """A warning worth proposing; None where the chance is under the threshold. Where no protocol says what acting in
    vain costs, the detector must be at its alarm level besides, else below `BEGUN_TAIL`."""
    begun = seen.surge.alarm or (watched.threshold.protocol is not None and seen.surge.tail < BEGUN_TAIL)
    if not begun or seen.surge.probability < watched.threshold.probability:
        return None
    figures = surge_figures(situation, city, watched, seen, now)
    since = seen.surge.since
    return Warned(
        warning=WarningId(f"{watched.key}:{since:%Y%m%dT%H%M%SZ}"),
        kind=WarningKind.SURGE,
        proposed=now,
        starts=since,
        ends=figures.ends,
        chance=figures.chance,
        threshold=watched.threshold,
        area=watched.trigger.area,
        call_kind=watched.trigger.call_kind,
        since=since,
        impact=figures.impact,
        evidence=figures.evidence,
        actions=watched.actions,
        calls_over=seen.surge.goes_on_over,
    )


def surge_figures(situation: Situation, city: City, watched: Watched, seen: Seen, now: datetime) -> Figures:
    """Chance, window, impact and evidence of a surge under way."""
    hours = WINDOW_H if watched.window_h is None else watched.window_h
    ends = now + timedelta(hours=hours)
    impact = _impact(situation, city, seen, hours)
    return Figures(seen.surge.probability, ends, seen.surge.since, impact, tuple(_evidence(seen)))


def calm_figures(warned: Warned, now: datetime) -> Figures:
    """Figures of a warning whose surge is over: an ordinary time stays above nine in ten hours once in ten."""
    over = Evidence("evidence_surge_over", {"now": now.isoformat()})
    evidence = (over, *(line for line in warned.evidence if line.code != over.code))
    return Figures(1.0 - GOES_ON_LEVEL, min(warned.ends, now + CALM), warned.since, warned.impact, evidence)


def carried_on(warned: Warned, figures: Figures) -> Figures:
    """New figures of a warning that stands. Its onset stays as first told: a later look may place it elsewhere, but the
    window began then. Its end moves on only as long as the chance is worth it."""
    worth = figures.chance >= warned.threshold.probability
    return replace(figures, since=warned.since, ends=figures.ends if worth else warned.ends)


def _impact(situation: Situation, city: City, seen: Seen, hours: float) -> Impact:
    """Calls from the onset to the end of the window: those that came, and the course that the detector expects."""
    surge, whole = seen.surge, min(int(hours), len(seen.surge.course.mean))
    mean, usual = float(surge.course.mean[:whole].sum()), float(surge.course.usual[:whole].sum())
    column = seen.usual.column(surge.scope, surge.index)
    one_h, six_h = (float(d) for d in seen.usual.dispersion[:, column])
    spread = dispersion_of(one_h, six_h, 3600.0 * whole) + 1.0 / (surge.calls + 2.0)
    low, high = (int(q) for q in laws.quantiles(mean, spread, (0.1, 0.9)))
    calls = surge.calls + mean
    place = Place(seen.trigger.area, seen.trigger.call_kind)
    units = units_for(situation, city, place, calls, since=surge.since)
    return Impact(calls, surge.calls + low, surge.calls + high, surge.usual + usual, units)


def _evidence(seen: Seen) -> Iterator[Evidence]:
    surge = seen.surge
    came: dict[str, str | float | int] = {
        "calls": surge.calls,
        "usual": round(surge.usual, 1),
        "since": surge.since.isoformat(),
    }
    yield Evidence("evidence_surge", came)
    yield Evidence("evidence_once", {"once": _once(surge.tail)})
    yield from _drivers("evidence_driver_kind", "kind", surge.kinds)
    yield from _drivers("evidence_driver_area", "area", surge.areas)
    yield Evidence("evidence_goes_on", {"chance": surge.probability, "times": round(surge.ratio, 1)})
    if not surge.alarm:
        yield Evidence("evidence_calming", {})
    if seen.usual.weeks < SHORT_WEEKS:
        yield Evidence("evidence_short_history", {"days": round(seen.usual.weeks * 7, 1)})


def _once(tail: float) -> int:
    """An ordinary time shows as much once in so many looks, at the most."""
    return int(min(ONCE_AT_MOST, 1.0 / max(tail, 1.0 / ONCE_AT_MOST)))


def _drivers(code: str, name: str, drivers: Sequence[Driver]) -> Iterator[Evidence]:
    for driver in drivers[:DRIVERS]:
        numbers = {"calls": driver.calls, "usual": round(driver.usual, 1), "share": driver.share}
        yield Evidence(code, {name: driver.name, **numbers})
