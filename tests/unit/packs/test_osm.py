import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from tocsin.adapters.packs import check_pack, load_pack
from tocsin.adapters.packs.osm import write_osm_pack
from tocsin.adapters.packs.osm.read import tags_of
from tocsin.adapters.packs.osm.streets import class_of, direction_of, is_driven, speed_of
from tocsin.cli import app
from tocsin.errors import BadReport, BadSettings
from tocsin.geography.graph import StreetGraph
from tocsin.model.place import Point

WEST, SOUTH, STEP = 24.9, 60.1, 0.01


def osm(ways, *, nodes=(), relations=(), side=5):
    """An extract in XML: a grid of nodes `side` wide from 1 on, ways as (nodes, tags), further nodes as tags of a
    place, relations as (ways, tags)."""
    lines = ['<?xml version="1.0"?><osm version="0.6">']

    def tags(said):
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in said.items())

    lines += [
        f'<node id="{i + 1}" lon="{WEST + STEP * (i % side):.7f}" lat="{SOUTH + STEP * (i // side):.7f}"/>'
        for i in range(side * side)
    ]
    for i, (lon, lat, said) in enumerate(nodes):
        lines.append(f'<node id="{900 + i}" lon="{lon}" lat="{lat}">{tags(said)}</node>')
    for i, (through, said) in enumerate(ways):
        refs = "".join(f'<nd ref="{n}"/>' for n in through)
        lines.append(f'<way id="{i + 1}">{refs}{tags(said)}</way>')
    for i, (members, said) in enumerate(relations):
        of = "".join(f'<member type="way" ref="{w}" role="outer"/>' for w in members)
        lines.append(f'<relation id="{i + 1}">{of}{tags({"type": "boundary", **said})}</relation>')
    return "\n".join([*lines, "</osm>"])


WAYS = [
    ([1, 2, 3, 4, 5], {"highway": "primary", "maxspeed": "50"}),
    ([3, 8, 13], {"highway": "residential", "oneway": "yes", "maxspeed": "30 mph"}),
    ([13, 14, 15], {"highway": "tertiary", "oneway": "-1"}),
    ([5, 10, 15], {"highway": "service"}),
    ([11, 12, 13], {"highway": "footway"}),
    ([6, 7, 8], {"highway": "residential", "access": "no"}),
]


@pytest.fixture
def extract(tmp_path):
    pytest.importorskip("pyogrio", reason="the extra osm is not installed")

    def write(*args, **more):
        path = tmp_path / "smallville.osm"
        path.write_text(osm(*args, **more), encoding="utf-8")
        write_osm_pack(path, tmp_path / "pack")
        return tmp_path / "pack"

    return write


