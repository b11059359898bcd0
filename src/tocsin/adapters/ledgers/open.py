"""A ledger in a data folder, with its secrets in files of their own."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from tocsin.accounting.notes import SEED_BYTES, SigningKey, VerifierKey
from tocsin.accounting.pseudonyms import KEY_BYTES
from tocsin.adapters.ledgers.folder import WITNESSES_FILE
from tocsin.adapters.ledgers.schema import LEDGER_FILE
from tocsin.adapters.ledgers.sqlite import SqliteLedger
from tocsin.errors import BadProof, BadSettings, LedgerDamaged

KEY_FILE: Final = "ledger.key"
"""The key that signs checkpoints."""
CLAIM_KEY_FILE: Final = "claims.key"
"""The key of claim codes' digests."""
FOLDER: Final = "ledger"
"""What is published."""


def open_ledger(data: Path, name: str, *, publish_every_s: float = 1.0) -> SqliteLedger:
    """The ledger of a data folder, made at the first start.

    Args:
        data: the folder.
        name: of the ledger, for good: what checkpoints call it, such as `tocsin.example.org/springfield`.

    Raises: BadSettings for a folder that cannot be used, or a ledger of another name; LedgerDamaged; LedgerFull.
    """
    begun = (data / LEDGER_FILE).exists()
    fresh = SigningKey(name, secrets.token_bytes(SEED_BYTES)).text
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = _secret(data / KEY_FILE, fresh, begun=begun)
        claim_key = _claim_key(_secret(data / CLAIM_KEY_FILE, secrets.token_hex(KEY_BYTES), begun=begun))
        key = SigningKey.parse(text, KEY_FILE)
        witnesses = read_witnesses(data / FOLDER / WITNESSES_FILE)
    except (BadProof, ValueError) as error:
        raise LedgerDamaged(
            f"a key of the ledger in {data} cannot be read ({error}): restore it from a copy"
        ) from error
    except OSError as error:
        why = error.strerror or error
        raise BadSettings(f"--data {data} cannot be used ({why}): name a folder that you may write to") from error
    if key.name != name:
        raise BadSettings(f"--data {data} holds the ledger {key.name}, not {name}: name another folder")
    return SqliteLedger(
        data / LEDGER_FILE,
        key,
        claim_key,
        folder=data / FOLDER,
        witnesses=witnesses,
        publish_every_s=publish_every_s,
    )


def _claim_key(text: str) -> bytes:
    """Raises: ValueError for what is no hex; BadProof for a key that was cut off."""
    key = bytes.fromhex(text)
    if len(key) != KEY_BYTES:
        raise BadProof(CLAIM_KEY_FILE, f"{len(key)} bytes, and a key has {KEY_BYTES}")
    return key


def read_witnesses(file: Path) -> list[VerifierKey]:
    """Keys of the witnesses that the ledger knows, one a line; none without the file. Raises: BadProof."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return [
        VerifierKey.parse(line.strip(), f"{file.name}, line {n}") for n, line in enumerate(lines, 1) if line.strip()
    ]


def _secret(path: Path, fresh: str, *, begun: bool) -> str:
    """The secret in a file that its owner alone can read; made where the ledger has not begun.

    Raises: LedgerDamaged where it is gone: another one would make another ledger.
    """
    if not path.exists():
        if begun:
            raise LedgerDamaged(f"{path} is missing, and the ledger was begun with it: restore it from a copy")
        beside = path.with_name(f"{path.name}.new")
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(fresh + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    path.chmod(0o600)
    return path.read_text(encoding="ascii").strip()
