#!/usr/bin/env python3
# fmt: off
# ruff: noqa - its promise is to be short: 150 lines that a stranger can read before trusting them
"""Check a ledger without Tocsin: `python3 verify_log.py DIR [KEY]`. Plain Python, standard library, this file alone.

DIR holds `checkpoint`, `key`, `tile/`, `checkpoints/`, or a folder `ledger` with them. KEY is the log's verifier key
from elsewhere; without it the published one is taken on faith. Prints one JSON object; ends with 0 where all holds, 1
where something is wrong, 2 where there is nothing to check. RFC 6962, RFC 8032, C2SP tlog-tiles and signed-note."""
import json, re, sys
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256, sha512
from pathlib import Path

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, TURN = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
NAME, PATH = r"[^\s+\x00-\x1f\x7f]{1,255}", r"tile/(entries|[0-7])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?"

def need(holds):
    if not holds: raise ValueError
def point(data):  # RFC 8032, 5.1.3
    y, sign = int.from_bytes(data, "little") & (1 << 255) - 1, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * TURN % P
    need((x * x - square) % P == 0 and y < P and (x or not sign))
    return (x := x if x & 1 == sign else P - x), y, 1, x * y % P
def add(p, q):  # 5.1.4
    a, b, c, d = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0]), 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = (b - a) % P, (d - c) % P, (d + c) % P, (b + a) % P
    return e * f % P, g * h % P, f * g % P, e * h % P

def need_signed(public, message, signature):  # 5.1.7: R = [s]B - [k]A
    s = int.from_bytes(signature[32:], "little")
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    need(len(signature) == 64 and s < ORDER)
    base, (x, y, _, xy), r = point((4 * pow(5, -1, P) % P).to_bytes(32, "little")), point(public), (0, 1, 1, 0)
    terms = base, (P - x, y, 1, P - xy), add(base, (P - x, y, 1, P - xy))
    for bit in range(252, -1, -1):
        r, choice = add(r, r), (s >> bit & 1) + 2 * (k >> bit & 1)
        r = add(r, terms[choice - 1]) if choice else r
    x, y = (r[at] * pow(r[2], -1, P) % P for at in (0, 1))
    need((y | (x & 1) << 255).to_bytes(32, "little") == signature[:32])

def decode(text):  # base64 in its one form
    need(b64encode(data := b64decode(text, validate=True)).decode() == text)
    return data
def read_key(text):
    name, identity, encoded = text.split("+", 2)
    need(re.fullmatch(NAME, name) and len(data := decode(encoded)) == 33 and data[0] == 1)
    need(sha256(name.encode() + b"\n" + data).hexdigest()[:8] == identity)
    return name, bytes.fromhex(identity), data[1:]

def read_checkpoint(data, key):  # (size, root), if the log signed them
    body, gap, lines = (data or b"").decode().rpartition("\n\n")
    need(gap and len(data) <= 262144 and lines.endswith("\n") and not re.search(rb"[\x00-\x09\x0b-\x1f]", data))
    lines = [line.split(" ", 2) for line in lines[:-1].split("\n")]
    need(len(lines) <= 100 and all(dash == "—" and re.fullmatch(NAME, name) for dash, name, _ in lines))
    signatures = [(name, decode(encoded)[:4], decode(encoded)[4:]) for _, name, encoded in lines]
    by_the_log = [signature for *who, signature in signatures if who == [*key[:2]]]
    for signature in by_the_log: need_signed(key[2], f"{body}\n".encode(), signature)
    origin, size, root, *more = body.split("\n")
    need(by_the_log and all(signature for *_, signature in signatures) and origin == key[0] and all(more))
    need(re.fullmatch("0|[1-9][0-9]{0,19}", size) and int(size) <= 2**64 and len(decode(root)) == 32)
    return int(size), decode(root)
def levels_of(leaves):  # complete nodes of the tree
    levels = [leaves]
    while len(below := levels[-1]) > 1:
        levels.append([sha256(b"\x01" + below[i] + below[i + 1]).digest() for i in range(0, len(below) - 1, 2)])
    return levels
def root_of(levels, size):  # of the first leaves
    root, *left = [levels[h][(size >> h) - 1] for h in range(size.bit_length()) if size >> h & 1] or [sha256().digest()]
    for each in left: root = sha256(b"\x01" + each + root).digest()
    return root
def path_of(level, index, width):  # level -1: bundles of entries
    groups = "".join(f"x{index // 1000**g % 1000:03d}/" for g in range(6, 0, -1) if index >= 1000**g)
    return f"tile/{'entries' if level < 0 else level}/{groups}{index % 1000:03d}" + (f".p/{width}" if width < 256 else "")

