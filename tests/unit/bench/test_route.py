import json

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.grid import corner, grid_streets, town
from tests.unit.geography.test_kernels import random_streets
from tocsin.bench.progress import silent
from tocsin.bench.route import bench as room
from tocsin.bench.route.bench import Effort, bench, check, etas_of
from tocsin.bench.route.rivals import as_seconds, least_arcs, list_rivals
from tocsin.cli import app
from tocsin.errors import BadSettings
from tocsin.geography.graph import StreetGraph

LITTLE = Effort(checked=8, timed=2, repeats=1, calls=4)


def test_a_city_gets_a_row():
    result = bench([town({"E1": "engine"})], LITTLE, silent)
    (case,) = result["cases"]
    assert (case["pack"], case["nodes"], case["arcs"]) == ("grid", 100, 360)
    assert case["exact"] == {"sources": 8, "largest_error_s": pytest.approx(0.0, abs=1e-9), "ok": True}
    assert case["one_to_all_ms"]["tocsin"] > 0
    assert case["ratio"]["scipy"] == pytest.approx(case["one_to_all_ms"]["tocsin"] / case["one_to_all_ms"]["scipy"])
    assert (case["eta"]["units"], case["eta"]["calls"]) == (1, 4)
    json.dumps(result, allow_nan=False)


@pytest.mark.parametrize("seed", range(3))
def test_streets_with_doubled_arcs_loops_and_pieces_are_exact(seed):
    found = check(StreetGraph.of(random_streets(seed)), LITTLE, np.random.default_rng(seed))
    assert found["ok"]


def test_a_wrong_second_is_found(monkeypatch):
    ours = room._from

    def wrong(searches, source, bound_s=np.inf):
        seconds = ours(searches, source, bound_s).copy()
        seconds[np.isfinite(seconds)] += 1e-6
        return seconds

    monkeypatch.setattr(room, "_from", wrong)
    found = check(StreetGraph.of(grid_streets()), LITTLE, np.random.default_rng(1))
    assert not found["ok"]
    assert found["largest_error_s"] == pytest.approx(1e-6, rel=0.01)
    monkeypatch.setattr(StreetGraph, "seconds_into", lambda graph, node: np.arange(graph.nodes) + node)
    with pytest.raises(BadSettings, match="other seconds"):
        bench([town()], LITTLE, silent)


def test_a_way_too_many_is_found(monkeypatch):
    monkeypatch.setattr(room, "_from", lambda searches, *_: np.zeros(len(searches.arcs.first) - 1))
    found = check(StreetGraph.of(random_streets(1)), LITTLE, np.random.default_rng(1))
    assert not found["ok"]


def test_every_library_gives_the_same_seconds():
    searches = StreetGraph.of(random_streets(4)).searches()
    rivals = list_rivals(searches.arcs, searches.seconds)
    found = {name: as_seconds(search(7), 120) for name, search in rivals.items()}
    for seconds in found.values():
        np.testing.assert_allclose(seconds, found["scipy"], atol=1e-9)
    assert np.isinf(found["scipy"]).any()


def test_of_two_arcs_between_the_same_nodes_the_quicker_counts():
    searches = StreetGraph.of(random_streets(2)).searches()
    owner, leads_to, seconds = least_arcs(searches.arcs, searches.seconds)
    assert len(set(zip(owner.tolist(), leads_to.tolist(), strict=True))) == len(owner)
    assert len(owner) < len(searches.arcs.edge)
    assert seconds.min() == 0.0


def test_etas_beyond_the_bound_are_infinite():
    graph = StreetGraph.of(grid_streets())
    near, far = etas_of(graph, corner(0, 0), [corner(1, 0), corner(9, 9)])
    assert np.isfinite(near)
    assert graph.route(corner(9, 9), corner(0, 0))[1] < room.ETA_BOUND_S  # the grid is small
    assert np.isfinite(far)
    assert np.isinf(graph.matrix_s([corner(9, 9)], [corner(0, 0)], None, 60.0)).all()


def test_the_command(tmp_path):
    runner = CliRunner()
    assert runner.invoke(app, ["new", str(tmp_path / "town")]).exit_code == 0
    asked = ["bench", "route", str(tmp_path / "town"), "--sources", "4", "--timed", "1", "--calls", "2", "--json"]
    said = runner.invoke(app, asked)
    assert said.exit_code == 0, said.output
    result = json.loads(said.stdout)
    assert result["cases"][0]["exact"]["ok"]
    assert result["about"]["seed"] == 1
    assert runner.invoke(app, ["bench", "route"]).exit_code == 2


def test_a_city_without_streets_is_refused():
    with pytest.raises(BadSettings, match="no streets"):
        bench([town(no_streets=True)], LITTLE, silent)
