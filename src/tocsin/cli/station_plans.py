"""Everything that `tocsin plan stations` says, worked out once for table, JSON and page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.adapters.packs import find_pack, load_pack
from tocsin.cli.asked_stations import Asked, Change, area_rows, changes_of, station_names
from tocsin.cli.bound_s import busy_s_of
from tocsin.errors import BadSettings
from tocsin.geography.areas import AreaShapes
from tocsin.geography.graph import StreetGraph
from tocsin.geography.metric import Floats
from tocsin.model.city import City
from tocsin.planning.location.deployment import Objective, deployed, sited, without
from tocsin.planning.location.groups import Fairness, densities, fairness, thirds
from tocsin.planning.location.service import HOURS, Deployment, Expected, Service, expected
from tocsin.rehearsal.town import LIGHTS, Calls, Rows, Town
from tocsin.rehearsal.towns.case import Case, case_of

Progress = Callable[[int, int], None]
NOTED = 0.002
"""A rise of the late share that is told, of 1."""
SHOWN_MOVES = 6
"""Moves that are told in words; the JSON and the page have all."""


def percent(share: float | None) -> str:
    """A share in per cent, with a dash for not known."""
    return "–" if share is None else f"{100 * share:.1f}"


@dataclass(frozen=True, eq=False)
class StationPlan:
    """One way to stand. `name`: `today`, `asked`, or the objective. `later`: the same deployment on the calls that
    were recorded after the learning span; None where there are none."""

    name: str
    deployment: Deployment
    expected: Expected
    fairness: Fairness
    later: Expected | None


@dataclass(frozen=True, eq=False)
class StationPlans:
    """`stations`: names of all stations, today's and then new ones; `today`: how many of them stand today.
    `place`: (S, 2) lon, lat. `closed`: rows of the stations that the question closes. `service`: of the question."""

    case: Case
    changes: tuple[Change, ...]
    stations: tuple[str, ...]
    today: int
    place: Floats
    closed: tuple[int, ...]
    service: Service
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
        lines = [f"Worst areas today: {self._areas(self.plans[0])}; with {best.name}: {self._areas(best)}."]
        lines.append(self._by_income())
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
        lines.append(
            f"Expected by a busy fraction (today {100 * self.plans[0].expected.busy:.0f} %), not simulated: "
            "units are busy together more often than that says."
        )
        return [*lines, *self._assumed()]

    def _assumed(self) -> list[str]:
        """What did not come from the record, or was missing in the pack."""
        notes = [(what, why) for what, why in self.case.notes.items() if isinstance(why, str) and why != "record"]
        return [f"{what.removesuffix(': from')}: {why}." for what, why in notes]

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
        return ", ".join(areas[row].name for row in plan.fairness.worst_areas) or "none"

    def _moved(self, plan: StationPlan) -> str:
        moves = self.moves(plan)
        if not moves:
            return "no unit stands elsewhere than today."
        told = [f"{n} from {self.stations[a]} to {self.stations[b]}" for a, b, n in moves[:SHOWN_MOVES]]
        rest = sum(n for *_, n in moves[SHOWN_MOVES:])
        return f"{', '.join(told)}{f', and {rest} more' if rest else ''}."


def plan_stations(
    pack_name: str, asked: Asked, *, seed: int, progress: Progress = lambda _d, _of: None
) -> StationPlans:
    """Today's deployment, the one that is asked about, and the best by each objective.

    Raises: BadPack; BadSettings for a station, area or number that cannot be.
    """
    pack = load_pack(find_pack(pack_name))
    city = pack.city
    names = station_names(city)
    changes = changes_of(city, names, asked)
    progress(0, 4)
    graph = StreetGraph.of(city.streets) if city.streets is not None else None
    case = case_of(city, graph, pack.calls, pack.responses, size_m=asked.zone_m, seed=seed)
    if case.empty is not None:
        raise BadSettings(f"{pack.path.name}: {case.empty}: add them to the pack")
    progress(1, 4)
    today = _service(case, np.arange(case.town.stations, dtype=np.int32))
    separate = _with_boundaries(case, today, asked)
    now = Deployment.always(case.town.home)
    chosen = _sites(case, today, asked, changes, seed)
    service = _service(case, chosen)
    progress(2, 4)
    closed = np.array([change.station for change in changes if change.close], dtype=np.int32)
    then = _changed(service, now, changes, closed)
    found = [_told("today", case, separate, now)]
    if changes or asked.merge:
        found.append(_told("asked", case, service, then))
    for objective in asked.objectives:
        best = _best(service, then, closed, objective, case.town.target_s, seed)
        found.append(_told(str(objective), case, service, best))
    progress(4, 4)
    lon, lat = case.town.lon, case.town.lat
    at = _at(case.town, chosen)
    labels = tuple(names[i] if i < len(names) else _new_name(case, i) for i in chosen.tolist())
    return StationPlans(
        case,
        changes,
        labels,
        case.town.stations,
        np.column_stack([lon[at], lat[at]]),
        tuple(closed.tolist()),
        service,
        tuple(found),
    )


def _at(town: Town, chosen: Rows) -> Rows:
    """Places of candidates: the stations, then the zones."""
    at: Rows = np.where(chosen < town.stations, town.zones + chosen, chosen - town.stations).astype(np.int32)
    return at


def _service(case: Case, chosen: Rows) -> Service:
    """What units at these candidates are to the zones, by the learned law of travel."""
    town, law = case.town, case.learned.lights
    at = _at(town, chosen)
    response_s = town.seconds[LIGHTS][at, : town.zones] + town.turnout_s + town.delay_s
    chance = law.chance(case.ground.network_s[0][at, : town.zones], town.target_s - town.delay_s)
    late = np.where(np.isfinite(response_s), 1.0 - chance, 1.0)
    demand = np.broadcast_to(town.demand, (HOURS, town.zones)).copy()
    return Service(response_s, late, demand, _load(case))


def _load(case: Case) -> Floats:
    """Units that all calls keep busy, (168,): calls of every priority an hour, times the hours that one binds."""
    shape = np.broadcast_to(case.town.demand, (HOURS, case.town.zones)).sum(axis=1)
    level = shape / shape.mean() if shape.mean() > 0.0 else np.ones(HOURS)
    load: Floats = case.learned.per_day / 24.0 * busy_s_of(case) / 3600.0 * level
    return load


def _with_boundaries(case: Case, service: Service, asked: Asked) -> Service:
    """Today's service, where the two sides of each `--merge` answer each other's calls only when all others are
    busy."""
    areas = AreaShapes(case.city.areas)
    town = case.town
    at = slice(town.zones, town.zones + town.stations)
    home = areas.rows_of(town.lon[at], town.lat[at])
    for one, other in asked.merge:
        sides = [area_rows(case.city, side) for side in (one, other)]
        for mine, theirs in (sides, sides[::-1]):
            service = service.with_boundary(np.isin(home, mine), np.isin(town.area, theirs))
    return service


def _sites(case: Case, service: Service, asked: Asked, changes: Sequence[Change], seed: int) -> Rows:
    """Candidates that are stations in the question: today's, and the new ones among the zones."""
    town = case.town
    stations = np.arange(town.stations, dtype=np.int32)
    if asked.sites is None:
        return stations
    if asked.sites > town.zones:
        raise BadSettings(f"--sites {asked.sites}: there are {town.zones} zones to choose from: ask for fewer")
    closed = {change.station for change in changes if change.close}
    everywhere = _service(case, np.arange(town.stations + town.zones, dtype=np.int32))
    kept = np.array([s for s in stations.tolist() if s not in closed], dtype=np.int32)
    found = sited(
        service.weight,
        everywhere.response_s,
        len(kept) + asked.sites,
        asked.objectives[0],
        town.target_s,
        kept=kept,
        busy=service.busy(town.units),
        seed=seed,
    )
    return np.concatenate([stations, np.setdiff1d(found, stations)]).astype(np.int32)


