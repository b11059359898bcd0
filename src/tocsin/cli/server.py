"""The server of a desk: uvicorn's, but for what it does with signals."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn


class Server(uvicorn.Server):
    """Ends on SIGINT and SIGTERM, and leaves it to the command what comes after: the desk must still make durable what
    waits, however often somebody presses Ctrl+C."""

    ended_by: int | None = None
    farewell: Callable[[], object] | None = None
    """Called once when the end begins: streams that would never end by themselves are ended."""

    @contextmanager
    def heed_signals(self) -> Iterator[None]:
        """From here on a signal ends the server, and nothing else."""
        before = {by: signal.signal(by, self.handle_exit) for by in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for by, handler in before.items():
                signal.signal(by, handler)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Not again: `heed_signals` stands around the server's life."""
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a signal handler's shape
        """Note which signal it was, and end. Uvicorn's own would cut the end short at a second Ctrl+C, with a
        traceback; the end is bounded anyway."""
        self.ended_by = sig
        if self.farewell is not None:
            self.farewell()
            self.farewell = None
        self.should_exit = True
