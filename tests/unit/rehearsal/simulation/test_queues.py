"""Against what queueing theory knows exactly: waits and losses within their statistical error, seeds fixed."""

from __future__ import annotations

from math import exp, factorial

import numpy as np
import pytest
from scipy.stats import poisson

from tocsin.rehearsal.simulation import builtin
from tocsin.rehearsal.simulation.simulate import simulate
from tocsin.rehearsal.town import Calls, Town

CALLS = 60_000
BATCHES = 40
MEAN_S = 600.0
FAR_S = 100.0


def counter(servers: int, others: int = 0) -> Town:
    """One zone. `servers` units stand in it; `others` stand where they need `FAR_S` to it, and are back at once."""
    seconds = np.zeros((2, 3, 3))
    seconds[0, 2, 0] = FAR_S
    home = np.array([0] * servers + [1] * others, dtype=np.int32)
    return Town(
        zones=1,
        stations=2,
        hospitals=0,
        lon=np.zeros(3),
        lat=np.zeros(3),
        area=np.zeros(1, dtype=np.int32),
        seconds=seconds,
        next_hop=np.array([[1, 1, 1], [2, 2, 2]], dtype=np.int32),
        demand=np.ones((1, 1)),
        home=home,
        kind=np.zeros(len(home), dtype=np.int16),
        kinds=("server",),
        turnout_s=0.0,
        target_s=480.0,
    )


def arrivals(offered: float, service_s: np.ndarray, seed: int) -> Calls:
    """Poisson calls that bring `offered` Erlang."""
    rng = np.random.default_rng(seed)
    n = len(service_s)
    return Calls(
        at_s=np.cumsum(rng.exponential(MEAN_S / offered, n)),
        zone=np.zeros(n, dtype=np.int32),
        priority=np.ones(n, dtype=np.int8),
        delay_s=np.zeros(n),
        on_scene_s=service_s,
        transport=np.zeros(n, dtype=np.bool_),
        hospital=np.full(n, -1, dtype=np.int32),
        handover_s=np.zeros(n),
        noise=np.ones(n),
        kind_mask=np.ones(n, dtype=np.int64),
    )


def services(law: str, seed: int) -> tuple[np.ndarray, float]:
    """Draws with mean `MEAN_S`, and their squared coefficient of variation."""
    rng = np.random.default_rng(seed)
    if law == "exponential":
        return rng.exponential(MEAN_S, CALLS), 1.0
    if law == "gamma":
        return rng.gamma(4.0, MEAN_S / 4.0, CALLS), 0.25
    if law == "lognormal":
        return rng.lognormal(np.log(MEAN_S) - 0.5 * np.log(2.0), np.sqrt(np.log(2.0)), CALLS), 1.0
    return np.full(CALLS, MEAN_S), 0.0


def erlang_b(servers: int, offered: float) -> float:
    terms = [offered**k / factorial(k) for k in range(servers + 1)]
    return terms[-1] / sum(terms)


def erlang_c(servers: int, offered: float) -> float:
    lost, used = erlang_b(servers, offered), offered / servers
    return lost / (1.0 - used * (1.0 - lost))


def agrees(values: np.ndarray, exact: float, slack: float = 0.0) -> bool:
    """Within four standard errors of batch means and a share of slack; the errors are small enough to say something."""
    means = np.array([batch.mean() for batch in np.array_split(values[len(values) // 20 :], BATCHES)])
    error = means.std(ddof=1) / np.sqrt(BATCHES)
    assert error < 0.1 * exact
    return bool(abs(means.mean() - exact) < 4.0 * error + slack * exact)


def waits(servers: int, offered: float, law: str, seed: int = 1) -> np.ndarray:
    drawn, _ = services(law, seed)
    return simulate(counter(servers), arrivals(offered, drawn, seed + 100), builtin.closest()).response_s


@pytest.mark.parametrize(("servers", "offered"), [(1, 0.6), (3, 2.1), (8, 6.0)])
def test_m_m_c_waits_as_erlang_says(servers, offered):
    wait_s = waits(servers, offered, "exponential")
    chance = erlang_c(servers, offered)
    mean_s = chance * MEAN_S / (servers - offered)
    assert agrees((wait_s > 0).astype(float), chance)
    assert agrees(wait_s, mean_s)
    assert not agrees(wait_s, mean_s * 1.6)
    beyond = chance * exp(-(servers - offered) / MEAN_S * 120.0)
    assert agrees((wait_s > 120.0).astype(float), beyond)


@pytest.mark.parametrize("law", ["exponential", "gamma", "lognormal", "constant"])
def test_m_g_1_waits_as_pollaczek_and_khinchin_say(law):
    offered = 0.6
    _, scatter = services(law, 1)
    assert agrees(waits(1, offered, law, 7), offered / (1.0 - offered) * (1.0 + scatter) / 2.0 * MEAN_S)


def crommelin(servers: int, offered: float) -> float:
    """Mean wait of M/D/c in units of the service. Source: Crommelin 1932."""
    i = np.arange(1, 400)
    enough = poisson.sf(i * servers - 1, i * offered)
    return float((enough - servers / offered * poisson.sf(i * servers, i * offered)).sum())


@pytest.mark.parametrize(("servers", "offered"), [(1, 0.6), (3, 2.1), (8, 6.0)])
def test_m_d_c_waits_as_crommelin_says(servers, offered):
    assert crommelin(1, 0.6) == pytest.approx(0.6 / 0.4 / 2.0)
    assert agrees(waits(servers, offered, "constant", 3), crommelin(servers, offered) * MEAN_S)


@pytest.mark.parametrize(("servers", "offered"), [(3, 2.1), (8, 6.0)])
def test_m_g_c_waits_nearly_as_lee_and_longton_say(servers, offered):
    """Their formula is itself an approximation, here good to about 5 %."""
    _, scatter = services("gamma", 1)
    told_s = (1.0 + scatter) / 2.0 * erlang_c(servers, offered) * MEAN_S / (servers - offered)
    wait_s = waits(servers, offered, "gamma", 3)
    assert agrees(wait_s, told_s, slack=0.05)
    assert not agrees(wait_s, erlang_c(servers, offered) * MEAN_S / (servers - offered), slack=0.05)


@pytest.mark.parametrize("law", ["exponential", "lognormal", "constant"])
def test_what_overflows_is_erlangs_loss_whatever_the_law(law):
    """Units far away take what finds all near ones busy: the near ones are a loss system, insensitive to the law."""
    servers, offered = 4, 2.5
    drawn, _ = services(law, 11)
    town = counter(servers, others=12)
    outcome = simulate(town, arrivals(offered, drawn, 5), builtin.closest())
    overflow = (outcome.unit >= servers).astype(float)
    assert agrees(overflow, erlang_b(servers, offered))
    assert outcome.response_s == pytest.approx(overflow * FAR_S)


def test_work_is_conserved():
    """Utilisation is what is offered, by Little's law."""
    drawn, _ = services("gamma", 2)
    outcome = simulate(counter(5), arrivals(3.0, drawn, 9), builtin.closest())
    assert outcome.utilisation == pytest.approx(0.6, rel=0.01)
