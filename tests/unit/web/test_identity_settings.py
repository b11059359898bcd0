"""Settings of identity in `tocsin.toml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.adapters.accounts.oidc import OpenIdConnect
from tocsin.adapters.clocks import WallClock
from tocsin.bootstrap_identity import open_sso
from tocsin.bootstrap_settings import SETTINGS_FILE, read_settings
from tocsin.errors import BadSettings

SSO = """[sso]
issuer = "https://sso.city.example"
client_id = "tocsin"
secret_file = "sso.secret"
[sso.roles]
tocsin-watch = "watch_officer"
"""


def read(folder: Path, text: str):
    (folder / SETTINGS_FILE).write_text(text)
    return read_settings(folder)


def test_they_are_read(tmp_path: Path):
    settings = read(tmp_path, f'session_h = 8\npublic_url = "https://Desk.city.example/"\nproxy = "10.0.0.1"\n{SSO}')
    assert (settings.session_h, settings.public_url, settings.proxy) == (8, "https://desk.city.example", "10.0.0.1")
    assert settings.sso is not None
    assert settings.sso.roles == {"tocsin-watch": "watch_officer"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("session_h = 0", "session_h"),
        ("session_idle_min = 1.5", "session_idle_min"),
        ("public_url = 7", "public_url"),
        ('public_url = "http://desk.city.example"', "public_url"),
        ('public_url = "https://"', "public_url"),
        ('public_url = "https://desk.city.example/path"', "public_url"),
        ('public_url = "https://me@desk.city.example"', "public_url"),
        ('public_url = "https://desk.city.example:99999"', "public_url"),
        ("sso = 1", "sso"),
        ("[sso]\nissuer = 3", "sso.issuer"),
        ("[sso]\nclient = 'x'", "sso.client"),
        ('[sso]\nissuer = "https://x.example"', "sso.client_id"),
        (SSO.replace('"watch_officer"', "3"), "sso.roles"),
        (SSO.replace('tocsin-watch = "watch_officer"', ""), "sso.roles"),
    ],
)
def test_what_cannot_be_names_the_key(tmp_path: Path, text: str, named: str):
    with pytest.raises(BadSettings, match=named):
        read(tmp_path, text)


def test_the_client_secret_comes_from_a_file_and_a_missing_one_is_told(tmp_path: Path):
    settings = read(tmp_path, SSO).sso
    assert settings is not None
    with pytest.raises(BadSettings, match="secret_file"):
        open_sso(settings, tmp_path, WallClock())
    (tmp_path / "sso.secret").write_text("kept\n")
    sso = open_sso(settings, tmp_path, WallClock())
    assert isinstance(sso, OpenIdConnect)
    assert "kept" not in repr(sso._provider)