class Log:
    def __init__(self, folder):
        self.folder, self.faults, self.gone, self.prunings, self.size, self.root = folder, [], set(), set(), None, None
    def bad(self, index, kind): self.faults.append((index, kind))
    def read(self, path):  # no file of a log is longer
        if (file := self.folder / path).is_file():
            with file.open("rb") as opened: return opened.read(17_000_000)
    def hashes(self, level, index, width, true=()):  # what a tile or the entries of a bundle say, beside the truth
        start, height, at, found = index * 256, 8 * max(level, 0), 0, []
        whole = (data := self.read(path_of(level, index, width))) is None  # a partial one may have become whole since
        if whole and (data := self.read(path_of(level, index, 256))) is None:
            return (self.gone.add(index) if level < 0 else self.bad(start << height, "missing")) or found
        while len(found) < width and at + 2 <= len(data):
            head, at = at, at + (2 + int.from_bytes(data[at:at + 2], "big") if level < 0 else 32)
            if at > len(data): break
            if level < 0 and b'"prune"' in data[head:at]:
                with suppress(ValueError, KeyError, TypeError, RecursionError):
                    if (body := json.loads(data[head + 2:at]))["kind"] == "prune" and type(body["minimum_index"]) is int:
                        self.prunings.add((start + len(found), body["minimum_index"]))
            found.append(sha256(b"\0" + data[head + 2:at]).digest() if level < 0 else data[head:at])
        wrong = [place for place, (one, other) in enumerate(zip(found, true)) if one != other]
        if wrong or len(found) < width or (at != len(data) and not whole):
            self.bad(start + min(*wrong, len(found), width - 1) << height, "entry" if level < 0 else "tile")
        return found
    def audit(self, given):  # how many checkpoints hold
        names = (path.name for path in (self.folder / "checkpoints").glob("*"))
        sizes = sorted(int(name) for name in names if re.fullmatch("0|[1-9][0-9]{0,18}", name))
        fault, leaves, good = (0, "key"), ([], []), []
        try:
            published = self.read("key")
            key = read_key(published.decode().removesuffix("\n") if published is not None else given or "")
            need(given is None or key == read_key(given))
            fault = max(sizes, default=0), "checkpoint"
            self.size, self.root = read_checkpoint(self.read("checkpoint"), key)
        except ValueError: return self.bad(*fault) or 0
        for at in range(0, self.size, 256):
            told = [self.hashes(level, at // 256, min(256, self.size - at)) for level in (-1, 0)]
            for mine, one, other in zip(leaves, told, told[::-1]): mine += one + other[len(one):]
            if len(leaves[0]) < min(self.size, at + 256): break
        wrong = [(place, "entry") for place, (one, other) in enumerate(zip(*leaves)) if one != other]
        wrong += [(len(leaves[0]), "missing")] if len(leaves[0]) < self.size else []
        trees = [levels_of(each) for each in leaves if len(each) == self.size]
        known = [tree for tree in trees if root_of(tree, self.size) == self.root]
        if wrong and not known: return self.bad(*min(wrong)) or 0
        true, counts = (known or trees)[0], [self.size >> 8 * max(level, 0) for level in range(-1, 8)]
        tiles = {(level - 1, at // 256, min(256, n - at)) for level, n in enumerate(counts) for at in range(0, n, 256)}
        for path in (file.relative_to(self.folder).as_posix() for file in (self.folder / "tile").rglob("*")):
            if found := re.fullmatch(PATH, path):  # those of smaller trees are still there
                tile = int(found[1].replace("entries", "-1")), int(re.sub("[x/]", "", found[2])), int(found[3] or 256)
                if path_of(*tile) == path and (256 * tile[1] + tile[2]) << 8 * max(tile[0], 0) <= self.size: tiles.add(tile)
        for level, at, n in tiles: self.hashes(level, at, n, true[8 * max(level, 0)][256 * at:256 * at + n])
        minimum = max((least for at, least in self.prunings if least <= at and leaves[0][at] == true[0][at]), default=0)
        for at in self.gone: 256 * at + 256 <= minimum or self.bad(256 * at, "missing")
        for path, size in [*((f"checkpoints/{size}", size) for size in sizes), ("checkpoint", None)]:
            try:
                stated, root = read_checkpoint(self.read(path), key)
                need(size in (stated, None))
                if stated > self.size: self.bad(self.size, "missing")
                elif root_of(true, stated) == root: good.append(stated)
                elif known or not self.faults: self.bad(max(good, default=0), "fork")
            except ValueError: size and not (self.folder / path).exists() or self.bad(size, "checkpoint")  # old ones go
        return len(set(good))

if __name__ == "__main__":
    folder = Path(*sys.argv[1:2])
    log = Log(folder / "ledger" if (folder / "ledger").is_dir() else folder)
    if len(sys.argv) not in (2, 3) or not any((log.folder / name).exists() for name in ("checkpoint", "tile", "key")):
        sys.exit(print("usage: verify_log.py DIR [KEY], where DIR holds a published log", file=sys.stderr) or 2)
    held, root = log.audit(*sys.argv[2:] or [None]), log.root and b64encode(log.root).decode()
    bad = [{"kind": kind, "index": index} for index, kind in sorted(log.faults)] + [None]
    print(json.dumps({"ok": not bad[0], "size": log.size, "root": root, "first_bad": bad[0], "checkpoints": held}))
    sys.exit(int(bad[0] is not None))
