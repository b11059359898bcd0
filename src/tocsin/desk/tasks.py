"""Tasks: a purpose stated once, good for many clicks, until the session ends."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from tocsin.accounting.access import BasisId, PurposeId
from tocsin.accounting.identity.principal import Principal, Task

LASTS: Final = timedelta(hours=12)
"""A shift: afterwards a purpose is stated anew."""
MOST_A_SESSION: Final = 16
"""Tasks that one session has open; the oldest ends when one more is opened."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task and until when it holds."""

    task: Task
    until: datetime


class Tasks:
    """The tasks of every session. In memory: after a restart those hold on that a session remembers. Thread-safe."""

    def __init__(self) -> None:
        self._by_session: dict[str, dict[str, OpenTask]] = {}
        self._lock = Lock()

    def open(self, who: Principal, purpose: PurposeId, basis: BasisId, now: datetime) -> OpenTask:
        """Begin a task. The caller has seen that the purpose is declared and may rest on the basis."""
        until = now + LASTS
        opened = OpenTask(Task(f"{secrets.token_urlsafe(12)}.{int(until.timestamp())}", purpose, basis), until)
        with self._lock:
            self._drop_old(now)
            mine = self._by_session.setdefault(_key(who), {})
            mine[opened.task.id] = opened
            if len(mine) > MOST_A_SESSION:
                del mine[next(iter(mine))]
        return opened

    def find(self, task: str, who: Principal, now: datetime) -> OpenTask | None:
        """A task of this session that has not ended; nobody sees another's. One that the session itself remembers is
        good after a restart too, until the time that its id ends with."""
        with self._lock:
            found = self._by_session.get(_key(who), {}).get(task)
        if found is None and who.task is not None and who.task.id == task:
            found = _remembered(who.task)
        return found if found is not None and now < found.until else None

    def current(self, who: Principal, now: datetime) -> OpenTask | None:
        """The task of this session that was opened last and has not ended."""
        with self._lock:
            standing = [one for one in self._by_session.get(_key(who), {}).values() if now < one.until]
        return standing[-1] if standing else None

    def end(self, task: str, who: Principal) -> OpenTask | None:
        """End a task; None: this session has none of this id."""
        with self._lock:
            return self._by_session.get(_key(who), {}).pop(task, None)

    def end_all(self, who: Principal) -> None:
        """The session is over."""
        with self._lock:
            self._by_session.pop(_key(who), None)

    def _drop_old(self, now: datetime) -> None:
        for key, tasks in list(self._by_session.items()):
            kept = {name: one for name, one in tasks.items() if now < one.until}
            if kept:
                self._by_session[key] = kept
            else:
                del self._by_session[key]


def _remembered(task: Task) -> OpenTask | None:
    _, _, until_s = task.id.rpartition(".")
    return OpenTask(task, datetime.fromtimestamp(int(until_s), UTC)) if until_s.isdecimal() else None


def _key(who: Principal) -> str:
    """Sessions keep their own; without one, as with a token, the account does."""
    return f"session:{who.session}" if who.session is not None else f"account:{who.account}"
