"""How a suite says that a promise is broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Broken(AssertionError):
    """A plug-in does not keep what its door promises."""


def expect(kept: bool, promise: str) -> None:
    """Raises: Broken, with the promise, when it is not kept."""
    if not kept:
        raise Broken(promise)


@contextmanager
def expect_raises(kind: type[BaseException], promise: str) -> Iterator[None]:
    """Raises: Broken when the block ends without an exception of `kind`."""
    try:
        yield
    except kind:
        return
    raise Broken(f"{promise}: {kind.__name__} was expected")
