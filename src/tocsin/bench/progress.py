"""Progress on standard error: a bar where somebody looks, a few plain lines where a file or a program does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Tell: TypeAlias = Callable[[str, int, int], None]
"""What is under way, how much of it is done, how much there is."""


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


PLAIN = 10
"""Parts of the whole that are told one by one where no bar is drawn."""


def _plain(title: str, write: Callable[[str], object]) -> Tell:
    """A line when something else gets under way, and whenever another tenth of the whole is done."""
    told: tuple[str, int] | None = None

    def tell(what: str, done: int, total: int) -> None:
        nonlocal told
        now = (what, PLAIN * done // max(total, 1))
        if now != told:
            told = now
            name = f"{what}, " if what else ""
            write(f"{title}: {name}{done} of {total}")

    return tell


@contextmanager
def shown(title: str) -> Iterator[Tell]:
    """A bar that is gone at the end; plain lines where standard error is no terminal, never more than `PLAIN` and one
    for each thing that is under way."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield _plain(title, lambda line: console.print(line, markup=False, soft_wrap=True))
        return
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
