"""The track record of a whole replay: it agrees with the replay's own scores, survives a restart, and never cheats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.city import write_tiny_pack
from tocsin.adapters.export import export_log
from tocsin.adapters.packs import Pack, load_pack
from tocsin.adapters.stores import MemoryLog
from tocsin.bootstrap import open_engine
from tocsin.desk.engine import Engine
from tocsin.forecasting.scoring.scores import ReplayScore
from tocsin.model.events import ForecastIssued, ForecastVerified
from tocsin.model.origin import Mode
from tocsin.model.verification import FIGURES, HORIZONS
from tocsin.situation.fold import empty, fold
from tocsin.situation.snapshot import decode_situation, encode_situation
from tocsin.situation.track import Track

HOUR = timedelta(hours=1)
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
SEED = 20170101


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return load_pack(write_tiny_pack(tmp_path_factory.mktemp("track") / "pack"))


def replayed(pack: Pack, seed: int = SEED) -> tuple[Engine, MemoryLog]:
    log = MemoryLog()
    engine = open_engine(pack, log, Mode.REPLAY, NOON, seed=seed)
    last = engine.feed.last_at() if engine.feed else None
    assert last is not None
    engine.advance(last)
    engine.flush()
    return engine, log


@pytest.fixture(scope="module")
def ran(pack: Pack) -> tuple[Engine, MemoryLog]:
    return replayed(pack)


def figure(track: Track, ahead_h: int, name: str) -> float:
    return float(track.horizons[HORIZONS.index(ahead_h), FIGURES.index(name)])


def test_it_agrees_with_the_scores_of_the_replay_over_the_same_cells(ran: tuple[Engine, MemoryLog]):
    engine, log = ran
    track = engine.writer.situation.track
    assert track.until is not None
    history = engine.forecasts.history(engine.writer.situation, track.until)
    judge = ReplayScore(seed=SEED)
    for recorded in log.read():
        if isinstance(recorded.event, ForecastIssued):
            judge.arrived(history.before(recorded.event.demand.issued))
            judge.issued(recorded.event.demand)
    judge.arrived(history)
    report = judge.report()
    for ahead_h in (1, 6, 24):
        there = report["by_horizon"][str(ahead_h)]
        cells = figure(track, ahead_h, "cells")
        assert cells == there["n"] > 0
        assert figure(track, ahead_h, "pinball") / cells == pytest.approx(there["pinball"], abs=1e-12)
        assert figure(track, ahead_h, "crps") / cells == pytest.approx(there["crps"], abs=1e-9)
        assert figure(track, ahead_h, "held") / cells == pytest.approx(there["coverage_80_raw"], abs=1e-12)
        assert figure(track, ahead_h, "promised") / cells == pytest.approx(there["coverage_80_expected"], abs=1e-9)
        rival = report["climatology"]["by_horizon"][str(ahead_h)]
        assert figure(track, ahead_h, "rival") / cells == pytest.approx(rival, abs=1e-12)


def test_slices_of_the_same_cells_have_the_same_sums(ran: tuple[Engine, MemoryLog]):
    track = ran[0].writer.situation.track
    np.testing.assert_allclose(track.areas.sum(axis=0), track.horizons.sum(axis=0), atol=1e-9)
    assert track.pit.sum() == track.horizons[:, 0].sum() == track.chances[:, 0].sum()
    assert set(track.kinds) == {"Illness", "Building fire", "Flooded cellar"}
    assert all(sums[0] == track.city[:, 0].sum() for sums in track.kinds.values())
    assert track.chances[:, 2].sum() <= track.pit.sum()


def test_the_same_replay_gives_the_same_record_and_another_seed_other_draws(pack: Pack, ran: tuple[Engine, MemoryLog]):
    first, again, other = (engine.writer.situation.track for engine, _ in (ran, replayed(pack), replayed(pack, seed=2)))
    assert again.pit.tolist() == first.pit.tolist()
    assert other.pit.tolist() != first.pit.tolist()
    np.testing.assert_array_equal(other.horizons[:, 1], first.horizons[:, 1])


def test_folding_the_log_gives_the_record_and_so_does_a_snapshot(pack: Pack, ran: tuple[Engine, MemoryLog]):
    engine, log = ran
    track = engine.writer.situation.track
    for other in (
        fold(empty(pack.city), pack.city, log.read()).track,
        decode_situation(encode_situation(engine.writer.situation)).track,
    ):
        np.testing.assert_array_equal(other.areas, track.areas)
        np.testing.assert_array_equal(other.pit, track.pit)
        assert (other.hours, other.since, other.until, other.models) == (
            track.hours,
            track.since,
            track.until,
            track.models,
        )
        assert [a.steps for a in other.said] == [a.steps for a in track.said]
        assert other.kinds.keys() == track.kinds.keys()


def test_every_hour_is_verified_once_an_hour_after_its_end_and_only_by_what_did_not_know_it(
    ran: tuple[Engine, MemoryLog],
):
    _, log = ran
    found = [(r.at, r.event.verification) for r in log.read() if isinstance(r.event, ForecastVerified)]
    hours = [v.hour for _, v in found]
    assert hours == sorted(set(hours))
    assert all(at >= v.hour + 2 * HOUR for at, v in found)
    issued = [r.event.demand for r in log.read() if isinstance(r.event, ForecastIssued)]
    assert all(d.learned_until is None or d.learned_until <= d.start for d in issued)


def test_the_desk_said_kinds_that_add_up_to_no_more_than_the_city(ran: tuple[Engine, MemoryLog]):
    demand = ran[0].writer.situation.demand
    assert demand is not None
    assert demand.kind_mean is not None
    assert demand.kinds == ("Illness", "Building fire", "Flooded cellar")
    assert (demand.kind_mean.sum(axis=0) <= demand.city_mean + 1e-9).all()
    assert (demand.kind_mean > 0).all()


def test_an_export_has_what_was_verified(ran: tuple[Engine, MemoryLog], tmp_path: Path):
    engine, log = ran
    track = engine.writer.situation.track
    export_log(log, tmp_path / "out", {})
    table = pl.read_parquet(tmp_path / "out" / "verifications.parquet")
    sums = table.filter(pl.col("by") == "horizon").group_by("key").agg(pl.col("cells", "pinball", "rival").sum())
    for key, cells, pinball, rival in sums.iter_rows():
        assert cells == figure(track, int(key), "cells")
        assert pinball == pytest.approx(figure(track, int(key), "pinball"))
        assert rival == pytest.approx(figure(track, int(key), "rival"))
    assert table["hour"].n_unique() == track.hours
    assert set(table["by"].unique()) == {"area", "city", "horizon", "kind"}
