"""`[service.KIND]` and `[calls]` of pack.toml: what is read, and what each slip is called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.adapters.packs.example import write_example
from tocsin.adapters.packs.load import check_pack, load_pack
from tocsin.model.service import CallRate, Duration, DurationLaw
from tocsin.rehearsal.towns.draws import quantile_s

PACK = """
[service.ambulance]
delay_s = 50
on_scene = { law = "exponential", mean_s = 720 }
transport_share = 0.8
handover = { law = "weibull", scale_s = 2058, shape = 2.5 }
[service."Fire alarm"]
on_scene = { law = "empirical", values_s = [900, 300, 600] }
[calls]
per_day = 280.0
priorities = [57, 24.5, 18.5]
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    write_example(tmp_path)
    return tmp_path


def with_keys(pack: Path, text: str) -> Path:
    path = pack / "pack.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return pack


def test_laws_and_rate_are_read(pack: Path):
    city = load_pack(with_keys(pack, PACK)).city
    law = city.service["ambulance"]
    assert law.delay_s == DurationLaw.constant(50.0)
    assert law.on_scene == DurationLaw(Duration.EXPONENTIAL, 720.0)
    assert (law.transport_share, law.handover) == (0.8, DurationLaw(Duration.WEIBULL, 2058.0, 2.5))
    assert city.find_service("Fire alarm", "ambulance") == city.service["Fire alarm"]
    assert city.find_service("Fire alarm", "ambulance").on_scene.values_s == (300.0, 600.0, 900.0)
    assert city.find_service(None, "engine") is None
    assert city.call_rate == CallRate(280.0, pytest.approx((0.57, 0.245, 0.185)))


def test_without_them_nothing_is_stated(pack: Path):
    city = load_pack(pack).city
    assert (dict(city.service), city.call_rate) == ({}, None)


@pytest.mark.parametrize(
    ("text", "column", "code"),
    [
        ("[service.boat]\non_scene = 600", "service.boat", "unknown_unit_kind"),
        ("AMBdelay_s = 50", "AMB.on_scene", "missing_key"),
        ("AMBon_scene = -5", "AMB.on_scene", "bad_value"),
        ("AMBon_scene = 12e9", "AMB.on_scene", "bad_value"),
        ('AMBon_scene = "long"', "AMB.on_scene", "bad_value"),
        ('AMBon_scene = { law = "normal" }', "AMB.on_scene.law", "bad_value"),
        ("AMBon_scene = { mean_s = 3 }", "AMB.on_scene.law", "missing_key"),
        ('AMBon_scene = { law = "gamma", shape = 2 }', "AMB.on_scene.scale_s", "missing_key"),
        ('AMBon_scene = { law = "empirical", values_s = [] }', "AMB.on_scene.values_s", "bad_value"),
        ("AMBon_scene = 600\ntransport_share = 80", "AMB.transport_share", "bad_value"),
        ("[calls]\npriorities = [1]", "calls.per_day", "missing_key"),
        ("[calls]\nper_day = 0", "calls.per_day", "bad_value"),
        ("[calls]\nper_day = 9\npriorities = [0, 0]", "calls.priorities", "bad_value"),
    ],
)  # fmt: skip
def test_a_slip_is_named(pack: Path, text: str, column: str, code: str):
    text, column = text.replace("AMB", "[service.ambulance]\n"), column.replace("AMB", "service.ambulance")
    faults = check_pack(with_keys(pack, text)).faults
    assert [(fault.file, fault.column, fault.code) for fault in faults] == [("pack.toml", column, code)]


def test_what_stands_in_for_a_record_is_missed_only_where_there_is_none(pack: Path):
    assert not [key for key in check_pack(pack).missing if key.startswith("pack.toml")]
    (pack / "responses.parquet").unlink()
    assert "pack.toml [service]" in check_pack(pack).missing
    assert "pack.toml [service]" not in check_pack(with_keys(pack, PACK)).missing


@pytest.mark.parametrize(
    "law",
    [
        DurationLaw.constant(50.0),
        DurationLaw(Duration.EXPONENTIAL, 720.0),
        DurationLaw(Duration.LOGNORMAL, 600.0, 0.5),
        DurationLaw(Duration.WEIBULL, 2058.0, 2.5),
        DurationLaw(Duration.GAMMA, 300.0, 2.0),
        DurationLaw.empirical(np.array([900.0, 300.0, 600.0])),
    ],
    ids=lambda law: law.law,
)
def test_quantiles_have_the_mean_of_the_law(law: DurationLaw):
    at = (np.arange(200_000) + 0.5) / 200_000
    drawn = quantile_s(law, at)
    assert np.all(np.diff(drawn) >= 0)
    assert drawn.mean() == pytest.approx(law.mean_s(), rel=2e-3)
