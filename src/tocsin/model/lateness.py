"""Expected late calls: what it costs that units are where they are, in calls of the next hour."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.model.ids import AreaId, UnitKindId


@dataclass(frozen=True, slots=True)
class AreaLate:
    """One area: calls expected to be late within the next hour, before and after something changes."""

    area: AreaId
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class LateChange:
    """Of the next hour's calls that ask for `kind`, how many are expected to be late in the whole city, before and
    after something changes. `low`, `high`: the change if as few or as many calls come as the 80 % band of the forecast
    has; None without a band. `areas`: those that change most, the largest loss first."""

    kind: UnitKindId
    before: float
    after: float
    low: float | None = None
    high: float | None = None
    areas: tuple[AreaLate, ...] = ()

    @property
    def change(self) -> float:
        """More late calls (positive) or fewer."""
        return self.after - self.before
