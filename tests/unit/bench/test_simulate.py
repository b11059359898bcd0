"""The bench of the simulated city: figures that can be read, and a difference that would show."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.towns import calls, town
from tocsin.adapters.packs import load_pack
from tocsin.adapters.packs.example import write_example
from tocsin.bench.simulate.bench import Effort, bench, distance, head
from tocsin.cli import main
from tocsin.errors import BadSettings
from tocsin.rehearsal.simulation import builtin
from tocsin.rehearsal.simulation.simulate import simulate

QUICK = Effort(calls=600, repeats=1, twin_calls=12)


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs") / "town"
    write_example(folder)
    return folder


def test_every_strategy_is_timed_beside_its_twin(pack):
    result = bench([lambda: load_pack(pack)], QUICK)
    (case,) = result["cases"]
    assert case["twin_calls"] == 12
    assert case["twin_zones"] < case["zones"]
    names = [row["strategy"] for row in case["strategies"]]
    assert len(set(names)) == len(names) == 7
    assert all(row["calls_per_s"] > 0 and row["twin_agrees"] for row in case["strategies"])
    assert case["strategies"][0]["calls"] > 5 * case["strategies"][-1]["calls"]
    json.dumps(result, allow_nan=False)


def test_the_command_writes_what_it_shows(pack, tmp_path, monkeypatch, capsys):
    out = tmp_path / "simulate.json"
    words = [
        "bench",
        "simulate",
        str(pack),
        "--calls",
        "1000",
        "--repeats",
        "1",
        "--twin-calls",
        "5",
        "--out",
        str(out),
    ]
    monkeypatch.setattr("sys.argv", ["tocsin", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    kept = json.loads(out.read_text(encoding="utf-8"))
    assert "closest-idle" in capsys.readouterr().out
    assert kept["about"]["seed"] == 1


def test_nothing_to_simulate_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["tocsin", "bench", "simulate"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "name a pack" in capsys.readouterr().err


def test_a_pack_without_units_is_refused_in_words(pack, tmp_path):
    empty = load_pack(pack)
    bare = replace(empty, city=replace(empty.city, units={}))
    with pytest.raises(BadSettings, match="units"):
        bench([lambda: bare], QUICK)


def test_a_difference_shows():
    made = town(1)
    trace = calls(made, 30)
    one = simulate(made, trace, builtin.closest())
    assert distance(one, one) == 0.0
    assert distance(one, simulate(made, trace, builtin.dmexclp(0.3))) > 1e-3
    moved = replace(one, arrived_s=one.arrived_s + 1e-3)
    assert 0.0 < distance(one, moved) < 1e-3
    assert distance(one, replace(one, arrived_s=np.full(30, np.inf))) == np.inf
    assert len(head(trace, 7)) == 7
