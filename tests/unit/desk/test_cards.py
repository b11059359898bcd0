"""Register cards: of everything that forecasts, proposes, warns or simulates, and none that stays the same when its
code, its settings or the pack's rules change."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

import tocsin
from tests.fakes.desk import FakeDesk, square_town
from tests.scene import NOON
from tocsin.accounting.entries import EntryKind
from tocsin.accounting.register import CardKind, json_of, new_cards, registered
from tocsin.accounting.tally import InUse
from tocsin.desk import cards as room
from tocsin.desk.cards import cards_of, code_digest, tracks_of
from tocsin.forecasting.scoring.record import ENOUGH_HOURS
from tocsin.model.warnings import Trigger, TriggerKind, WarningProtocol
from tocsin.situation.track import WarningTally

SOURCE = Path(tocsin.__file__).parent
CARDS = tomllib.loads((SOURCE / "texts" / "cards.toml").read_text(encoding="utf-8"))
NO_CARD = {
    "forecasting/outlook.py": "says in words what a forecast says in numbers",
    "forecasting/ranked.py": "orders a list for a screen",
}
"""What learns nothing, decides nothing and proposes nothing."""


@dataclass(frozen=True)
class Knobs:
    warning_probability: float = 0.8
    moves_per_h: int = 4
    empty_min_per_h: float = 40.0
    seed: int = 1


@pytest.mark.parametrize("folder", ["forecasting", "planning", "rehearsal", "response"])
def test_everything_that_forecasts_plans_or_simulates_has_a_card(folder: str):
    named = {part for card in CARDS.values() for part in card["code"]}
    for path in sorted((SOURCE / folder).rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        parts = {name, *(parent.as_posix() for parent in Path(name).parents)}
        if path.name != "__init__.py" and name not in NO_CARD:
            assert parts & named, f"{name} stands on no register card"


def test_every_card_says_everything():
    for card in cards_of(square_town(), Knobs()):
        said = json_of(card)
        assert all(said[name] for name in said if name != "settings"), card.id
        assert card.kind is not CardKind.RATING


def test_every_source_of_a_card_is_there():
    docs = SOURCE.parents[1]
    for name, card in CARDS.items():
        for page in card["sources"]:
            assert (docs / page).is_file(), f"{name}: {page}"


def test_a_card_follows_settings_and_the_packs_rules():
    city = square_town()
    before = {card.id: card.digest for card in cards_of(city, Knobs())}
    moved = {card.id: card.digest for card in cards_of(city, Knobs(moves_per_h=0))}
    assert {name for name in before if before[name] != moved[name]} == {"move_ups"}
    fewer = replace(city, call_kinds=city.call_kinds[1:])
    assert {card.id: card.digest for card in cards_of(fewer, Knobs())}["run_cards"] != before["run_cards"]
    protocol = WarningProtocol("flood", "Flood", Trigger(TriggerKind.SURGE), 1.0, 10.0)
    (card,) = [c for c in cards_of(replace(city, protocols=(protocol,)), Knobs()) if c.id == "protocol:flood"]
    assert card.settings["probability"] == pytest.approx(0.1)


def test_a_card_follows_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "models" / "deep").mkdir(parents=True)
    (tmp_path / "models" / "a.py").write_text("a = 1\n")
    (tmp_path / "models" / "deep" / "b.py").write_text("b = 1\n")
    monkeypatch.setattr(room, "files", lambda _: tmp_path)
    digests = {_digest()}
    (tmp_path / "models" / "notes.txt").write_text("of no matter")
    assert {_digest()} == digests
    (tmp_path / "models" / "deep" / "b.py").write_text("b = 2\n")
    digests.add(_digest())
    (tmp_path / "models" / "deep" / "b.py").rename(tmp_path / "models" / "deep" / "c.py")
    digests.add(_digest())
    assert len(digests) == 3
    with pytest.raises(FileNotFoundError, match="gone"):
        code_digest.__wrapped__(("gone.py",))


def _digest() -> str:
    return code_digest.__wrapped__(("models",))


def test_new_and_changed_cards_alone_are_said():
    cards = cards_of(square_town(), Knobs())
    drafts = new_cards(cards, {}, NOON)
    assert [draft.body["card"] for draft in drafts] == [card.id for card in cards]
    assert all(draft.kind is EntryKind.CARD for draft in drafts)
    known = {card.id: InUse(card.digest, n, NOON) for n, card in enumerate(cards)}
    assert new_cards(cards, known, NOON) == ()
    known[cards[0].id] = InUse("another", 0, NOON)
    assert [draft.body["card"] for draft in new_cards(cards, known, NOON)] == [cards[0].id]
    shown = registered(cards, known, {})
    assert [one.entry is None for one in shown] == [True, *[False] * (len(cards) - 1)]


def test_there_is_no_record_before_there_is_enough_of_it():
    assert tracks_of(FakeDesk().board().situation.track) == {}


def test_the_record_of_the_desk_is_shown_on_the_cards_that_it_is_of():
    track = FakeDesk().board().situation.track
    sums = np.ones_like(track.horizons)
    tally = WarningTally(proposed=3, issued=2, over=2, came=1)
    long = replace(track, hours=ENOUGH_HOURS, horizons=sums, warnings={"surge": tally})
    found = tracks_of(long)
    assert set(found) == {"demand_forecast", "surge_detector"}
    assert found["demand_forecast"]["hours"] == ENOUGH_HOURS
    assert found["demand_forecast"]["coverage_80"] is not None
    assert found["surge_detector"] == {"proposed": 3, "issued": 2, "over": 2, "came": 1}
