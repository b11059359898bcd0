"""Passwords as Argon2id hashes."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from tocsin.accounting.identity.passwords import MOST, normal_password


@dataclass(frozen=True, slots=True)
class HashCost:
    """What a guess costs. Defaults: OWASP Password Storage Cheat Sheet, Argon2id."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


class Argon2Passwords:
    """Hashes and checks passwords. Slow on purpose: call it off the event loop, from few threads.

    Args:
        nobody: random bytes; their hash is compared where an account is not there.
    """

    def __init__(self, cost: HashCost | None = None, *, nobody: bytes = b"nobody has this password") -> None:
        chosen = cost or HashCost()
        self._hasher = PasswordHasher(chosen.passes, chosen.memory_kib, chosen.lanes, type=Type.ID)
        self._nobody = self._hasher.hash(base64.b64encode(nobody).decode())

    def encoded(self, password: str) -> str:
        """The hash with its salt and parameters."""
        return self._hasher.hash(_bytes(password))

    def is_right(self, encoded: str | None, password: str) -> bool:
        """Whether it is the password of the hash. None, for an account that is not there or has none, takes as long."""
        try:
            right = self._hasher.verify(encoded or self._nobody, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return right and bool(encoded)

    def is_to_renew(self, encoded: str) -> bool:
        """Whether it was made at another cost than today's."""
        return self._hasher.check_needs_rehash(encoded)


def _bytes(password: str) -> bytes:
    return normal_password(password[: 4 * MOST])[: 4 * MOST].encode("utf-8", "surrogatepass")
