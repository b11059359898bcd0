"""`tocsin new`: a small, complete city pack to start one's own from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.adapters.packs.example import write_example
from tocsin.cli.show import fail


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to: new, or empty.")],
) -> None:
    """Write a made-up town as a pack: every file, every key explained. It passes `tocsin check` and can be replayed."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            fail(f"{folder} is not empty: name a new folder, so that nothing of yours is overwritten")
        written = write_example(folder)
    except OSError as error:
        fail(f"{folder} cannot be written ({error.strerror}): name a folder that you may write to")
    for path in written:
        typer.echo(f"{path}")
    typer.echo(f"Next: `tocsin check {folder}`, then `tocsin serve {folder} --data DATA`.")
