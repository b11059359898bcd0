"""What cannot be ends a command with status 2 and one sentence that names the place and what to do: no traceback."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import NoReturn

import pytest

from tests.city import PACK, tiny_files, write_tiny_pack
from tests.integration.cli.conftest import Said, Tocsin
from tocsin.adapters.stores import LOG_FILE, SqliteLog
from tocsin.desk.replay import ReplayRun


def one_sentence(said: Said) -> str:
    """The sentence, without `tocsin: `."""
    assert said.status == 2
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err.startswith("tocsin: ")
    assert said.err.count("\n") == 1, said.err
    return said.err.removeprefix("tocsin: ").strip()


@pytest.mark.parametrize("command", [("check",), ("replay",), ("serve", "--data", "data", "--port", "0")])
def test_a_pack_that_nobody_knows(tocsin: Tocsin, command: tuple[str, ...]):
    said = one_sentence(tocsin(command[0], "nowhere", *command[1:]))
    assert "nowhere" in said
    assert "pack.toml" in said
    assert "san_francisco" in said
    assert not Path("data").exists(), "nothing is made for a pack that is not there"


def test_a_pack_with_faults_names_them(tocsin: Tocsin, tmp_path: Path):
    pack = write_tiny_pack(tmp_path / "bad", units=tiny_files()["units"].replace("E2,engine", "E2,engin"))
    for said in (tocsin("replay", pack), tocsin("serve", pack, "--data", "data", "--port", "0")):
        assert said.status == 2
        assert "Traceback" not in said.err
        assert "units.csv" in said.err
        assert "engin" in said.err


@pytest.mark.parametrize("option", ["--from", "--until"])
@pytest.mark.parametrize("time", ["yesterday", "2024-13-01T00:00", ""])
def test_a_time_that_is_none(tocsin: Tocsin, pack: Path, option: str, time: str):
    said = one_sentence(tocsin("replay", pack, option, time))
    assert said.startswith(f"{option} {time}")
    assert "2017-01-01T02:00" in said, "it shows how to write one"


@pytest.mark.parametrize(
    ("start", "until"), [("2024-03-05T00:00", "2024-03-04T00:00"), ("2030-01-01", None), (None, "2000-01-01")]
)
def test_a_span_without_anything_in_it(tocsin: Tocsin, pack: Path, start: str | None, until: str | None):
    words = [*(["--from", start] if start else []), *(["--until", until] if until else [])]
    assert "nothing to replay" in one_sentence(tocsin("replay", pack, *words))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot = 1", "`prot`"),
        ('port = "8765"', "`port`"),
        ("port = 70000", "65535"),
        ("speed = nan", "`speed`"),
        ("max_speed = -1", "`max_speed`"),
        ("seed = true", "`seed`"),
        ("port = \n", "line 1"),
        ("[desk]\nport = 1", "`desk`"),
    ],
)
def test_settings_that_cannot_be(tocsin: Tocsin, pack: Path, text: str, named: str):
    Path("tocsin.toml").write_text(text)
    for said in (tocsin("replay", pack), tocsin("serve", pack, "--data", "data"), tocsin("demo", "--no-browser")):
        sentence = one_sentence(said)
        assert sentence.startswith("tocsin.toml")
        assert named in sentence


@pytest.fixture
def taken():
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_in_use(tocsin: Tocsin, pack: Path, taken: int):
    said = one_sentence(tocsin("serve", pack, "--data", "data", "--port", taken))
    assert f"port {taken} on 127.0.0.1" in said
    assert "--port" in said.split("Try:")[1]
    assert not Path("data").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "example.org", "127.0.0.1.example.org", ""])  # noqa: S104
def test_an_address_that_is_not_loopback(tocsin: Tocsin, pack: Path, host: str):
    said = one_sentence(tocsin("serve", pack, "--data", "data", "--host", host))
    assert said.startswith(f"--host {host}")
    assert "127.0.0.1" in said


def test_an_address_for_browsers_without_tls(tocsin: Tocsin, pack: Path):
    said = one_sentence(tocsin("serve", pack, "--data", "data", "--public-url", "http://desk.city.example"))
    assert "https://" in said


def test_others_reach_a_desk_only_once_somebody_can_administer_it(tocsin: Tocsin, pack: Path):
    url = "https://desk.city.example"
    said = one_sentence(
        tocsin("serve", pack, "--data", "data", "--host", "127.0.0.2", "--public-url", url, "--port", "0")
    )
    assert "make the first account on loopback" in said


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "1e9"])
def test_a_speed_that_cannot_be(tocsin: Tocsin, speed: str):
    said = one_sentence(tocsin("demo", "--no-browser", "--speed", speed))
    assert said.startswith("--speed")
    assert "3600" in said
    assert not Path(".tocsin").exists(), "told before any work is done"


def test_a_speed_in_the_settings_above_the_highest(tocsin: Tocsin):
    Path("tocsin.toml").write_text("speed = 100\nmax_speed = 60\n")
    assert one_sentence(tocsin("demo", "--no-browser")).startswith("tocsin.toml: speed 100")


def test_a_data_folder_that_is_a_file(tocsin: Tocsin, pack: Path):
    Path("data").write_text("mine")
    for said in (tocsin("replay", pack, "--data", "data"), tocsin("serve", pack, "--data", "data", "--port", "0")):
        assert one_sentence(said).startswith("--data data")
    assert Path("data").read_text() == "mine"


def test_a_data_folder_in_use(tocsin: Tocsin, pack: Path):
    log = SqliteLog(Path("data") / LOG_FILE)
    said = one_sentence(tocsin("serve", pack, "--data", "data", "--port", "0"))
    log.close()
    assert "another Tocsin writes to" in said
    assert "choose another data folder" in said


def test_a_data_folder_of_another_city_or_another_mode(tocsin: Tocsin, pack: Path, tmp_path: Path):
    assert tocsin("replay", pack, "--until", "2024-03-04T02:00", "--data", "data").status == 0
    other = write_tiny_pack(tmp_path / "other", pack=PACK.replace('name = "tiny"', 'name = "other"'))
    assert "holds the log of tiny, not of other" in one_sentence(tocsin("replay", other, "--data", "data"))
    live = write_tiny_pack(tmp_path / "live", pack=PACK.replace('kind = "replay"', 'kind = "intake"'))
    said = one_sentence(tocsin("serve", live, "--data", "data", "--port", "0"))
    assert "in mode replay, and this runs in mode live" in said


def test_a_data_folder_with_something_else_in_it(tocsin: Tocsin, pack: Path):
    Path("data").mkdir()
    (Path("data") / LOG_FILE).write_bytes(b"this is no database, whatever its name may say" * 100)
    assert "is not a database" in one_sentence(tocsin("replay", pack, "--data", "data"))


@pytest.mark.parametrize(
    "words",
    [
        ("replay",),
        ("replay", "pack", "--jsn"),
        ("serve", "pack"),
        ("serve", "pack", "--data", "data", "--port", "70000"),
        ("demo", "--port", "eighty"),
        ("sreve",),
    ],
    ids=" ".join,
)
def test_a_slip_on_the_command_line(tocsin: Tocsin, words: tuple[str, ...]):
    said = tocsin(*words)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("Usage: tocsin")
    assert "Error: " in said.err
    assert "Traceback" not in said.err


def test_export_where_no_desk_has_run(tocsin: Tocsin, pack: Path):
    Path("data").mkdir()
    Path("passwords").write_text("ana a quiet evening 7\nwim a quiet evening 8\n")
    who = ("--recipient", "Somebody", "--asked-by", "ana", "--approved-by", "wim", "--passwords", "passwords")
    assert "nobody has an account there" in one_sentence(tocsin("export", pack, "--data", "data", "--out", "out", *who))


def test_new_where_something_is(tocsin: Tocsin):
    Path("mine").mkdir()
    (Path("mine") / "notes.txt").write_text("mine")
    assert "name a new folder" in one_sentence(tocsin("new", "mine"))


def test_interrupted(tocsin: Tocsin, pack: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(ReplayRun, "run", interrupted)
    said = tocsin("replay", pack)
    assert said.status == 130
    assert "Traceback" not in said.err
