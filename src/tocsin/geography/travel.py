"""From seconds of the network to seconds that units really need: learned, pooled, with a band."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tocsin.geography.laws import PRIOR, Columns, Law, laws_of
from tocsin.geography.metric import Floats
from tocsin.model.ids import UnitId, UnitKindId

WINDOW = 2_000
"""Observations that count: the newest."""
REFIT_EVERY = 20
"""New observations before the laws are fitted again, or a twentieth of those in the window if that is more."""
RECORD = 100
"""How many of the newest predictions the record of the band looks back on."""
LONGEST_TURNOUT_S = 1_800.0
LONGEST_TRAVEL_S = 7_200.0
"""Longer ones are taken for missing marks and not learned from."""
DETOUR = 1.417
"""Road over straight-line distance. Source: Boscoe, Henry, Zdeb 2012, The Professional Geographer 64(2)."""
STRAIGHT_KMH = 30.0

Group = tuple[bool, UnitKindId | None, bool | None]
"""By road, kind, urgent. None: pooled over all."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one unit needed to get to one call. `urgent`: priority 1, lights and sirens.

    `turnout_s`: dispatched to en route. `travel_s`: en route to on scene. `network_s`: what the streets
    (`by_road`) or the straight line said for the same way. None where a mark or a place is unknown.
    """

    unit: UnitId
    kind: UnitKindId
    urgent: bool
    turnout_s: float | None
    travel_s: float | None
    network_s: float | None
    by_road: bool = True


@dataclass(frozen=True, slots=True)
class Prediction:
    """Seconds of turnout and travel together, (K,) each: median and 80 % band."""

    median_s: Floats
    low_s: Floats
    high_s: Floats


@dataclass(frozen=True, slots=True)
class TravelModel:
    """Immutable; learned from earlier marks only, pooled over five units or more, never by unit.

    Total = (turnout + a + b · network seconds) · exp(residual). Turnout is a median by kind, `a` and `b` a Huber
    regression over the newest `WINDOW` observations, each shrunk from the kind to all kinds of the same urgency,
    from there to everything, and from there to the prior a = 60 s, b = 1, turnout 60 s with a wide band
    (`laws.PRIOR`). The band is the empirical law of the log residuals, shrunk in the same way.
    Learning one by one or in batches gives the same model.
    """

    laws: Mapping[Group, Law] = field(default_factory=dict)
    columns: Columns = field(default_factory=Columns.empty)
    learned: int = 0
    """Observations taken in since the beginning."""
    unfitted: int = 0
    """Of these, how many came after the last fit."""
    scored: int = 0
    """Predictions that were compared with what came, each made before it was learned from."""
    error_s: float = 0.0
    """Sum of their absolute errors."""
    held: tuple[bool, ...] = ()
    """Whether the 80 % band held, the newest `RECORD`."""

    @property
    def calibration_error_s(self) -> float | None:
        """Mean absolute error of the median, over predictions made before learning; None before the first."""
        return self.error_s / self.scored if self.scored else None

    @property
    def band_record(self) -> tuple[int, int]:
        """How often the 80 % band held, and of how many, lately."""
        return sum(self.held), len(self.held)

    def learn(self, observations: Iterable[Observation]) -> TravelModel:
        """A model that knows these too. Each is first predicted, then learned."""
        model, rest = self, [o for o in observations if _usable(o)]
        while rest:
            due = model._due()
            model, rest = model._take(rest[:due]), rest[due:]
        return model

    def predict(self, kind: UnitKindId, network_s: Floats, *, urgent: bool = True, by_road: bool = True) -> Prediction:
        """Turnout and travel for K ways of so many network seconds, (K,) each; infinite where those are."""
        law = self.law_for(kind, urgent=urgent, by_road=by_road)
        low, median, high = law.total_s(network_s, (0.1, 0.5, 0.9))
        return Prediction(median, low, high)

    def in_time(
        self, kind: UnitKindId, network_s: Floats, left_s: float, *, urgent: bool = True, by_road: bool = True
    ) -> Floats:
        """Probability to be there within `left_s` seconds from now, 0..1."""
        return self.law_for(kind, urgent=urgent, by_road=by_road).chance(network_s, left_s)

    def network_within_s(
        self, kind: UnitKindId, within_s: float, *, urgent: bool = True, by_road: bool = True
    ) -> float:
        """How many network seconds away a unit may be so that its median stays within `within_s`; may be negative."""
        return self.law_for(kind, urgent=urgent, by_road=by_road).network_within_s(within_s)

    def law_for(self, kind: UnitKindId, *, urgent: bool = True, by_road: bool = True) -> Law:
        """The most particular law that enough units stand behind."""
        for group in ((by_road, kind, urgent), (by_road, None, urgent), (by_road, None, None)):
            law = self.laws.get(group)
            if law is not None:
                return law
        return PRIOR

    def _due(self) -> int:
        return max(REFIT_EVERY, len(self.columns) // 20) - self.unfitted

    def _take(self, batch: list[Observation]) -> TravelModel:
        """Score, keep, and fit if that many wait. The batch never spans a fit."""
        errors, held = self._score(batch)
        columns = self.columns.with_rows(batch, WINDOW)
        fit = len(batch) >= self._due()
        return replace(
            self,
            laws=laws_of(columns) if fit else self.laws,
            columns=columns,
            learned=self.learned + len(batch),
            unfitted=0 if fit else self.unfitted + len(batch),
            scored=self.scored + len(errors),
            error_s=self.error_s + sum(errors),
            held=(*self.held, *held)[-RECORD:],
        )

    def _score(self, batch: list[Observation]) -> tuple[list[float], list[bool]]:
        errors: list[float] = []
        held: list[bool] = []
        for o in batch:
            if o.turnout_s is None or o.travel_s is None or o.network_s is None:
                continue
            total = o.turnout_s + o.travel_s
            said = self.predict(o.kind, np.array([o.network_s]), urgent=o.urgent, by_road=o.by_road)
            errors.append(abs(total - float(said.median_s[0])))
            held.append(bool(said.low_s[0] <= total <= said.high_s[0]))
        return errors, held


def straight_s(distance_m: NDArray[np.float64]) -> Floats:
    """Network seconds where there are no streets: the straight line, lengthened by `DETOUR`, at `STRAIGHT_KMH`."""
    seconds: Floats = distance_m * DETOUR / (STRAIGHT_KMH / 3.6)
    return seconds


def _usable(o: Observation) -> bool:
    """Anything learnable in it, and nothing that cannot be."""
    turnout = o.turnout_s is not None and 0.0 <= o.turnout_s <= LONGEST_TURNOUT_S
    travel = o.travel_s is not None and 0.0 < o.travel_s <= LONGEST_TRAVEL_S
    network = o.network_s is not None and 0.0 <= o.network_s < np.inf
    sound = (turnout or o.turnout_s is None) and (travel or o.travel_s is None) and (network or o.network_s is None)
    return sound and (turnout or (travel and network))
