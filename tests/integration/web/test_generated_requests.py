"""Requests made up from the API's document, as everybody who may ask, over a house that holds secrets.

A few of each here; `python -m benchmarks.requests` asks for longer, as everybody.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.reference.authorisation import matrix

from tests.fuzz import Fuzz
from tests.secret_house import SLOW, SecretHouse, open_secret_house

MATRIX = matrix()
SEED = 20300506


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory):
    with open_secret_house(Path(tmp_path_factory.mktemp("house"))) as found:
        yield found


def asked(operation: str, asker: str) -> bool:
    """What is refused is asked by test_authorisation; signing in takes a hash each time."""
    return MATRIX[operation][asker] in ("allowed", "gate") or (asker == "signed out" and operation not in SLOW)


@pytest.mark.parametrize("asker", ["signed out", "watch_officer", "administrator", "data_protection_officer", "demo"])
def test_what_comes_back_is_what_the_document_says(house: SecretHouse, asker: str) -> None:
    fuzz = Fuzz(house.document, house.ask, house.canaries)
    fuzz.run(asker, house.headers(asker), [name for name in MATRIX if asked(name, asker)], 1, SEED)
    assert fuzz.findings == []
    assert fuzz.asked > 40


def test_the_canaries_are_there_to_be_seen(house: SecretHouse) -> None:
    """Else no leak could be found: the log holds place and kind, and who may sees them through the gate."""
    raw = b"".join(path.read_bytes() for path in house.folder.rglob("log.sqlite*"))
    assert house.canaries["place"].encode() in raw
    assert house.canaries["kind"].encode() in raw
    fuzz = Fuzz(house.document, house.ask, {"city": "Tiny Town"})
    fuzz.run("watch_officer", house.headers("watch_officer"), ["get_city"], 1, SEED)
    assert fuzz.findings
