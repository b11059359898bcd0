"""Whether whoever asks still may: what the accounts say at this moment."""

from __future__ import annotations

from typing import Protocol

from tocsin.accounting.identity.principal import Principal


class Standing(Protocol):
    """What the accounts say at this moment. `Anybody` says yes."""

    def refuses(self, who: Principal) -> str | None:
        """Why somebody may no longer act in the role that is worn, or None. Asked before every use."""
        ...

    def knows(self, account: str) -> bool:
        """Whether there is such an account."""
        ...


class Anybody:
    """Where there are no accounts: whoever comes in may wear the roles that they came with."""

    def refuses(self, who: Principal) -> str | None:  # noqa: ARG002 - the protocol says so
        return None

    def knows(self, account: str) -> bool:  # noqa: ARG002
        return False
