"""`tocsin export` lets nothing leave that two people did not agree to; `tocsin trace` finds it again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.city import write_tiny_pack
from tocsin.adapters.ledgers import open_ledger
from tocsin.bootstrap import open_replay
from tocsin.bootstrap_account import ledger_name
from tocsin.bootstrap_settings import Settings
from tocsin.cli import app
from tocsin.errors import BadSettings

PEOPLE = {"ana": "analyst", "wat": "watch_officer", "dpo": "data_protection_officer", "pub": "public_information"}
Let = Callable[..., Result]


def _secret(login: str) -> str:
    return f"a long enough secret of {login}"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pack, the data of its replay, and four people."""
    folder = tmp_path_factory.mktemp("house")
    write_tiny_pack(folder / "pack")
    replay, until = open_replay(
        str(folder / "pack"), folder / "data", start=None, until=None, settings=Settings(seed=1), accounted=True
    )
    replay.run(until, lambda _: None)
    for login, role in PEOPLE.items():
        secret = folder / f"{login}.txt"
        secret.write_text(_secret(login))
        asked = ("--role", role, "--office", "City", "--password-from", secret)
        assert run("accounts", "add", login, "--data", folder / "data", *asked).exit_code == 0
    (folder / "passwords").write_text("".join(f"{login} {_secret(login)}\n" for login in PEOPLE))
    return folder


@pytest.fixture
def let(house: Path, tmp_path: Path) -> Let:
    def let_leave(*words: str, by: str = "ana", agreed: tuple[str, ...] = ("wat", "dpo"), out: str = "out") -> Result:
        people = [word for who in agreed for word in ("--approved-by", who)]
        return run(
            *("export", house / "pack", "--data", house / "data", "--out", tmp_path / out, "--asked-by", by, *people),
            *("--recipient", "University", "--passwords", house / "passwords", "--json", *words),
        )

    return let_leave


def test_facts_leave_with_two_who_agree_and_lead_back(house: Path, let: Let, tmp_path: Path) -> None:
    done = let()
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    calls = pl.read_parquet(tmp_path / "out" / "calls.parquet")
    assert said["rows"] > calls.height > 0
    assert "University" in (tmp_path / "out" / "APPROVAL.md").read_text()
    found = json.loads(run("trace", tmp_path / "out" / "calls.parquet", "--data", house / "data", "--json").stdout)
    assert found["export"] == said["export"]
    assert run("verify", house / "data").exit_code == 0


def test_the_file_as_it_left_is_known_by_its_digest(house: Path, let: Let) -> None:
    said = json.loads(let("--what", "counts").stdout)
    (file,) = (house / "data" / "exports" / said["export"]).iterdir()
    found = json.loads(run("trace", file, "--data", house / "data", "--json").stdout)
    assert (found["export"], found["chance"]) == (said["export"], 0.0)


def test_a_file_of_nobody_is_not_claimed(house: Path, let: Let, tmp_path: Path) -> None:
    assert let().exit_code == 0
    other = tmp_path / "other.csv"
    other.write_text("call,lon,lat\n" + "".join(f"x{n},10.{n:05},50.{n:05}\n" for n in range(50)))
    done = run("trace", other, "--data", house / "data")
    assert done.exit_code == 1
    assert "none of" in done.stdout


@pytest.mark.parametrize(
    ("by", "agreed", "why"),
    [
        ("ana", (), "Missing option"),
        ("ana", ("wat",), "release is not possible"),
        ("ana", ("ana", "dpo"), "asked for themselves"),
        ("ana", ("wat", "wat"), "approved it already"),
        ("ana", ("wat", "pub"), "agree|decide|may|permit"),
        ("wat", ("dpo", "ana"), "."),
        ("nobody", ("wat", "dpo"), "is wrong"),
        ("ana:administrator", ("wat", "dpo"), "does not hold this role"),
    ],
)
def test_nothing_leaves_otherwise(
    house: Path, let: Let, tmp_path: Path, by: str, agreed: tuple[str, ...], why: str
) -> None:
    with (house / "passwords").open("a") as more:
        more.write("nobody some password\n")
    done = let(by=by, agreed=agreed)
    assert done.exit_code != 0
    assert re.search(why, done.output), done.output
    assert not (tmp_path / "out").exists()


def test_a_wrong_password_opens_nothing(house: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("ana not the password\n")
    words = ("--asked-by", "ana", "--approved-by", "wat", "--recipient", "University", "--passwords", wrong)
    done = run("export", house / "pack", "--data", house / "data", "--out", tmp_path / "out", *words)
    assert done.exit_code != 0
    assert "wrong" in done.output


def test_counts_leave_without_small_cells_and_say_what_was_spent(house: Path, let: Let, tmp_path: Path) -> None:
    assert let("--what", "counts", "--option", "k=10").exit_code == 0
    assert let("--what", "counts", "--option", "epsilon=2", out="noisy").exit_code == 0
    for name in ("out", "noisy"):
        counts = pl.read_csv(tmp_path / name / "counts.csv")
        assert counts.columns == ["day", "area", "service", "calls"]
        assert (counts["calls"] >= 10).all()
    again = let("--what", "counts", "--option", "epsilon=2", out="again")
    assert again.exit_code != 0
    assert "privacy budget" in again.output
    ledger = open_ledger(house / "data", ledger_name("tiny"))
    spent = [e.body["epsilon"] for e in ledger.entries() if e.kind == "budget"]
    ledger.close()
    assert spent == [2]


def test_wrong_options_are_named(let: Let) -> None:
    done = let("--what", "counts", "--option", "k=9")
    assert done.exit_code != 0
    assert "`k`" in done.output


def test_refusals_say_what_to_do(house: Path, tmp_path: Path) -> None:
    words = ("--recipient", "U", "--asked-by", "ana", "--approved-by", "wat")
    full = run("export", house / "pack", "--data", house / "data", "--out", house, *words)
    assert full.exit_code != 0
    assert "name a new one" in full.output
    empty = run("export", house / "pack", "--data", tmp_path / "none", "--out", tmp_path / "o", *words)
    assert isinstance(empty.exception, BadSettings)
    assert "tocsin accounts add" in str(empty.exception)
