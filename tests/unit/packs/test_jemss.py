import io
import zipfile

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from tests.unit.packs.test_rasters import geotiff
from tocsin.adapters.packs import check_pack, load_pack
from tocsin.adapters.packs.jemss import write_jemss_pack
from tocsin.adapters.packs.jemss.laws import law_of
from tocsin.cli import app
from tocsin.errors import BadReport, BadSettings
from tocsin.geography.graph import StreetGraph
from tocsin.model.service import Duration, DurationLaw

NODES = """nodes,,,
index,x,y,offRoadAccess,
1.0,10.00,50.90,1.0
2.0,10.01,50.90,1.0
3.0,10.02,50.90,0.0
4.0,10.03,50.90,0.0
5.0,10.03,50.91,1.0
"""
ARCS = """miscData,,,
arcForm,numModes,
directed,2
,
arcs,,,
index,fromNode,toNode,distance,mode_1,mode_2,
1,1,2,0.7,0.0005,0.0007,
2,2,1,0.7,0.0005,0.0007,
3,2,3,0.7,0.0004,0.0006,
4,3,4,0.7,0.0002,0.0003,
5,4,5,1.1,0.001,0.002,
6,5,2,1.9,0.002,0.003,
"""
CONFIG = """<?xml version="1.0"?>
<genConfig><sim>
<callDistributions>
  <interarrivalTime seed="1">Exponential(1/(2*24))</interarrivalTime>
  <priority seed="2">Categorical([0.5, 0, 0.5])</priority>
  <dispatchDelay seed="3">Normal(50/60/60/24, 0)</dispatchDelay>
  <onSceneDuration seed="4">Exponential(12/60/24)</onSceneDuration>
  <transport seed="5">Bernoulli(0.8)</transport>
  <handoverDuration seed="6">Weibull(2.5, 34.3/60/24)</handoverDuration>
</callDistributions>
<callDensityRaster><filename>$jemssDir/data/cities/people.tif</filename></callDensityRaster>
</sim></genConfig>
"""
PLACES = "{0},,,\nindex,x,y,capacity,,ID,NAME\n1,10.0,50.9,5,,77,First\n2,10.03,50.91,5,,78,Second\n"


@pytest.fixture
def model(tmp_path):
    """A model of five nodes, its raster in a zip beside the models, as they are published."""
    folder = tmp_path / "smallville" / "models" / "1"
    said = {
        "stations/stations_1.csv": PLACES.format("stations"),
        "hospitals/hospitals_1.csv": "hospitals,\nindex,x,y,name\n1,10.01,50.9,General\n",
        "ambulances/ambulances_1.csv": "ambulances,,,\nindex,stationIndex,class,\n1,1,1,\n2,2,1,\n",
        "demand/coverage/demand_coverage_1.csv": "coverTimes,,\ndemandPriority,coverTime,note\n"
        "highPriority,0.004976852,x\nmedPriority,0.004976852,\nlowPriority,0.013310185,\n",
        "calls/single/train/gen_config.xml": CONFIG,
    }
    for name, text in said.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "travel" / "roads").mkdir(parents=True)
    with zipfile.ZipFile(folder / "travel" / "roads" / "roads.zip", "w") as archive:
        archive.writestr("nodes.csv", NODES)
        archive.writestr("arcs.csv", ARCS)
    people = np.zeros((20, 40))
    people[9:12, 1:35] = 900.0
    with zipfile.ZipFile(tmp_path / "smallville" / "people_density.zip", "w") as archive:
        archive.writestr("people.tif", geotiff(people, 9.995, 50.95, 0.001 * 5))
    return folder


