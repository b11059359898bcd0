"""`tocsin bench ledger`: how much accounting a machine carries."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.cli.written import check_written


def ledger(
    appends: Annotated[int, typer.Option(min=100, max=10_000_000, help="Durable appends to time.")] = 30_000,
    disclosures: Annotated[int, typer.Option(min=100, max=10_000_000, help="Full disclosures to time.")] = 15_000,
    leaves: Annotated[int, typer.Option(min=300, max=10_000_000, help="Entries of the ledger proven in.")] = 200_000,
    decisions: Annotated[int, typer.Option(min=100, max=10_000_000, help="Decisions to time.")] = 30_000,
    policies: Annotated[int, typer.Option(min=1, max=1_000, help="Policies in force, at least the base's.")] = 100,
    rivals: Annotated[bool, typer.Option("--rivals/--no-rivals", help="Time others' ways beside.")] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of policies, requests and choices.")] = 1,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir", help="Folder on the disk to time; a temporary one below it is used. Left out: one on a disk."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Keep the JSON in this file too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Time durable appends, full disclosures, proofs and decisions, with others' ways beside them."""
    from tocsin.adapters.clocks import WallClock
    from tocsin.bench import progress
    from tocsin.bench.ledger.bench import Effort, bench
    from tocsin.bench.ledger.disk import place_on_disk
    from tocsin.bench.machine import about

    check_written([], {"--out": out})
    packages = ("tocsin", "cedarpy", "cryptography", "msgspec", "rfc8785")
    facts = about(WallClock().now(), seed, packages)
    effort = Effort(
        appends=appends,
        disclosures=disclosures,
        leaves=leaves,
        decisions=decisions,
        policies=policies,
        seed=seed,
        rivals=rivals,
    )
    with tempfile.TemporaryDirectory(dir=folder or place_on_disk()) as place, progress.shown("Accounting") as tell:
        result = {**bench(Path(place), effort, tell), "about": facts}
    text = json.dumps(result, indent=None if as_json and out is None else 1, allow_nan=False)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        _show(result, Console(highlight=False))


def _show(result: dict[str, Any], console: Console) -> None:
    table = Table("What", "A second", "p99 ms", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for what, rate, slow in (
        ("Durable appends, many in a commit", "appends_per_s", "append_p99_ms"),
        ("Disclosures: decided, written, proven, opened", "disclosures_per_s", "disclosure_p99_ms"),
        (f"Proofs among {result['sizes']['leaves']:,} entries", "proofs_per_s", None),
        (f"Decisions under {result['sizes']['policies']} policies, one core", "decisions_per_s", "decision_p99_ms"),
    ):
        table.add_row(what, f"{result[rate]:,}", "" if slow is None else f"{result[slow]:.2f}")
    console.print(table)
    console.print(Text(f"File system: {result['filesystem'] or 'unknown'}", style="dim"))
    for name, row in result["parts"].get("rivals", {}).items():
        told = (
            f"{name.replace('_', ' ')}: {row['per_s']:,} a second; ours is {row['ours_times_as_fast']:,} times as fast"
        )
        console.print(Text(told, style="dim"))
