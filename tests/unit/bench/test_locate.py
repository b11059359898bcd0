"""The bench of sites: the file format and its traps, and that the optimum never enters a search."""

from itertools import combinations

import numpy as np
import pytest

from tocsin.bench.locate.bench import bench, shares_of
from tocsin.bench.locate.cover import bench_cover
from tocsin.bench.locate.orlib import close_paths, list_problems, read_optima, read_problem
from tocsin.bench.locate.page import in_short, page_of
from tocsin.bench.locate.rivals import greedy_and_swap
from tocsin.bench.progress import silent
from tocsin.errors import BadSettings

PENTAGON = " 5 6 2 \n 1 2 9\n 2 3 4\n 3 4 4\n 4 5 4\n 5 1 4\n 2 1 1\n"


def write(folder, text=PENTAGON, name="pmed1.txt"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_the_last_of_two_edges_counts_and_ways_are_shortest(tmp_path):
    problem = read_problem(write(tmp_path))
    far = problem.length
    assert (problem.nodes, problem.edges, problem.open_) == (5, 6, 2)
    assert far[0, 1] == far[1, 0] == 1.0
    close_paths(far)
    assert far[1].tolist() == [1.0, 0.0, 4.0, 8.0, 5.0]
    np.testing.assert_array_equal(far, far.T)


def test_problems_come_in_the_order_of_their_numbers(tmp_path):
    for name in ("pmed10.txt", "pmed2.txt", "notes.txt"):
        write(tmp_path, name=name)
    assert [path.stem for path in list_problems(tmp_path)] == ["pmed2", "pmed10"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("5 6\n", "line 1 should hold three numbers"),
        ("5 6 2\n1 2 3\n", "1 edges follow"),
        ("2 1 3\n1 2 3\n", "p 3"),
        ("2 1 1\n1 x 3\n", "line 2 should hold three numbers"),
        ("2 1 1\n\n1 7 3\n", "line 3: nodes run from 1 to 2"),
        ("2 1 1\n1 2 -3\n", "lengths from 0"),
    ],
)
def test_a_broken_file_names_its_line(tmp_path, text, said):
    with pytest.raises(BadSettings, match=said):
        read_problem(write(tmp_path, text))


def test_a_folder_without_problems_is_told(tmp_path):
    with pytest.raises(BadSettings, match="holds no pmed1"):
        list_problems(tmp_path)
    with pytest.raises(BadSettings, match="no folder"):
        list_problems(tmp_path / "nowhere")
    assert read_optima(tmp_path) == {}
    (tmp_path / "optima.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(BadSettings, match="names and numbers"):
        read_optima(tmp_path)


def test_the_published_optimum_changes_nothing_that_is_found(tmp_path):
    files = [write(tmp_path), write(tmp_path, "3 1 1\n1 2 5\n", "pmed2.txt")]
    runs = [bench(files, optima, seconds=0.02, seed=1, tell=silent) for optima in ({}, {"pmed1": 1.0})]
    for told in runs:
        assert [row["value"] for row in told["problems"]] == [9.0, 5.0]
        assert told["problems"][0]["proved"]
        assert told["problems"][1]["unreached"] == 1.0
        assert told["problems"][1]["bound"] is None
    assert runs[0]["problems"][0]["gap_percent"] is None
    assert runs[1]["problems"][0]["gap_percent"] == pytest.approx(800.0)
    assert (runs[1]["equal"], runs[1]["of"]) == (0, 1)


def test_time_goes_by_size_and_adds_up(tmp_path):
    small, large = read_problem(write(tmp_path)), read_problem(write(tmp_path, "9 1 4\n1 2 5\n"))
    shares = shares_of([small, large, small])
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] == shares[2] < shares[1]


def test_the_greedy_rival_is_sound():
    rng = np.random.default_rng(1)
    places = rng.random((12, 2))
    far = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    best = min(far[:, list(some)].min(axis=1).sum() for some in combinations(range(12), 3))
    assert best - 1e-9 <= greedy_and_swap(far, 3) <= 1.2 * best


def test_the_page_says_what_was_found(tmp_path):
    told = bench([write(tmp_path)], {"pmed1": 9.0}, seconds=0.02, seed=1, tell=silent)
    told["about"] = {"commit": None, "seed": 1, "machine": {"cpu": "a machine"}}
    assert in_short(told).startswith("1 of 1 equal the published optimum, mean gap 0.0000 %")
    assert "Problem by problem" in page_of(told)


def test_cover_is_set_beside_the_exact_answer(monkeypatch):
    monkeypatch.setattr("tocsin.bench.locate.cover.SIZES", ((60, 20, 4),))
    rows = bench_cover(seed=1, tell=silent)
    assert [row["model"] for row in rows] == ["mclp", "mexclp"]
    for row in rows:
        assert row["value"] <= row["exact"] + 1e-6 <= row["bound"] + 1e-3
        assert 0.0 <= row["gap_percent"] < 2.0
