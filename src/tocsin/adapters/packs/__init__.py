"""Reads a city pack, checks all of it, and says what is wrong, what is missing and what that costs."""

from __future__ import annotations

from pathlib import Path

from tocsin.accounting.access import Access
from tocsin.adapters.packs.load import Pack, check_pack, find_pack, list_shipped, load_pack
from tocsin.adapters.packs.report import Fault, NoPack, Notice, PackReport, UnfitPack, describe

__all__ = [
    "Fault",
    "NoPack",
    "Notice",
    "Pack",
    "PackReport",
    "UnfitPack",
    "check_pack",
    "describe",
    "find_pack",
    "list_shipped",
    "load_pack",
    "read_access",
]


def read_access(pack: Path | None) -> Access:
    """The rules of a pack's `access/` folder, or Tocsin's own where it has none: adapters/packs/access.py."""
    from tocsin.adapters.packs.access import read_access as read

    return read(pack)
