"""Published logs made in tests: every file that a log of these entries would have, as `path -> bytes`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tocsin.accounting.canonical import canonical
from tocsin.accounting.checkpoints import Checkpoint, sign_checkpoint
from tocsin.accounting.merkle import MerkleTree, leaf_hash
from tocsin.accounting.notes import KeyType, SigningKey
from tocsin.accounting.tiles import TILE_WIDTH, new_tiles, pack_entries, prunable, tile_bytes

LOG = SigningKey("ledger.example/city", bytes(range(32)))
OTHER = SigningKey("ledger.example/city", bytes(range(1, 33)))
"""Of the same name: what somebody would make who wants to replace the key."""
WITNESSES = [SigningKey(f"witness{n}.example", bytes([n] * 32), KeyType.COSIGNATURE) for n in (1, 2, 3)]


def use(number: int) -> bytes:
    """An entry like those of the ledger."""
    return canonical({"v": 1, "kind": "use", "at": "2026-03-01T00:00:00Z", "rows": number, "role": "dispatcher"})


def uses(count: int, start: int = 0) -> list[bytes]:
    return [use(number) for number in range(start, start + count)]


def publish(entries: Sequence[bytes], sizes: Iterable[int] = (), key: SigningKey = LOG) -> dict[str, bytes]:
    """The files of a log that signed at `sizes` and at its end, with every partial tile of these sizes."""
    tree = MerkleTree(leaf_hash(entry) for entry in entries)
    files = {"key": f"{key.verifier.text}\n".encode()}
    before = 0
    for size in sorted({*sizes, len(entries)}):
        for tile in new_tiles(before, size):
            first = tile.index * TILE_WIDTH
            bundled = entries[first : first + tile.width]
            files[tile.path] = pack_entries(bundled) if tile.is_bundle else tile_bytes(tree, tile)
        note = sign_checkpoint(Checkpoint(key.name, size, tree.root(size)), key).encode()
        files[f"checkpoints/{size}"] = files["checkpoint"] = note
        before = size
    return files


def prune(files: dict[str, bytes], minimum: int) -> dict[str, bytes]:
    """The log without the bundles below the minimum index."""
    gone = {tile.path for tile in prunable(minimum)}
    partial = tuple(f"{path}.p/" for path in gone)
    return {path: data for path, data in files.items() if path not in gone and not path.startswith(partial)}


def write(files: dict[str, bytes], folder: Path) -> Path:
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


class FilesInMemory:
    """A published log that lies nowhere."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def read(self, path: str, most_bytes: int) -> bytes | None:
        data = self.files.get(path)
        return None if data is None else data[: most_bytes + 1]

    def list_paths(self) -> list[str]:
        return [path for path in self.files if path.startswith(("tile/", "checkpoints/"))]
