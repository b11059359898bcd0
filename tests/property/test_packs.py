"""Whatever happens to the bytes of a pack's file, a check gives a report and never raises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.city import FILES, write_tiny_pack
from tocsin.adapters.packs import check_pack, load_pack
from tocsin.errors import BadPack


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_pack(tmp_path_factory.mktemp("packs") / "tiny")


@st.composite
def damages(draw: st.DrawFn) -> tuple[str, str, float, bytes]:
    """A file, what happens to it, where (a share of its length) and with which bytes."""
    file = draw(st.sampled_from(sorted(FILES.values())))
    what = draw(st.sampled_from(["cut", "overwrite", "insert", "repeat"]))
    return file, what, draw(st.floats(0, 1, exclude_max=True)), draw(st.binary(min_size=1, max_size=12))


def damaged(data: bytes, what: str, where: float, fresh: bytes) -> bytes:
    place = int(where * len(data))
    if what == "cut":
        return data[:place]
    if what == "overwrite":
        return data[:place] + fresh + data[place + len(fresh) :]
    if what == "insert":
        return data[:place] + fresh + data[place:]
    return data + data[place:]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=damages())
def test_damage_gives_a_report(sound: Path, damage: tuple[str, str, float, bytes]):
    file, *how = damage
    path = sound / file
    whole = path.read_bytes()
    path.write_bytes(damaged(whole, *how))
    try:
        report = check_pack(sound)
        said = json.dumps(report.as_json(), allow_nan=False)
        assert json.loads(said)["ok"] == (not report.faults)
        if report.ok:
            load_pack(sound)
        else:
            with pytest.raises(BadPack):
                load_pack(sound)
    finally:
        path.write_bytes(whole)


@settings(max_examples=20, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_for_a_manifest_gives_a_report(tmp_path_factory: pytest.TempPathFactory, text: str):
    folder = write_tiny_pack(tmp_path_factory.mktemp("text"), pack=text.encode("utf-8", "surrogatepass"))
    assert not check_pack(folder).ok


KEYS = ["type", "features", "properties", "geometry", "coordinates", "area", "name", "station"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=20, deadline=None)
@given(features=st.lists(JSON, max_size=4))
def test_any_json_for_places_gives_a_report(tmp_path_factory: pytest.TempPathFactory, features: list[object]):
    text = json.dumps({"type": "FeatureCollection", "features": features})
    report = check_pack(write_tiny_pack(tmp_path_factory.mktemp("json"), areas=text))
    assert not report.ok