def test_the_pack_is_clean_and_tells_the_city(model, tmp_path):
    write_jemss_pack(model, tmp_path / "pack")
    report = check_pack(tmp_path / "pack")
    assert report.ok
    assert list(report.warnings) == []
    city = load_pack(tmp_path / "pack").city
    assert (city.name, city.timezone) == ("smallville", "Etc/GMT-1")
    assert [s.name for s in city.stations.values()] == ["First", "Second"]
    assert [u.station for u in city.units.values()] == ["S1", "S2"]
    assert [h.name for h in city.hospitals.values()] == ["General"]
    assert city.call_rate is not None
    assert city.call_rate.per_day == pytest.approx(48.0)
    assert city.call_rate.priorities == (0.5, 0.0, 0.5)
    law = city.service["ambulance"]
    assert law.delay_s == DurationLaw.constant(50.0)
    assert law.handover == DurationLaw(Duration.WEIBULL, 2058.0, 2.5)
    assert law.transport_share == 0.8
    assert [(c.priority, c.target_s) for c in city.call_kinds] == [(1, 480.0), (3, 1200.0)]
    assert {a.district for a in city.areas.values()} == {"First", "Second"}


def test_the_streets_take_the_models_seconds_in_both_modes(model, tmp_path):
    write_jemss_pack(model, tmp_path / "pack")
    streets = load_pack(tmp_path / "pack").city.streets
    assert len(streets.tail) == 5
    assert streets.oneway.tolist() == [False, True, True, True, True]
    graph = StreetGraph.of(streets)
    assert graph.network.edge_s == pytest.approx(86_400 * np.array([5, 4, 2, 10, 20]) / 1e4, rel=1e-12)
    assert graph.in_mode(1).network.edge_s == pytest.approx(86_400 * np.array([7, 6, 3, 20, 30]) / 1e4, rel=1e-12)
    assert [streets.classes[c] for c in streets.road_class] == ["street", "street", "freeway", "street", "street"]


def test_people_of_the_raster_are_those_of_the_areas(model, tmp_path):
    write_jemss_pack(model, tmp_path / "pack")
    city = load_pack(tmp_path / "pack").city
    cell_km2 = (0.005 * 111.195) ** 2 * np.cos(np.radians(50.9))
    assert sum(a.population for a in city.areas.values()) == pytest.approx(900 * 3 * 34 * cell_km2, rel=0.01)
    points = city.demand_points
    assert points is not None
    assert points.weight.sum() == pytest.approx(1.0)
    assert points.lon.min() >= 9.995


def test_the_command_makes_it(model, tmp_path):
    found = CliRunner().invoke(app, ["new", str(tmp_path / "pack"), "--jemss", str(model), "--timezone", "Europe/Rome"])
    assert found.exit_code == 0, found.output
    assert load_pack(tmp_path / "pack").city.timezone == "Europe/Rome"


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("stations/stations_1.csv", "stations,\nindex,x,y\n1,ten,50.9\n", "no number"),
        ("stations/stations_1.csv", "stops,\nindex,x,y\n", "no table 'stations'"),
        ("ambulances/ambulances_1.csv", "ambulances,\nindex,stationIndex\n1,9\n", "station 9"),
        ("calls/single/train/gen_config.xml", "<genConfig>", "no XML"),
        ("calls/single/train/gen_config.xml", CONFIG.replace("Exponential(12", "Cauchy(12"), "no law of a duration"),
        ("calls/single/train/gen_config.xml", CONFIG.replace("people.tif", "nobody.tif"), "is in none of"),
        ("calls/single/train/gen_config.xml", '<!DOCTYPE x [<!ENTITY a "b">]>' + CONFIG[21:], "entities"),
    ],
)
def test_a_fault_of_the_model_is_named(model, tmp_path, file, text, words):
    (model / file).write_text(text, encoding="utf-8")
    with pytest.raises(BadReport, match=words):
        write_jemss_pack(model, tmp_path / "pack")


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(BadSettings, match="no folder"):
        write_jemss_pack(tmp_path / "nowhere", tmp_path / "pack")
    with pytest.raises(BadReport, match="gen_config"):
        write_jemss_pack(tmp_path, tmp_path / "pack")


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("Gamma(2, 10/60/24)", DurationLaw(Duration.GAMMA, 600.0, 2.0)),
        ("Dirac(1/24)", DurationLaw.constant(3600.0)),
        ("Uniform(0, 1/24)", DurationLaw(Duration.EMPIRICAL, values_s=(0.0, 3600.0))),
        ("LogNormal(0, 0.5)", DurationLaw(Duration.LOGNORMAL, 86_400.0, 0.5)),
    ],
)
def test_laws(text, law):
    assert law_of(text, "here") == law


