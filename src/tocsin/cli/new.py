"""`tocsin new`: a city pack to start from: an example, or made from what others have drawn of the city."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.show import fail


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to: new, or empty.")],
    jemss: Annotated[
        Path | None, typer.Option("--jemss", metavar="MODEL_DIR", help="Make it from a model of JEMSS.jl (models/1).")
    ] = None,
    osm: Annotated[
        Path | None,
        typer.Option("--osm", metavar="FILE.osm.pbf", help="Make it from an extract of OpenStreetMap (extra `osm`)."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", metavar="ZONE", help="With --jemss or --osm: such as Europe/Helsinki.")
    ] = None,
) -> None:
    """Write a made-up town as a pack: every file, every key explained. It passes `tocsin check` and can be replayed.

    With --jemss or --osm, write the city that is told there instead."""
    if jemss is not None and osm is not None:
        fail("--jemss and --osm are two cities: name one of them")
    if timezone is not None and jemss is None and osm is None:
        fail("--timezone goes with --jemss or --osm: the example has its own zone")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            fail(f"{folder} is not empty: name a new folder, so that nothing of yours is overwritten")
        written = _write(folder, jemss, osm, timezone)
    except OSError as error:
        fail(f"{error.filename or folder} cannot be read or written ({error.strerror}): name one that you may use")
    for path in written:
        typer.echo(f"{path}")
    typer.echo(f"Next: `tocsin check {folder}`, then `tocsin serve {folder} --data DATA`.")


def _write(folder: Path, jemss: Path | None, osm: Path | None, timezone: str | None) -> list[Path]:
    if jemss is not None:
        from tocsin.adapters.packs.jemss import write_jemss_pack

        return write_jemss_pack(jemss, folder, timezone=timezone)
    if osm is not None:
        from tocsin.adapters.packs.osm import write_osm_pack

        return write_osm_pack(osm, folder, timezone=timezone)
    from tocsin.adapters.packs.example import write_example

    return write_example(folder)
