"""The same work as others do it, in the same run: ratios, since seconds belong to a machine.

* one commit an entry: SQLite with the same settings, one row and one commit at a time;
* text at each call: the same Cedar engine, handed policies and entities as text with each request;
* rehashing all: an inclusion proof without kept nodes, as a library does that stores leaves alone.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from cedarpy import is_authorized

from tocsin.accounting.access import Request
from tocsin.accounting.merkle import leaf_hash, node_hash
from tocsin.accounting.policy import CedarPolicy
from tocsin.accounting.policy.asking import context_json, entities_json
from tocsin.adapters.stores.schema import connect
from tocsin.bench.ledger.rules import requests
from tocsin.bench.ledger.timing import Timed, one_by_one

_COMMITS: Final = 1_000
_DECISIONS: Final = 500
_LEAVES: Final = 200_000
_PROOFS: Final = 2


def run(folder: Path, policy: CedarPolicy, seed: int, ours: dict[str, Any]) -> dict[str, Any]:
    """Each rival's figures and how many times as fast ours is."""
    rows = {
        "one_commit_an_entry": (_one_commit_an_entry(folder), ours["appends_per_s"]),
        "cedar_text_each_call": (_text_each_call(policy, seed), ours["decisions_per_s"]),
        "proof_rehashing_all": (_rehashing_all(), ours["proofs_per_s"]),
    }
    return {
        name: {"per_s": _rate(timed), "p99_ms": timed.p99_ms, "ours_times_as_fast": round(our / _rate(timed), 1)}
        for name, (timed, our) in rows.items()
    }


def _rate(timed: Timed) -> float:
    return timed.per_s if timed.per_s > 100 else round(1000 / max(timed.p50_ms, 1e-6), 2)


def _one_commit_an_entry(folder: Path) -> Timed:
    folder.mkdir(parents=True)
    connection = connect(folder / "rival.sqlite", writes=True)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE entries (i INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    timed = one_by_one(
        lambda n: connection.execute("INSERT INTO entries (i, data) VALUES (?, ?)", (n, b"x" * 600)), _COMMITS
    )
    connection.close()
    return timed


def _text_each_call(policy: CedarPolicy, seed: int) -> Timed:
    access = policy.access
    entities, asked = entities_json(access), requests(access, _DECISIONS, seed + 1)

    def decide(request: Request) -> None:
        context = json.loads(context_json(request, access.datasets[request.dataset]))
        is_authorized(
            {
                "principal": f'Role::"{request.role}"',
                "action": f'Action::"{request.action.value}"',
                "resource": f'Dataset::"{request.dataset}"',
                "context": context,
            },
            access.policies,
            entities,
        )

    return one_by_one(lambda n: decide(asked[n]), len(asked))


def _rehashing_all() -> Timed:
    entries = [hashlib.sha256(n.to_bytes(8, "big")).digest() for n in range(_LEAVES)]

    def prove(index: int) -> list[bytes]:
        level, proof = [leaf_hash(entry) for entry in entries], []
        while len(level) > 1:
            if index ^ 1 < len(level):
                proof.append(level[index ^ 1])
            odd = [level[-1]] if len(level) % 2 else []
            level = [node_hash(level[k], level[k + 1]) for k in range(0, len(level) - 1, 2)] + odd
            index >>= 1
        return proof

    return one_by_one(lambda n: prove(n * 77_777), _PROOFS)
