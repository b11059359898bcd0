"""Works out everything that `tocsin plan stations` says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tocsin.adapters.packs import find_pack, load_pack
from tocsin.cli.asked_stations import Asked, Change, area_rows, changes_of, station_names
from tocsin.cli.bound_s import busy_s_of
from tocsin.cli.station_plans import StationPlan, StationPlans
from tocsin.cli.station_trials import TRIAL_SEED, TRIED_CALLS, made_up, tried, tuned, with_sites
from tocsin.errors import BadSettings
from tocsin.geography.areas import AreaShapes
from tocsin.geography.graph import StreetGraph
from tocsin.geography.metric import Floats
from tocsin.planning.location.deployment import Objective, deployed, sited, without
from tocsin.planning.location.groups import Fairness, densities, fairness, thirds
from tocsin.planning.location.service import HOURS, Deployment, Expected, Service, expected
from tocsin.rehearsal.town import LIGHTS, NORMAL, Calls, Rows, Town
from tocsin.rehearsal.towns.case import Case, case_of
from tocsin.rehearsal.towns.demand import COUNT_UP_TO

Progress = Callable[[int, int], None]


def plan_stations(
    pack_name: str, asked: Asked, *, seed: int, progress: Progress = lambda _d, _of: None
) -> StationPlans:
    """Today's deployment, the one that is asked about, and the best by each objective.

    Raises: BadPack; BadSettings for a station, area or number that cannot be.
    """
    if asked.merge and asked.simulate:
        raise BadSettings("--merge and --simulate: the simulated city knows no boundaries: leave one of the two out")
    pack = load_pack(find_pack(pack_name))
    names = station_names(pack.city)
    changes = changes_of(pack.city, names, asked)
    steps = 3 + len(asked.objectives) + 4 * asked.simulate
    progress(0, steps)
    graph = StreetGraph.of(pack.city.streets) if pack.city.streets is not None else None
    case = case_of(pack.city, graph, pack.calls, pack.responses, size_m=asked.zone_m, seed=seed)
    if case.empty is not None:
        raise BadSettings(f"{pack.path.name}: {case.empty}: add them to the pack")
    progress(2, steps)
    question = _Question(case, asked, changes, seed)
    ways = question.ways(lambda done: progress(3 + done, steps))
    told = tuple(question.simulated(*way) if asked.simulate else question.expected(*way) for way in ways)
    progress(steps, steps)
    town, at = case.town, _at(case.town, question.chosen)
    labels = tuple(names[i] if i < len(names) else _new_name(case, i) for i in question.chosen.tolist())
    place = np.column_stack([town.lon[at], town.lat[at]])
    return StationPlans(case, changes, labels, town.stations, place, tuple(question.closed.tolist()), told)


@dataclass(frozen=True, eq=False)
class _Question:
    """What is asked of one case."""

    case: Case
    asked: Asked
    changes: tuple[Change, ...]
    seed: int

    @cached_property
    def closed(self) -> Rows:
        """Rows of the stations that close."""
        return np.array([change.station for change in self.changes if change.close], dtype=np.int32)

    @cached_property
    def today(self) -> Service:
        """Today's stations, whoever is there first goes."""
        return _service(self.case, np.arange(self.case.town.stations, dtype=np.int32))

    @cached_property
    def chosen(self) -> Rows:
        """Candidates that are stations in the question: today's, and the new ones."""
        return _sites(self.case, self.today, self.asked, self.changes, self.seed)

    @cached_property
    def service(self) -> Service:
        """All stations of the question."""
        return _service(self.case, self.chosen)

    @cached_property
    def town(self) -> Town:
        """The same for the simulator."""
        return with_sites(self.case.town, self.chosen)

    @cached_property
    def calls(self) -> Calls:
        """Made-up calls that every plan is tried on."""
        return made_up(self.case, TRIED_CALLS, TRIAL_SEED)

    def ways(self, progress: Callable[[int], None]) -> list[tuple[str, Deployment]]:
        """Names and deployments, today first."""
        now = Deployment.always(self.case.town.home)
        then = _changed(self.service, now, self.changes, self.closed)
        ways = [("today", now)]
        if self.changes or self.asked.merge:
            ways.append(("asked", then))
        for done, objective in enumerate(self.asked.objectives):
            progress(done)
            best = _best(self.service, then, self.closed, objective, self.case.town.target_s, self.seed)
            ways.append((str(objective), best))
        if self.asked.simulate and not then.night.all():
            open_ = np.setdiff1d(np.arange(len(self.chosen), dtype=np.int32), self.closed)
            starts = [then, *(way for name, way in ways if name not in ("today", "asked"))]
            ways.append(("tuned", tuned(self.town, self.case, starts, open_, seed=self.seed)))
        return ways

    def expected(self, name: str, deployment: Deployment) -> StationPlan:
        """What comes of it by the busy fraction."""
        service = self.service
        if name == "today":
            service = _with_boundaries(self.case, self.today, self.asked)
        found, later = expected(service, deployment), _later(self.case, service, deployment)
        return StationPlan(name, deployment, found, self._spread(found), later)

    def simulated(self, name: str, deployment: Deployment) -> StationPlan:
        """What comes of it in the simulated city, whose units know no boundaries."""
        found = tried(self.town, deployment, self.calls)
        if found is None:
            return self.expected(name, deployment)
        trace = self.case.trace
        later = None if trace is None else tried(self.town, deployment, trace)
        return StationPlan(name, deployment, found, self._spread(found), later, simulated=True)

    def _spread(self, found: Expected) -> Fairness:
        areas = list(self.case.city.areas.values())
        return fairness(
            found, self.case.town.area, thirds(densities(areas)), thirds([area.median_income for area in areas])
        )


