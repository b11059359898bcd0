"""What `tocsin plan stations` says in table, JSON and page, from plans worked out before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.cli.asked_stations import Change
from tocsin.geography.metric import Floats
from tocsin.model.city import City
from tocsin.planning.location.groups import Fairness
from tocsin.planning.location.service import Deployment, Expected
from tocsin.rehearsal.towns.case import Case

NOTED = 0.002
"""A rise of the late share that is told, of 1."""
ASSUMED_TODAY = (
    "today: the pack tells homes of fewer than half of these units, so this row is where greedy MEXCLP would put them, "
    "not where they stand."
)
SHOWN_MOVES = 6
"""Moves, and areas, that are told in words; the JSON and the page have all."""


def percent(share: float | None) -> str:
    """A share in per cent, with a dash for not known."""
    return "–" if share is None else f"{100 * share:.1f}"


@dataclass(frozen=True, eq=False)
class StationPlan:
    """One way to stand. `name`: `today`, `asked`, the objective, or `tuned`. `expected`: by the busy fraction, or, of
    plans that were `simulated`, on made-up calls. `later`: the same way on the calls that were recorded after the
    learning span; None where there are none."""

    name: str
    deployment: Deployment
    expected: Expected
    fairness: Fairness
    later: Expected | None
    simulated: bool = False


@dataclass(frozen=True, eq=False)
class StationPlans:
    """`stations`: names of all stations, today's and then new ones; `today`: how many of them stand today.
    `place`: (S, 2) lon, lat. `closed`: rows of the stations that the question closes."""

    case: Case
    changes: tuple[Change, ...]
    stations: tuple[str, ...]
    today: int
    place: Floats
    closed: tuple[int, ...]
    plans: tuple[StationPlan, ...]

    @property
    def city(self) -> City:
        return self.case.city

    @property
    def target_s(self) -> float:
        return self.case.town.target_s

    @property
    def title(self) -> str:
        """What is placed, where, and what counts as late."""
        kinds = ", ".join(self.city.unit_kinds[kind].name for kind in self.case.fleet.kinds)
        return f"{self.city.title}: {kinds}; late is over {self.target_s / 60:g} min from the call"

    def unreached(self, plan: StationPlan) -> float | None:
        """Share of the calls that come from where no unit has a way to."""
        whole = float(plan.expected.calls.sum())
        return 1.0 - float(plan.expected.reached.sum()) / whole if whole > 0.0 else None

    def pays(self, plan: StationPlan) -> list[str]:
        """Groups of areas with more late calls than today, under a plan that has fewer in all."""
        today = self.plans[0]
        before, after = today.expected.late_share(), plan.expected.late_share()
        if before is None or after is None or after >= before:
            return []
        pairs = [("the worst tenth of areas", today.fairness.worst_decile, plan.fairness.worst_decile)]
        for what, old, new in (
            ("density", today.fairness.by_density, plan.fairness.by_density),
            ("income", today.fairness.by_income, plan.fairness.by_income),
        ):
            pairs += [(f"areas of {name} {what}", (old or {})[name], share) for name, share in (new or {}).items()]
        return [name for name, old, new in pairs if old is not None and new is not None and new > old + NOTED]

    def counted(self, plan: StationPlan) -> list[tuple[int, int, bool]]:
        """Row of the station, units there, and whether these are on duty at night alone."""
        told = []
        for night in (False, True):
            there = np.bincount(plan.deployment.homes[plan.deployment.night == night], minlength=len(self.stations))
            told += [(int(row), int(there[row]), night) for row in np.flatnonzero(there)]
        return told

    def moves(self, plan: StationPlan) -> list[tuple[int, int, int]]:
        """From where to where units go against today, nearest pairs first: rows and how many. Units that are added
        or taken away are in no pair."""
        stations = len(self.stations)
        before, after = self.plans[0].deployment.count(stations), plan.deployment.count(stations)
        leave, come = np.maximum(before - after, 0), np.maximum(after - before, 0)
        off = np.hypot(*(self.place[:, None] - self.place[None]).transpose(2, 0, 1))
        found = []
        for pair in np.argsort(off, axis=None, kind="stable").tolist():
            start, goal = divmod(pair, stations)
            units = int(min(leave[start], come[goal]))
            if units:
                found.append((start, goal, units))
                leave[start] -= units
                come[goal] -= units
        return found

    def row(self, plan: StationPlan) -> list[str]:
        """The plan's figures as texts: name, units, mean, late, worst tenth, by density, later."""
        density = plan.fairness.by_density
        mean_s = plan.expected.mean_s()
        return [
            plan.name,
            str(len(plan.deployment.homes)),
            "–" if mean_s is None else f"{mean_s / 60:.1f}",
            percent(plan.expected.late_share()),
            percent(plan.fairness.worst_decile),
            "unknown" if density is None else " / ".join(percent(share) for share in density.values()),
            percent(None if plan.later is None else plan.later.late_share()),
        ]

    def sentences(self) -> list[str]:
        """What must be said beside the figures."""
        split, best = self.case.split, self.plans[-1]
        lines = [ASSUMED_TODAY] if "homes" in self.case.notes else []
        lines.append(f"Worst areas today: {self._areas(self.plans[0])}; with {best.name}: {self._areas(best)}.")
        lines.append(self._by_income())
        lines += self._closed_empty()
        lines += [f"{plan.name}: {self._moved(plan)}" for plan in self.plans[1:]]
        lines += [
            f"{plan.name}: fewer late calls in all, paid for by more in {', '.join(self.pays(plan))}."
            for plan in self.plans[1:]
            if self.pays(plan)
        ]
        lines += [
            f"{plan.name}: in {plan.expected.overloaded_h} of 168 hours there is more work than its units can do."
            for plan in self.plans
            if plan.expected.overloaded_h
        ]
        if split is not None:
            until = f"{split.learn.start:%Y-%m-%d} to {split.learn.end:%Y-%m-%d}"
            lines.append(f"Learned from {until}; later: the calls recorded after that, which no plan has seen.")
        busy = f"{100 * self.plans[0].expected.busy:.0f} %"
        lines.append(
            f"Simulated, the same calls for every plan: today units are busy for {busy} of their time."
            if self.plans[0].simulated
            else f"Expected by a busy fraction (today {busy}), not simulated: units are busy together more often than "
            "that says. --simulate tries every plan, and one tuned that way."
        )
        return [*lines, *self._assumed()]

    def _assumed(self) -> list[str]:
        """What did not come from the record, or was missing in the pack."""
        told = {what: why for what, why in self.case.notes.items() if what != "homes"}
        notes = [(what, why) for what, why in told.items() if isinstance(why, str) and why != "record"]
        return [f"{what.removesuffix(': from')}: {why}." for what, why in notes]

    def _closed_empty(self) -> list[str]:
        """Stations that were closed and change nothing: of the fleet that is compared nobody stands there."""
        homes = set(self.plans[0].deployment.homes.tolist())
        empty = [self.stations[row] for row in self.closed if row not in homes]
        return [f"Closed: no unit of these kinds stands at {', '.join(empty)} today."] if empty else []

    def _by_income(self) -> str:
        told = []
        for plan in (self.plans[0], self.plans[-1]):
            shares = plan.fairness.by_income
            if shares is None:
                return "By income: unknown, too few areas of the pack state a median_income."
            told.append(f"{plan.name} {' / '.join(percent(share) for share in shares.values())}")
        return f"Late % by income of the areas, low / middle / high: {'; '.join(told)}."

    def _areas(self, plan: StationPlan) -> str:
        areas = list(self.city.areas.values())
        worst = plan.fairness.worst_areas
        named = ", ".join(areas[row].name for row in worst[:SHOWN_MOVES]) or "none"
        return named + (f" and {len(worst) - SHOWN_MOVES} more" if len(worst) > SHOWN_MOVES else "")

    def _moved(self, plan: StationPlan) -> str:
        moves = self.moves(plan)
        if not moves:
            return "no unit stands elsewhere than today."
        told = [f"{n} from {self.stations[a]} to {self.stations[b]}" for a, b, n in moves[:SHOWN_MOVES]]
        rest = sum(n for *_, n in moves[SHOWN_MOVES:])
        return f"{', '.join(told)}{f', and {rest} more' if rest else ''}."
