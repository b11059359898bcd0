"""Every example of the docs runs: `console` blocks line by line (those with `$ `), `python` blocks as scripts, all
blocks of a page in order, in a folder of its own. What waits for people (`serve`, `demo`) runs until it is ready."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.cli import main

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [p for p in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if BLOCK.search(p.read_text("utf-8"))]
TOCSIN = f"{shlex.quote(sys.executable)} -c 'from tocsin.cli import main; main()'"
NOT_HERE = ("make ", "git ", "cd ")
"""Commands about the checkout itself: `.ci/run` runs the targets, cloning is for the reader."""
PLAIN = re.compile(r"^(tocsin (?:[^|&;<>$`\"'\\*]|\"[^\"$`\\]*\")+?)(?: > ([\w.-]+))?$")
"""A command of ours and nothing for a shell to do, but perhaps to keep what it says in a file."""
SERVES = re.compile(r"^tocsin (serve|demo)\b")


def blocks_of(page: Path) -> list[tuple[str, str]]:
    return [(m.group(1), m.group(2)) for m in BLOCK.finditer(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path) -> None:
    for kind, text in blocks_of(page):
        if kind == "python":
            run_python(text, tmp_path)
        else:
            for line in text.splitlines():
                if line.startswith("$ ") and not line[2:].startswith(NOT_HERE):
                    run_command(line[2:].split("  #")[0], tmp_path)


def run_python(text: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", text], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"{text}\n{done.stderr}"


def run_command(line: str, folder: Path) -> None:
    if SERVES.match(line):
        run_until_ready(line, folder)
        return
    if plain := PLAIN.match(line):
        run_here(plain[1], folder, plain[2])
        return
    done = subprocess.run(
        ["bash", "-c", f'tocsin() {{ {TOCSIN} "$@"; }}; {line}'],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, f"$ {line}\n{done.stdout}\n{done.stderr}"


def run_here(line: str, folder: Path, kept: str | None) -> None:
    """A command in this process: the same door, without the seconds that a start takes. `kept`: the file into which
    its output goes."""
    said = io.StringIO()
    with (
        contextlib.chdir(folder),
        (folder / kept).open("w", encoding="utf-8") if kept else contextlib.nullcontext(said) as out,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(said),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", shlex.split(line))
        status: object = None
        try:
            main()
        except SystemExit as end:
            status = end.code
    assert not status, f"$ {line}\n{said.getvalue()}"


def run_until_ready(line: str, folder: Path) -> None:
    words = [word for word in shlex.split(line)[1:] if word != "--browser"]
    command = [sys.executable, "-c", "from tocsin.cli import main; main()", *words, "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("Tocsin is ready at "), said + process.stdout.read()
        finally:
            process.send_signal(signal.SIGINT)


def test_there_are_examples() -> None:
    assert {p.name for p in PAGES} >= {"README.md", "your-city-in-an-hour.md"}