def _at(town: Town, chosen: Rows) -> Rows:
    """Places of candidates: the stations, then the zones."""
    at: Rows = np.where(chosen < town.stations, town.zones + chosen, chosen - town.stations).astype(np.int32)
    return at


def _service(case: Case, chosen: Rows) -> Service:
    """What units at these candidates are to the zones, by the learned laws of travel: calls that are driven to with
    lights and those that are not, in the shares in which they came."""
    town = case.town
    at = _at(town, chosen)
    response_s, late = np.zeros((len(at), town.zones)), np.zeros((len(at), town.zones))
    for mode, share in _modes(case):
        law = case.learned.lights if mode == LIGHTS else case.learned.normal
        seconds = town.seconds[mode][at, : town.zones] + town.turnout_s + town.delay_s
        chance = law.chance(case.ground.network_s[mode][at, : town.zones], town.target_s - town.delay_s)
        response_s += share * seconds
        late += share * np.where(np.isfinite(seconds), 1.0 - chance, 1.0)
    demand = np.broadcast_to(town.demand, (HOURS, town.zones)).copy()
    return Service(response_s, late, demand, _load(case))


def _modes(case: Case) -> list[tuple[int, float]]:
    """Modes of travel and the share of the calls that count which are driven to so; modes without calls left out."""
    shares = np.zeros(COUNT_UP_TO)
    known = case.learned.priorities[:COUNT_UP_TO]
    shares[: len(known)] = known
    whole = float(shares.sum())
    lights = float(shares[: case.town.lights_up_to].sum()) / whole if whole > 0.0 else 1.0
    return [(mode, share) for mode, share in ((LIGHTS, lights), (NORMAL, 1.0 - lights)) if share > 0.0]


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
        if not np.isin(home, [row for side in sides for row in side]).any():
            raise BadSettings(f"--merge {one},{other}: no station stands in either, so nothing changes: name others")
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
    counts = (calls.priority <= COUNT_UP_TO) & (calls.zone >= 0)
    hour = (town.start_hour + calls.at_s[counts] // 3600.0).astype(np.int64) % HOURS
    table = np.zeros((HOURS, town.zones))
    np.add.at(table, (hour, calls.zone[counts]), 1.0)
    return table


def _new_name(case: Case, candidate: int) -> str:
    """A new site is called by the area that it lies in."""
    row = int(case.town.area[candidate - case.town.stations])
    areas = list(case.city.areas.values())
    return f"new site, {areas[row].name if row >= 0 else 'outside all areas'}"
