"""Answers that are kept for the next time somebody asks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """At most `room` answers; the one that was asked for longest ago goes first. Thread-safe.

    Unlike `functools.lru_cache` the key need not hold what the answer is worked out from.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._answers: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def __contains__(self, key: K) -> bool:
        return key in self._answers

    def of(self, key: K, make: Callable[[], V]) -> V:
        """The answer kept under the key, or what `make` gives. Two threads that ask at once may both make it."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = make()
        self.keep(key, answer)
        return answer

    def keep(self, key: K, answer: V) -> None:
        """Remember an answer that was worked out elsewhere."""
        with self._lock:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > self._room:
                self._answers.popitem(last=False)