def corner(number, side=5):
    return Point(WEST + STEP * ((number - 1) % side), SOUTH + STEP * ((number - 1) // side))


def test_ways_are_cut_where_they_meet_and_nowhere_else(extract):
    streets = load_pack(extract(WAYS)).city.streets
    assert (len(streets.lon), len(streets.tail)) == (5, 5)
    ends = {
        (round(streets.lon[a], 2), round(streets.lat[a], 2), round(streets.lon[b], 2), round(streets.lat[b], 2))
        for a, b in zip(streets.tail, streets.head, strict=True)
    }
    assert (24.9, 60.1, 24.92, 60.1) in ends  # 1 to 3, through 2
    assert np.diff(streets.shape_start).tolist() == [3] * 5


def test_one_ways_and_limits_are_kept(extract):
    graph = StreetGraph.of(load_pack(extract(WAYS)).city.streets)
    assert graph.streets.speed_kmh.tolist() == pytest.approx([50.0, 50.0, 30 * 1.609344, 40.0, 15.0])
    assert graph.streets.oneway.tolist() == [False, False, True, True, False]
    there, back = graph.route(corner(3), corner(13)), graph.route(corner(13), corner(3))
    assert there is not None
    assert there[1] == pytest.approx(2 * 1112 / (30 * 1.609344 / 3.6), rel=0.01)
    assert back is None  # both one-ways lead to 13


def test_the_pack_is_clean(extract):
    report = check_pack(extract(WAYS))
    assert report.ok
    assert list(report.warnings) == []


def test_hospitals_and_stations_are_found_once(extract):
    ward = [(24.905 + dx, 60.105 + dy) for dx, dy in ((0, 0), (0.001, 0), (0.001, 0.001), (0, 0.001))]
    nodes = [(*place, {}) for place in ward]
    nodes += [
        (24.9055, 60.1055, {"amenity": "hospital", "name": "General"}),
        (24.93, 60.12, {"amenity": "fire_station", "name": "First"}),
        (24.94, 60.12, {"emergency": "ambulance_station"}),
        (24.935, 60.13, {"amenity": "clinic", "name": "Teeth"}),
    ]
    ring = ([900, 901, 902, 903, 900], {"amenity": "hospital", "name": "General", "building": "yes"})
    city = load_pack(extract([*WAYS, ring], nodes=nodes)).city
    assert [h.name for h in city.hospitals.values()] == ["General"]
    assert sorted((s.name, s.agency) for s in city.stations.values()) == [("First", "fire"), ("S2", "ambulance")]


def test_administrative_areas_serve_where_they_hold_the_streets(extract):
    def strip(west, east, first):
        return [(west, 60.0, {}), (east, 60.0, {}), (east, 60.2, {}), (west, 60.2, {})], [
            *range(first, first + 4),
            first,
        ]

    nodes, ways, relations = [], list(WAYS), []
    for i, (west, east) in enumerate(((24.8, 24.915), (24.915, 24.925), (24.925, 25.1))):
        places, through = strip(west, east, 900 + 4 * i)
        nodes += places
        ways.append((through, {}))
        relations.append(([len(ways)], {"boundary": "administrative", "admin_level": "10", "name": f"Part {i}"}))
    relations[0][1]["population"] = "1 200"
    city = load_pack(extract(ways, nodes=nodes, relations=relations)).city
    assert [a.name for a in city.areas.values()] == ["Part 0", "Part 1", "Part 2"]
    assert [a.population for a in city.areas.values()] == [1200, None, None]


def test_without_them_squares_do(extract):
    city = load_pack(extract(WAYS)).city
    assert next(iter(city.areas)) == "C00R00"


def test_an_extract_without_streets_is_refused(extract):
    with pytest.raises(BadReport, match="no street"):
        extract([([1, 2], {"highway": "footway"})])


def test_a_file_that_is_no_extract_is_refused(tmp_path):
    pytest.importorskip("pyogrio", reason="the extra osm is not installed")
    (tmp_path / "city.osm.pbf").write_bytes(b"nothing of the kind")
    with pytest.raises(BadReport, match="no extract"):
        write_osm_pack(tmp_path / "city.osm.pbf", tmp_path / "pack")
    with pytest.raises(BadSettings, match="no file"):
        write_osm_pack(tmp_path / "nowhere.osm.pbf", tmp_path / "pack")
    assert not (tmp_path / "pack").exists()


def test_the_command_names_the_extra_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyogrio.raw", None)
    found = CliRunner().invoke(app, ["new", str(tmp_path / "pack"), "--osm", str(tmp_path / "city.osm.pbf")])
    assert isinstance(found.exception, BadSettings)
    assert "tocsin[osm]" in str(found.exception)


def test_two_sources_are_one_too_many(tmp_path):
    found = CliRunner().invoke(app, ["new", str(tmp_path / "p"), "--osm", "x.osm", "--jemss", "y"])
    assert found.exit_code == 2
    assert CliRunner().invoke(app, ["new", str(tmp_path / "p"), "--timezone", "Europe/Rome"]).exit_code == 2


@pytest.mark.parametrize(
    ("said", "kmh"),
    [("50", 50.0), ("30 mph", 48.28), ("50;30", 50.0), ("none", 130.0), ("walk", 7.0), ("FI:urban", 25.0), ("", 25.0),
     ("0", 5.0), ("900", 150.0)],
)  # fmt: skip
def test_limits(said, kmh):
    assert speed_of({"highway": "residential", "maxspeed": said}) == pytest.approx(kmh, abs=0.01)


@pytest.mark.parametrize(
    ("tags", "direction"),
    [({}, 0), ({"oneway": "no"}, 0), ({"oneway": "yes"}, 1), ({"oneway": "-1"}, -1), ({"junction": "roundabout"}, 1),
     ({"oneway": "yes", "oneway:emergency": "no"}, 0), ({"highway": "motorway"}, 1),
     ({"highway": "motorway", "oneway": "no"}, 0)],
)  # fmt: skip
def test_directions(tags, direction):
    assert direction_of({"highway": "residential", **tags}) == direction


@pytest.mark.parametrize(
    ("tags", "driven"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "footway"}, False),
        ({"highway": "footway", "emergency": "yes"}, False),
        ({"highway": "service", "access": "no"}, False),
        ({"highway": "service", "access": "no", "emergency": "yes"}, True),
        ({"highway": "service", "motor_vehicle": "no", "bus": "yes"}, True),
        ({"highway": "residential", "area": "yes"}, False),
        ({}, False),
    ],
)
def test_what_is_driven(tags, driven):
    assert is_driven(tags) == driven


def test_classes_and_tags():
    assert [class_of(k) for k in ("trunk_link", "tertiary", "service")] == ["freeway", "arterial", "residential"]
    assert tags_of('"a"=>"1","b\\"c"=>"x, \\\\ y"') == {"a": "1", 'b"c': "x, \\ y"}
    assert tags_of(None) == {}
