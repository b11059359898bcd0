"""Which log somebody means: a data folder, a published folder, or an address."""

from __future__ import annotations

from pathlib import Path

from tocsin.adapters.ledger_files.folder import LogFolder
from tocsin.adapters.ledger_files.web import LogOnTheWeb
from tocsin.errors import BadSettings


def find_log(where: str) -> LogFolder | LogOnTheWeb:
    """The log at a folder or an address.

    Raises: BadSettings where there is none.
    """
    if "://" in where:
        return LogOnTheWeb(where)
    folder = Path(where)
    if (folder / "ledger").is_dir():
        return LogFolder(folder / "ledger")
    if any((folder / part).exists() for part in ("checkpoint", "tile", "checkpoints", "key")):
        return LogFolder(folder)
    raise BadSettings(
        f"{where}: no published log: name a data folder, a folder with a file `checkpoint`, or an address"
    )
