"""How the command line speaks: errors on standard error, progress only where somebody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

ERRORS = Console(stderr=True, highlight=False)


def fail(message: str, status: int = 2) -> NoReturn:
    """Say what is wrong and what to do, and end."""
    ERRORS.print(f"tocsin: {message}", markup=False, soft_wrap=True)
    sys.exit(status)


@contextmanager
def desk_progress(what: str) -> Iterator[Callable[[datetime, datetime, datetime], None]]:
    """A bar over desk time on standard error; call it with start, now and until. Silent where nobody looks."""
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=ERRORS,
        transient=True,
        disable=not ERRORS.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=1.0)

        def move(start: datetime, now: datetime, until: datetime) -> None:
            span_s = max((until - start).total_seconds(), 1.0)
            bar.update(task, completed=(now - start).total_seconds() / span_s, description=f"{now:%Y-%m-%d %H:%M} UTC")

        yield move


@contextmanager
def step_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar over steps of work on standard error; call it with steps done and in all. Silent where nobody looks."""
    bar = Progress(
        TextColumn(what),
        BarColumn(),
        TimeElapsedColumn(),
        console=ERRORS,
        transient=True,
        disable=not ERRORS.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=1.0)
        yield lambda done, of: bar.update(task, completed=done / max(of, 1))