def test_a_normal_law_with_a_spread_keeps_mean_and_variance():
    law = law_of("Normal(10/60/24, 5/60/24)", "here")
    assert law.mean_s() == pytest.approx(600.0)
    assert law.scale_s * law.mean_s() == pytest.approx(300.0**2)


@pytest.mark.parametrize(
    "text", ["Exponential(-1)", "Exponential(1/0)", "Exponential(x)", "12", "Normal(().x, 0)", "Exponential(9**9)"]
)
def test_no_law(text):
    with pytest.raises(BadReport):
        law_of(text, "here")


def test_undirected_arcs_run_both_ways(model, tmp_path):
    with zipfile.ZipFile(model / "travel" / "roads" / "roads.zip", "w") as archive:
        archive.writestr("nodes.csv", NODES)
        archive.writestr("arcs.csv", ARCS.replace("directed,2", "undirected,2").replace("2,2,1,0.7", "2,1,3,0.7"))
    write_jemss_pack(model, tmp_path / "pack")
    edges = pl.read_parquet(io.BytesIO((tmp_path / "pack" / "streets_edges.parquet").read_bytes()))
    assert edges["oneway"].any() is False


def with_roads(model, nodes, arcs):
    with zipfile.ZipFile(model / "travel" / "roads" / "roads.zip", "w") as archive:
        archive.writestr("nodes.csv", nodes)
        archive.writestr("arcs.csv", arcs)


@pytest.mark.parametrize(
    "law",
    ["Normal(0)", "LogNormal(900000,1)", "LogNormal(1,900000)", "Weibull(0.000001,1)", f"Exponential({'-' * 50_000}1)"],
)
def test_a_law_without_a_mean_above_nought_is_refused(model, tmp_path, law):
    config = model / "calls/single/train/gen_config.xml"
    config.write_text(CONFIG.replace("Exponential(1/(2*24))", law))
    with pytest.raises(BadReport, match="interarrivalTime"):
        write_jemss_pack(model, tmp_path / "pack")


@pytest.mark.parametrize(
    ("nodes", "arcs", "what"),
    [
        (NODES.replace("1.0,10.00", "1e300,10.00"), ARCS, "no node can have"),
        (NODES, ARCS.replace("1,1,2,", "1,1e300,2,"), "no node can have"),
        (NODES.replace("10.00,50.90", "1e300,50.90"), ARCS, "lies nowhere"),
    ],
)
def test_roads_with_numbers_that_cannot_be_are_refused(model, tmp_path, nodes, arcs, what):
    with_roads(model, nodes, arcs)
    with pytest.raises(BadReport, match=what):
        write_jemss_pack(model, tmp_path / "pack")


@pytest.mark.parametrize("form", ["", ",2\n"])
def test_roads_that_do_not_say_their_form_are_directed(model, tmp_path, form):
    with_roads(model, NODES, ARCS.replace("directed,2\n", form))
    write_jemss_pack(model, tmp_path / "pack")
    assert check_pack(tmp_path / "pack").ok


def test_a_zip_that_unpacks_to_too_much_is_not_unpacked(model, tmp_path, monkeypatch):
    monkeypatch.setattr("tocsin.adapters.packs.jemss.model.MOST_BYTES", 100)
    with pytest.raises(BadReport, match="over 100 bytes unpacked"):
        write_jemss_pack(model, tmp_path / "pack")
