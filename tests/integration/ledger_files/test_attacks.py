"""Whatever is done to a published ledger is found, the first bad index is named, and both verifiers say the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.plain_verifier import verify_plainly
from tests.published import LOG, OTHER, FilesInMemory, prune, publish, use, uses, write
from tocsin.accounting.audit import Trust, audit
from tocsin.accounting.canonical import canonical
from tocsin.accounting.checkpoints import Checkpoint, sign_checkpoint
from tocsin.accounting.merkle import MerkleTree, leaf_hash
from tocsin.accounting.notes import VerifierKey
from tocsin.accounting.tiles import BUNDLE, Tile, find_tile, pack_entries, unpack_entries
from tocsin.adapters.ledger_files import LogFolder

Files = dict[str, bytes]

SMALL = publish(uses(6), [2])
LARGE_SIZE = 70_000
"""Three levels of tiles: 256 * 256 = 65,536."""
MIDDLE = publish(uses(700), [255, 256, 300])


def told(files: Files, key: VerifierKey | None = None) -> dict[str, Any]:
    return audit(FilesInMemory(files), Trust(key)).as_json()


def both(files: Files, folder: Path, key: VerifierKey | None = None) -> dict[str, Any]:
    """What both verifiers say, which must be one thing."""
    write(files, folder)
    report = audit(LogFolder(folder), Trust(key)).as_json()
    assert report == verify_plainly(folder, None if key is None else key.text)
    assert report == told(files, key)
    return report


def bad(kind: str, index: int) -> dict[str, Any]:
    return {"kind": kind, "index": index}


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 700])
def test_a_sound_ledger_holds(size: int, tmp_path: Path):
    report = both(publish(uses(size), [size // 2]), tmp_path)
    assert report["ok"]
    assert (report["size"], report["first_bad"]) == (size, None)
    assert report["checkpoints"] == len({size // 2, size})


def expected_of(path: str, place: int, entries: list[bytes]) -> dict[str, Any]:
    """What has to be named when a byte of a file is wrong."""
    tile = find_tile(path)
    if tile is None:
        size = path.removeprefix("checkpoints/") if path.startswith("checkpoints/") else str(len(entries))
        return bad("key", 0) if path == "key" else bad("checkpoint", int(size))
    if not tile.is_bundle:
        return bad("tile", tile.start + place // 32 * tile.span)
    ends = np.cumsum([2 + len(entry) for entry in entries[tile.start : tile.stop]])
    return bad("entry", tile.start + int(np.searchsorted(ends, place, side="right")))


def flips(files: Files, entries: list[bytes], every: int) -> list[tuple[str, int, dict[str, Any]]]:
    return [
        (path, place, expected_of(path, place, entries))
        for path, data in files.items()
        for place in range(0, len(data), every)
    ]


def test_any_flipped_byte_of_a_small_ledger_is_found_and_its_place_named():
    for path, place, expected in flips(SMALL, uses(6), 1):
        for mask in (1 << place % 8,):
            data = bytearray(SMALL[path])
            data[place] ^= mask
            assert told({**SMALL, path: bytes(data)})["first_bad"] == expected, (path, place, mask)


def test_both_verifiers_name_the_same_flipped_byte(tmp_path: Path):
    write(MIDDLE, tmp_path)
    sampled = flips(MIDDLE, uses(700), 5_003)
    assert {path for path, _, _ in sampled} == set(MIDDLE)
    for path, place, expected in sampled:
        data = bytearray(MIDDLE[path])
        data[place] ^= 0x40
        (tmp_path / path).write_bytes(data)
        report = audit(LogFolder(tmp_path)).as_json()
        assert report["first_bad"] == expected, (path, place)
        assert report == verify_plainly(tmp_path), (path, place)
        (tmp_path / path).write_bytes(MIDDLE[path])


def test_flipped_bytes_of_a_large_ledger_are_found():
    entries = uses(LARGE_SIZE)
    files = publish(entries, [1_000])
    rng = np.random.default_rng(5)
    for path in ("tile/1/001.p/17", "tile/0/200", "tile/entries/233"):
        place = int(rng.integers(len(files[path])))
        data = bytearray(files[path])
        data[place] ^= 1 << int(rng.integers(8))
        assert told({**files, path: bytes(data)})["first_bad"] == expected_of(path, place, entries), (path, place)


def without(*paths: str) -> Callable[[Files], Files]:
    return lambda files: {path: data for path, data in files.items() if path not in paths}


def cut(path: str, length: int) -> Callable[[Files], Files]:
    return lambda files: {**files, path: files[path][:length]}


def longer(path: str, more: bytes) -> Callable[[Files], Files]:
    return lambda files: {**files, path: files[path] + more}


def swap(one: str, other: str) -> Callable[[Files], Files]:
    return lambda files: {**files, one: files[other], other: files[one]}


def entries_changed(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Files], Files]:
    path = Tile(BUNDLE, 1).path
    return lambda files: {**files, path: pack_entries(change(unpack_entries(files[path])))}


def reordered(entries: list[bytes]) -> list[bytes]:
    return [*entries[:40], entries[41], entries[40], *entries[42:]]


LAST = ".p/188"
ATTACKS = {
    "entry dropped in the middle": (entries_changed(lambda e: e[:40] + e[41:]), bad("entry", 296)),
    "last entry dropped": (entries_changed(lambda e: e[:-1]), bad("entry", 511)),
    "entry added": (entries_changed(lambda e: [*e[:40], b"{}", *e[40:]]), bad("entry", 296)),
    "entry replaced": (entries_changed(lambda e: [*e[:7], use(9), *e[8:]]), bad("entry", 263)),
    "entries reordered": (entries_changed(reordered), bad("entry", 296)),
    "bundle dropped": (without("tile/entries/001"), bad("missing", 256)),
    "last bundle dropped": (without(f"tile/entries/002{LAST}"), bad("missing", 512)),
    "tile dropped": (without("tile/0/001"), bad("missing", 256)),
    "upper tile dropped": (without("tile/1/000.p/2"), bad("missing", 0)),
    "bundle and tile dropped": (without("tile/entries/001", "tile/0/001"), bad("missing", 256)),
    "bundles reordered": (swap("tile/entries/000", "tile/entries/001"), bad("entry", 0)),
    "tiles reordered": (swap("tile/0/000", "tile/0/001"), bad("tile", 0)),
    "bundles and tiles reordered": (
        lambda files: swap("tile/0/000", "tile/0/001")(swap("tile/entries/000", "tile/entries/001")(files)),
        bad("entry", 0),
    ),
    "bundle cut in an entry": (cut("tile/entries/000", 1_000), None),
    "bundle emptied": (cut("tile/entries/001", 0), bad("entry", 256)),
    "tile cut in a hash": (cut("tile/0/001", 100), bad("tile", 259)),
    "tile emptied": (cut("tile/0/001", 0), bad("tile", 256)),
    "tile made longer": (longer(f"tile/0/002{LAST}", bytes(32)), bad("tile", 699)),
    "bundle made longer": (longer("tile/entries/001", b"\0\0"), bad("entry", 511)),
    "huge bundle": (longer("tile/entries/000", bytes(18_000_000)), bad("entry", 255)),
    "checkpoint dropped": (without("checkpoint"), bad("checkpoint", 700)),
    "checkpoint cut": (cut("checkpoint", 60), bad("checkpoint", 700)),
    "checkpoint emptied": (cut("checkpoint", 0), bad("checkpoint", 700)),
    "huge checkpoint": (longer("checkpoint", b"x" * 300_000), bad("checkpoint", 700)),
    "older checkpoint cut": (cut("checkpoints/256", 60), bad("checkpoint", 256)),
    "older checkpoint under another size": (swap("checkpoints/256", "checkpoints/300"), bad("checkpoint", 256)),
    "rolled back to an older checkpoint": (
        lambda files: {**files, "checkpoint": files["checkpoints/300"]},
        bad("missing", 300),
    ),
    "key dropped": (without("key"), bad("key", 0)),
    "key replaced": (lambda files: {**files, "key": OTHER.verifier.text.encode()}, bad("checkpoint", 700)),
    "key of a witness's kind": (lambda files: {**files, "key": b"a+b+c"}, bad("key", 0)),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_found(name: str, tmp_path: Path):
    attack, expected = ATTACKS[name]
    report = both(attack(MIDDLE), tmp_path)
    assert not report["ok"]
    if expected is not None:
        assert report["first_bad"] == expected


def signed_by_the_log(entries: list[bytes]) -> bytes:
    tree = MerkleTree(leaf_hash(entry) for entry in entries)
    return sign_checkpoint(Checkpoint(LOG.name, len(entries), tree.root()), LOG).encode()


def test_a_second_head_of_the_same_size_is_a_fork(tmp_path: Path):
    fork = signed_by_the_log([*uses(40), use(1_000), *uses(659, 41)])
    newest = both({**MIDDLE, "checkpoint": fork}, tmp_path / "newest")
    assert newest["first_bad"] == bad("fork", 700)
    kept = both({**MIDDLE, "checkpoints/700": fork}, tmp_path / "kept")
    assert kept["first_bad"] == bad("fork", 300)


def test_an_older_head_of_another_history_is_a_fork_from_the_last_that_agrees(tmp_path: Path):
    fork = signed_by_the_log([*uses(270), use(1_000), *uses(29, 271)])
    report = both({**MIDDLE, "checkpoints/300": fork}, tmp_path)
    assert report["first_bad"] == bad("fork", 256)


def test_a_history_rewritten_in_every_file_contradicts_what_was_signed(tmp_path: Path):
    """Whoever has the disk and not the key: entries and all tiles made anew, the checkpoints left."""
    changed = publish([*uses(280), use(1_000), *uses(419, 281)], [255, 256, 300])
    files = {**changed, **{path: data for path, data in MIDDLE.items() if path.startswith("checkpoint")}}
    report = both(files, tmp_path)
    assert report["first_bad"] == bad("fork", 256)


def test_a_history_signed_anew_with_another_key_needs_the_key_from_elsewhere(tmp_path: Path):
    files = publish([*uses(280), use(1_000), *uses(419, 281)], [255, 256, 300], OTHER)
    assert both(files, tmp_path)["ok"]
    assert both(files, tmp_path, LOG.verifier)["first_bad"] == bad("key", 0)
    assert both({**files, "key": MIDDLE["key"]}, tmp_path, LOG.verifier)["first_bad"] == bad("checkpoint", 700)


def test_several_attacks_at_once_name_the_first(tmp_path: Path):
    entry, tile = bytearray(MIDDLE["tile/entries/001"]), bytearray(MIDDLE["tile/0/000"])
    entry[5] ^= 1
    tile[32 * 9] ^= 1
    report = both({**MIDDLE, "tile/entries/001": bytes(entry), "tile/0/000": bytes(tile)}, tmp_path)
    assert report["first_bad"]["index"] == 9


def pruned_log(minimum: int, *, said: bool = True) -> Files:
    entry = canonical({"v": 1, "kind": "prune", "at": "2026-03-02T00:00:00Z", "minimum_index": minimum})
    return prune(publish([*uses(600), entry if said else use(600), *uses(9, 601)], [300, 600]), minimum)


def test_a_pruned_ledger_holds_where_it_says_so_itself(tmp_path: Path):
    report = both(pruned_log(520), tmp_path / "said")
    assert report["ok"]
    assert "tile/entries/001" not in pruned_log(520)
    assert audit(FilesInMemory(pruned_log(520))).pruned == 520
    assert both(pruned_log(520, said=False), tmp_path / "unsaid")["first_bad"] == bad("missing", 0)


def test_no_more_may_be_pruned_than_was_said(tmp_path: Path):
    files = without("tile/entries/001")(pruned_log(400))
    assert both(files, tmp_path)["first_bad"] == bad("missing", 256)


def test_a_hash_of_pruned_entries_is_still_held_to_the_tile_above(tmp_path: Path):
    files = pruned_log(520)
    tile = bytearray(files["tile/0/001"])
    tile[100] ^= 1
    report = both({**files, "tile/0/001": bytes(tile)}, tmp_path)
    assert report["first_bad"]["index"] in (256, 259)


def test_garbage_is_refused_in_words(tmp_path: Path):
    rng = np.random.default_rng(1)
    for number in range(12):
        garbage = {path: rng.bytes(int(rng.integers(0, 400))) for path in MIDDLE}
        keep = {path: MIDDLE[path] for path in ("key", "checkpoint", "checkpoints/300")[: number % 4]}
        assert not both({**garbage, **keep}, tmp_path / str(number))["ok"]


def test_a_checkpoint_of_a_size_beyond_all_files_ends_at_once(tmp_path: Path):
    note = sign_checkpoint(Checkpoint(LOG.name, 2**60, bytes(32)), LOG).encode()
    report = both({**MIDDLE, "checkpoint": note}, tmp_path)
    assert report["first_bad"] == bad("missing", 512)


def test_a_kept_checkpoint_finds_what_the_files_alone_cannot_show():
    kept = MIDDLE["checkpoint"]
    cut_back = publish(uses(300), [255, 256])
    assert audit(FilesInMemory(cut_back)).ok
    report = audit(FilesInMemory(cut_back), Trust(against=kept))
    assert report.as_json()["first_bad"] == bad("missing", 300)
    forked = publish([*uses(280), use(1_000), *uses(419, 281)], [255, 256])
    report = audit(FilesInMemory(forked), Trust(against=kept))
    assert report.as_json()["first_bad"] == bad("fork", 700)
    assert audit(FilesInMemory(MIDDLE), Trust(against=MIDDLE["checkpoints/300"])).ok
    assert audit(FilesInMemory(MIDDLE), Trust(against=b"nothing")).as_json()["first_bad"] == bad("checkpoint", 700)


def mutated(files: Files, rng: np.random.Generator) -> Files:
    """One to three things done to a ledger at random."""
    files = dict(files)
    for _ in range(int(rng.integers(1, 4))):
        path, other = (str(each) for each in rng.choice(sorted(files), 2))
        data = files[path]
        place = int(rng.integers(len(data) + 1))
        more, less = rng.bytes(int(rng.choice([1, 3, 32]))), int(rng.choice([1, 2, 32]))
        changes = (
            {path: data[:place]},
            {path: data[:place] + more + data[place:]},
            {path: data[:place] + data[place + less :]},
            {path: files[other], other: data},
            {other: data},
            {f"tile/0/000.p/{place % 255 + 1}": data},
            {f"checkpoints/{place}": data},
        )
        files |= changes[int(rng.integers(len(changes)))]
    return files


@pytest.mark.parametrize("seed", range(40))
def test_both_verifiers_agree_whatever_is_done(seed: int, tmp_path: Path):
    rng = np.random.default_rng(seed)
    files = mutated((SMALL, MIDDLE, pruned_log(520))[seed % 3], rng)
    both(files, tmp_path)
