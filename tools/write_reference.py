"""Write the reference pages that are made from the code. With `--check`: say which are out of date, and end with 1."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a script, Python looks beside the script only

from tools import dump_openapi  # noqa: E402
from tools.reference import access_matrix, api, authorisation, commands, errors, events, ledger_entries, settings  # noqa: E402

REFERENCE = ROOT / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "openapi.json": dump_openapi.written,
    "api.md": api.written,
    "commands.md": commands.written,
    "settings.md": settings.written,
    "errors.md": errors.written,
    "events.md": events.written,
    "ledger-entries.md": ledger_entries.written,
    "access-matrix.md": access_matrix.written,
    "authorisation.md": authorisation.written,
    "authorisation.tsv": authorisation.table,
}
written = api.written


def stale(folder: Path = REFERENCE) -> list[str]:
    """The pages that are not what the code says."""
    return [name for name, page in PAGES.items() if not _holds(folder / name, page())]


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def main() -> None:
    old = stale()
    if "--check" in sys.argv[1:]:
        if old:
            sys.exit(f"out of date: {', '.join(old)}. Run: make reference")
        return
    for name in old:
        (REFERENCE / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote docs/reference/{name}")


if __name__ == "__main__":
    main()
