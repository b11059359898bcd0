"""Every command says what it is for and what each of its options means."""

from __future__ import annotations

import pytest

from tests.integration.cli.conftest import Tocsin

COMMANDS = {
    "demo": ("--port", "--speed", "--no-browser"),
    "serve": ("pack", "--data", "--port", "--host", "--browser"),
    "replay": ("pack", "--from", "--until", "--data", "--json"),
    "check": ("pack", "--json"),
    "new": ("DIR",),
    "export": ("--data", "--out", "--json"),
    "detect": ("--out", "--detector", "--json"),
    "bench anomaly": ("--series", "--windows", "--json"),
    "bench forecast": ("--calls", "--counts", "--time", "--origins", "--models", "--report", "--json"),
    "plan stations": ("--close", "--add", "--merge", "--sites", "--simulate", "--report", "--json"),
    "plan shifts": ("--from", "--until", "--lengths", "--max-units", "--delay", "--report", "--json"),
    "bench locate": ("--orlib", "--seconds", "--cover", "--report", "--json"),
    "bench warn": ("--calls", "--time", "--seen", "--truth", "--json"),
}


def test_the_commands_are_listed(tocsin: Tocsin):
    said = tocsin("--help")
    assert said.status == 0
    listed = [line.split()[0] for line in said.out.split("Commands:")[1].splitlines() if line.strip()]
    assert listed == [
        "demo",
        "serve",
        "replay",
        "rehearse",
        "check",
        "new",
        "export",
        "detect",
        "forecast",
        "verify",
        "witness",
        "account",
        "trace",
        "bench",
        "plan",
        "policy",
        "accounts",
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_lists_its_options(tocsin: Tocsin, command: str):
    said = tocsin(*command.split(), "--help")
    assert said.status == 0
    assert [option for option in COMMANDS[command] if option not in said.out] == []


def test_without_a_command_the_help_is_shown(tocsin: Tocsin):
    said = tocsin()
    assert said.status == 2
    assert "Usage: tocsin" in said.out + said.err
