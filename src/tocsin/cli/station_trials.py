"""Deployments tried in the simulated city: the same made-up calls for all, and the recorded ones after the learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tocsin.geography.matrix import next_places
from tocsin.geography.metric import Floats
from tocsin.planning.location.service import HOURS, NIGHT, Deployment, Expected
from tocsin.rehearsal.simulation.builtin import closest
from tocsin.rehearsal.simulation.ground import prepare
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.strategies.homes import tuned_homes
from tocsin.rehearsal.town import NORMAL, Calls, Outcome, Rows, Town
from tocsin.rehearsal.towns.case import Case
from tocsin.rehearsal.towns.demand import COUNT_UP_TO

JUDGED_CALLS = 12_000
TRIED_CALLS = 20_000
MOST_DAYS = 400.0
MOST_PLANS = 400
"""Plans that the search may judge."""
LEARNING_SEED, TRIAL_SEED = 9_001, 1
"""Calls that homes are tuned on are never those that plans are tried on."""
PER_MINUTE = 0.01
"""A minute of mean response counts for a hundredth of a late call in the search."""
NOBODY_S = 14_400.0
_DAY_S = 86_400.0


def with_sites(town: Town, chosen: Rows) -> Town:
    """The town whose stations are these candidates: its own, then zones that get a station, by `_at`'s numbers."""
    new = chosen[chosen >= town.stations] - town.stations
    if not len(new):
        return town
    own = np.arange(town.zones + town.stations)
    order = np.concatenate([own, new, np.arange(town.zones + town.stations, town.places)])
    seconds = np.ascontiguousarray(town.seconds[:, order[:, None], order])
    diagonal = np.arange(len(order))
    seconds[NORMAL, diagonal, diagonal] = 0.0
    stations = town.stations + len(new)
    rows = np.arange(town.zones, town.zones + stations, dtype=np.int32)
    hops = next_places(seconds[NORMAL], rows.tolist())
    hops = np.where(hops < 0, rows[:, None], hops).astype(np.int32)
    lon, lat = town.lon[order], town.lat[order]
    return replace(town, stations=stations, lon=lon, lat=lat, seconds=seconds, next_hop=np.ascontiguousarray(hops))


def made_up(case: Case, calls: int, seed: int) -> Calls:
    """About so many calls by the learned law, over `MOST_DAYS` at most."""
    days = min(MOST_DAYS, calls / max(case.learned.per_day, 1e-9))
    return case.generate(days, seed)


def tried(town: Town, deployment: Deployment, calls: Calls) -> Expected | None:
    """What comes of a deployment on these calls, by zone: the closest idle unit goes, then it drives home. None where
    no call is left to count."""
    if not len(calls) or not len(deployment.homes):
        return None
    outcome = simulate(_manned(town, deployment, calls), calls, closest())
    after = (np.arange(len(calls)) >= outcome.first) & (calls.priority <= COUNT_UP_TO)
    if not after.any():
        return None
    return _by_zone(town, calls, outcome, after)


def _by_zone(town: Town, calls: Calls, outcome: Outcome, after: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Expected:
    zone, seconds = calls.zone[after], outcome.response_s[after]
    served = np.isfinite(seconds)

    def sums(values: Floats) -> Floats:
        return np.bincount(zone, weights=values, minlength=town.zones).astype(np.float64)

    return Expected(
        late=sums((seconds > town.target_s).astype(np.float64)),
        calls=sums(np.ones(len(zone))),
        wait_s=sums(np.where(served, seconds, 0.0)),
        reached=sums(served.astype(np.float64)),
        busy=outcome.utilisation or 0.0,
        overloaded_h=0,
    )


def _manned(town: Town, deployment: Deployment, calls: Calls) -> Town:
    homes = np.ascontiguousarray(deployment.homes, dtype=np.int32)
    kind = np.zeros(len(homes), dtype=np.int16)
    on = None
    if deployment.night.any():
        on = _duty(deployment, town.start_hour, float(calls.at_s[-1]) + _DAY_S)
    return replace(town, home=homes, kind=kind, on=on)


def _duty(deployment: Deployment, start_hour: int, until_s: float) -> Floats:
    """Intervals of duty, (U, K, 2): the nights for night units, everything for the others."""
    hours = np.arange(int(until_s // 3600.0) + 2)
    night = np.array([(start_hour + hour) % HOURS % 24 in NIGHT for hour in hours.tolist()])
    turns = np.flatnonzero(np.diff(np.concatenate([[False], night, [False]]).astype(np.int8)))
    nights = 3600.0 * turns.reshape(-1, 2)
    on = np.full((len(deployment.homes), max(1, len(nights)), 2), np.nan)
    on[~deployment.night, 0] = (0.0, 3600.0 * len(hours))
    on[deployment.night, : len(nights)] = nights
    return on


def tuned(town: Town, case: Case, starts: Sequence[Deployment], open_: Rows, *, seed: int) -> Deployment:
    """The deployment with the fewest late calls in the simulated city, from the best of `starts`, at the stations
    `open_`. Units on duty at night alone stay. All are judged on the same made-up calls, which no plan is tried on."""
    learning = made_up(case, JUDGED_CALLS, LEARNING_SEED)
    night = starts[0].homes[starts[0].night]
    always = len(starts[0].homes) - len(night)
    row_of = {int(station): row for row, station in enumerate(open_)}

    def whole(rows: Rows) -> Rows:
        return np.concatenate([open_[rows], night]).astype(np.int32)

    def judge(rows: Rows) -> float:
        outcome = simulate(prepared, learning, closest(whole(rows)))
        counts = (np.arange(len(learning)) >= outcome.first) & (learning.priority <= COUNT_UP_TO)
        seconds = np.minimum(outcome.response_s[counts], NOBODY_S)
        return float((seconds > town.target_s).mean() + PER_MINUTE * seconds.mean() / 60.0) if len(seconds) else 0.0

    rows = [np.array([row_of[int(h)] for h in one.homes[~one.night]], dtype=np.int32) for one in starts]
    at_night = np.arange(always + len(night)) >= always
    prepared = prepare(_manned(town, Deployment(whole(rows[0]), at_night), learning))
    best, _ = tuned_homes(judge, rows, len(open_), most=MOST_PLANS, seed=seed)
    return Deployment(whole(best), at_night)