def _changed(service: Service, now: Deployment, changes: Sequence[Change], closed: Rows) -> Deployment:
    then = now
    for change in changes:
        if not change.close:
            then = then.with_units(change.units, change.station, night=change.night)
    if not len(then.homes):
        raise BadSettings("--add leaves no unit at all: leave one at least")
    return without(service, then, closed) if len(closed) else then


def _best(
    service: Service,
    then: Deployment,
    closed: Rows,
    objective: Objective,
    target_s: float,
    seed: int,
) -> Deployment:
    """As many units as asked, at the open stations, where the objective wants them. Night units stay."""
    always = int((~then.night).sum())
    if not always:
        return then
    open_ = np.setdiff1d(np.arange(service.stations, dtype=np.int32), closed)
    best = deployed(service.only(open_), always, objective, target_s, seed=seed)
    homes = np.concatenate([open_[best.homes], then.homes[then.night]])
    return Deployment(homes.astype(np.int32), np.arange(len(homes)) >= always)


def _told(name: str, case: Case, service: Service, deployment: Deployment) -> StationPlan:
    areas = list(case.city.areas.values())
    found = expected(service, deployment)
    spread = fairness(found, case.town.area, thirds(densities(areas)), thirds([a.median_income for a in areas]))
    later = _later(case, service, deployment)
    return StationPlan(name, deployment, found, spread, later)


def _later(case: Case, service: Service, deployment: Deployment) -> Expected | None:
    """The same, where and when calls really came after the learning span."""
    if case.trace is None or not len(case.trace):
        return None
    demand = _recorded(case.trace, case.town)
    if not demand.any():
        return None
    later = Service(service.response_s, service.late, demand, service.load, service.last)
    return expected(later, deployment)


def _recorded(calls: Calls, town: Town) -> Floats:
    """Calls that count, by local hour of the week and zone, (168, Z)."""
    counts = (calls.priority <= 2) & (calls.zone >= 0)
    hour = (town.start_hour + calls.at_s[counts] // 3600.0).astype(np.int64) % HOURS
    table = np.zeros((HOURS, town.zones))
    np.add.at(table, (hour, calls.zone[counts]), 1.0)
    return table


def _new_name(case: Case, candidate: int) -> str:
    """A new site is called by the area that it lies in."""
    row = int(case.town.area[candidate - case.town.stations])
    areas = list(case.city.areas.values())
    return f"new site, {areas[row].name if row >= 0 else 'outside all areas'}"
