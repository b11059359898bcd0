"""`tocsin export`: the log's facts as Parquet, for DuckDB and everything else that reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tocsin.adapters.export import export_data
from tocsin.cli.show import ERRORS


def export(
    data: Annotated[Path, typer.Option(help="Data folder of a desk; it may be running.")],
    out: Annotated[Path, typer.Option(help="Folder for the files, new or empty.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Write the log's facts as Parquet: block level at most, nothing sealed."""
    with Progress(console=ERRORS, transient=True, disable=not ERRORS.is_terminal) as bar:
        task = bar.add_task("Exporting", total=None)
        rows = export_data(data, out, lambda done, total: bar.update(task, completed=done, total=total))
    if as_json:
        typer.echo(json.dumps({"out": str(out), "rows": rows}))
        return
    table = Table("File", "Rows", title=f"Exported to {out}")
    for name, count in rows.items():
        table.add_row(f"{name}.parquet", f"{count:,}")
    Console().print(table)
