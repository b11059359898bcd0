"""Whatever the storm does, nothing acknowledged is lost and the picture is the fold of the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.city import write_tiny_pack
from tests.storm import Storm


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_pack(tmp_path_factory.mktemp("pack"))


@pytest.mark.parametrize("seed", range(8))
def test_promises_hold_in_a_storm(folder: Path, seed: int) -> None:
    storm = Storm(folder, seed, hours=5.0)
    storm.weather()
    storm.check()


def test_a_storm_replays_from_its_seed(folder: Path) -> None:
    def trail() -> list[str]:
        storm = Storm(folder, 99, hours=3.0)
        storm.weather()
        return [f"{r.at} {r.id} {type(r.event).__name__}" for r in storm.log.read()]

    assert trail() == trail()
