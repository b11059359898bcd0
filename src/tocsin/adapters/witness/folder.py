"""What a witness keeps: its key, the newest checkpoint that it cosigned of each log, and proofs of misbehaviour."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from tocsin.accounting.notes import MOST_NOTE_BYTES, SEED_BYTES, KeyType, SigningKey
from tocsin.errors import BadProof, BadSettings

_KEY = "witness.key"
_SEEN = "checkpoint"
_REFUSED = "refused"


class WitnessFolder:
    """A folder of one witness. What is kept is on the disk before anybody hears of it.

    Args:
        folder: made if it is not there.
        random: gives n random bytes, for a new key.
    """

    def __init__(self, folder: Path, random: Callable[[int], bytes] = os.urandom) -> None:
        self._folder = folder
        self._random = random

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else looks and signs meanwhile: between reading what was seen and keeping what is seen now no second
        witness process may come. Raises: BadSettings where one is at work."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BadSettings(
                    f"{self._folder}: another witness is at work there: wait for it or stop it"
                ) from error
            yield

    def get_key(self, name: str | None) -> SigningKey:
        """The witness's key; a new one where there is none.

        Args:
            name: of a new key; where there is one, it must be its name.

        Raises: BadSettings.
        """
        file = self._folder / _KEY
        if not file.exists():
            key = SigningKey(name or "tocsin.local/witness", self._random(SEED_BYTES), KeyType.COSIGNATURE)
            _write(file, f"{key.text}\n".encode(), 0o600)
            return key
        try:
            key = SigningKey.parse(file.read_text(encoding="utf-8").strip(), str(file))
        except (BadProof, UnicodeError) as error:
            raise BadSettings(f"{file}: the witness's key cannot be read: put it back from a copy") from error
        if name is not None and name != key.name:
            raise BadSettings(f"{file}: the witness is called {key.name}, not {name}: name another folder for another")
        return key

    def find_seen(self, origin: str) -> bytes | None:
        """The note of the newest checkpoint that was cosigned of a log."""
        file = self._of(origin) / _SEEN
        return file.read_bytes()[: MOST_NOTE_BYTES + 1] if file.exists() else None

    def keep_seen(self, origin: str, note: str) -> None:
        """Remember a checkpoint; durable when this returns."""
        _write(self._of(origin) / _SEEN, note.encode())

    def keep_refused(self, origin: str, seen: bytes, refused: bytes) -> Path:
        """Both heads, side by side; the folder that holds them."""
        folder = self._of(origin) / _REFUSED / sha256(seen + refused).hexdigest()[:16]
        _write(folder / "seen", seen)
        _write(folder / "refused", refused)
        return folder

    def _of(self, origin: str) -> Path:
        return self._folder / "logs" / sha256(origin.encode()).hexdigest()[:16]


def _write(file: Path, data: bytes, mode: int = 0o644) -> None:
    """The whole file or nothing of it, on the disk."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
