"""The page of the ledger's entries, from `tocsin.accounting.entry_fields` and the kinds themselves."""

from __future__ import annotations

from collections.abc import Mapping

from tools.reference.reading import classes_of

from tocsin.accounting import entries
from tocsin.accounting.entries import EntryKind
from tocsin.accounting.entry_fields import ALWAYS, FIELDS

HEAD = """# Entries of the ledger

Made by `tools/write_reference.py` from `tocsin.accounting`. Change the code, then run `make reference`.

An entry is public and is canonical JSON (RFC 8785) of less than 64 KiB. It names roles and offices, never a person, a
call or a place. A field that would say nothing is left out. How the ledger is kept, checked and pruned:
[the ledger](../concepts/ledger.md).

## Every entry

What the ledger writes itself. `actor`, `subjects` and `payload` stand only where there is one.

"""


def written() -> str:
    """The page as the file holds it."""
    meanings = {field.name: field.meaning for field in classes_of(entries)["EntryKind"].fields}
    parts = [HEAD, *_table(ALWAYS)]
    for kind in EntryKind:
        meaning = meanings.get(kind.name) or meanings.get(kind.value) or ""
        parts += [f"\n## {kind.value}\n\n{meaning}\n\n", *_table(FIELDS[kind])]
    return "".join(parts)


def _table(fields: Mapping[str, str]) -> list[str]:
    return ["| field | meaning |\n| --- | --- |\n", *(f"| `{name}` | {said} |\n" for name, said in fields.items())]
