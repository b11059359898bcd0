"""What a ledger holds itself to before it takes a single entry: what is stored, what was signed and what was published
have to be one history."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tocsin.accounting.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from tocsin.accounting.merkle import EMPTY_ROOT, leaf_hash, root_hash
from tocsin.accounting.notes import SigningKey, VerifierKey
from tocsin.accounting.tiles import TILE_HEIGHT, TILE_WIDTH
from tocsin.adapters.ledgers.batch import Head
from tocsin.adapters.ledgers.connections import Connections
from tocsin.adapters.ledgers.schema import blob
from tocsin.adapters.ledgers.tree import StoredTree, restored
from tocsin.errors import BadProof, LedgerDamaged

CHECKPOINT_FILE: Final = "checkpoint"
CHECKPOINTS: Final = "checkpoints"


def find_head(connections: Connections, key: SigningKey) -> Head:
    """Where the ledger stood when it was last written; an empty one at the first start.

    Raises: LedgerDamaged where the head is not what this key signed, or does not fit the entries.
    """
    row = connections.one("SELECT size, first, last_at, root, note FROM head")
    last, least = connections.one("SELECT (SELECT max(i) FROM entries), (SELECT min(i) FROM entries)")
    if row is None and last is None:
        return Head(0, 0, 0, EMPTY_ROOT, sign_checkpoint(Checkpoint(key.name, 0, EMPTY_ROOT), key))
    if row is None:
        raise LedgerDamaged(f"{connections.path} has entries and no head: restore it from a copy")
    head = Head(*row)
    try:
        signed = open_checkpoint(head.note, key.verifier).checkpoint
    except BadProof as error:
        raise LedgerDamaged(
            f"{connections.path}: its newest checkpoint does not hold ({error}): put the key file back that belongs "
            "to it, or restore both from a copy"
        ) from error
    found = (0, head.first) if last is None else (last + 1, least)
    if (signed.size, signed.root) != (head.size, head.root) or found != (head.size, min(head.first, head.size)):
        raise LedgerDamaged(
            f"{connections.path} holds entries {found[1]} to {found[0]}, and its checkpoint says {head.first} to "
            f"{signed.size}: entries were added or removed behind its back; run `tocsin verify` and restore it"
        )
    return head


def restore_tree(connections: Connections, head: Head) -> StoredTree:
    """The tree of everything stored. Raises: LedgerDamaged where its root is not the one that was signed."""

    def find_tile(level: int, n: int) -> bytes | None:
        row = connections.one("SELECT hashes FROM tiles WHERE level = ? AND n = ?", (level, n))
        return blob(row[0], f"tile {n} of level {level}") if row else None

    def partial(level: int) -> bytes:
        first = (head.size >> TILE_HEIGHT * (level + 1)) * TILE_WIDTH
        stop = head.size >> TILE_HEIGHT * level
        if level == 0:
            rows = connections.all("SELECT data, i FROM entries WHERE i >= ? AND i < ? ORDER BY i", (first, stop))
            return b"".join(leaf_hash(blob(data, f"entry {i}")) for data, i in rows)
        rows = connections.all(
            "SELECT root FROM tiles WHERE level = ? AND n >= ? AND n < ? ORDER BY n", (level - 1, first, stop)
        )
        return b"".join(blob(row[0], "the root of a tile") for row in rows)

    tree = restored(head.size, partial, find_tile)
    if tree.edge.root() != head.root:
        raise LedgerDamaged(
            f"{connections.path}: the last entries do not give the root that was signed: they were changed; run "
            "`tocsin verify` to find the first, and restore the ledger from a copy"
        )
    return tree


def check_published(
    connections: Connections, folder: Path | None, key: VerifierKey, head: Head, tree: StoredTree
) -> None:
    """Hold what is stored to what the world may have seen.

    Raises: LedgerDamaged where a published checkpoint is ahead of what is stored, or says another root.
    """
    row = connections.one("SELECT size, note FROM published ORDER BY size DESC LIMIT 1")
    notes = [("the list of what was published", row[1])] if row else []
    if folder is not None:
        notes += [(str(file), text) for file in _newest(folder) if (text := _read(file)) is not None]
    for where, note in notes:
        try:
            published = open_checkpoint(note, key).checkpoint
        except BadProof:
            # Torn, or not ours: nobody can hold us to it, and it is written anew.
            continue
        if published.size > head.size:
            raise LedgerDamaged(
                f"{where} says {published.size} entries, and {connections.path} holds {head.size}: an older copy was "
                "restored. Restore the newest; if it is lost, begin a new ledger under another name and say so"
            )
        if root_hash(tree.read, published.size) != published.root:
            raise LedgerDamaged(
                f"{where} says another root for {published.size} entries than {connections.path} has: the past was "
                "changed. Run `tocsin verify` and restore the ledger from a copy"
            )


def _newest(folder: Path) -> list[Path]:
    """The files with the newest published checkpoints."""
    kept = folder / CHECKPOINTS
    sizes = [int(f.name) for f in kept.iterdir() if f.name.isdigit()] if kept.is_dir() else []
    newest = [kept / str(max(sizes))] if sizes else []
    return [file for file in (folder / CHECKPOINT_FILE, *newest) if file.is_file()]


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
