"""A house without its desk, for commands on a data folder at rest: the log to read, the account, who may sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tocsin.adapters.accounts import ACCOUNTS_FILE
from tocsin.adapters.clocks import WallClock
from tocsin.adapters.export import find_city
from tocsin.adapters.packs import find_pack, load_pack
from tocsin.adapters.stores import LOG_FILE, SqliteLog
from tocsin.bootstrap_account import HouseSettings, open_account
from tocsin.bootstrap_identity import open_accounts, open_identity
from tocsin.desk.account import Account
from tocsin.desk.identity.identity import Identity
from tocsin.errors import BadSettings


@dataclass(frozen=True, slots=True)
class Counter:
    """What such a command works with."""

    account: Account
    identity: Identity


@contextmanager
def open_counter(pack_name: str, data: Path, settings: HouseSettings) -> Iterator[Counter]:
    """Open a data folder whose desk does not run.

    Raises: BadSettings where a desk runs on it, or it is another city's, or nobody has an account; BadPack; LogError.
    """
    clock = WallClock()
    pack = load_pack(find_pack(pack_name))
    before = find_city(data)
    if before not in (None, pack.city.name):
        raise BadSettings(f"--data {data} holds the log of {before}, not of {pack.city.name}: name another folder")
    if not (data / ACCOUNTS_FILE).is_file():
        raise BadSettings(f"--data {data}: nobody has an account there. Make some: tocsin accounts add")
    with ExitStack() as stack:
        log = SqliteLog(data / LOG_FILE, writes=False)
        stack.callback(log.close)
        accounts = open_accounts(data, clock)
        stack.callback(accounts.store.close)
        account = open_account(pack, log, data, settings=settings, clock=clock, standing=accounts)
        stack.callback(account.close)
        identity = open_identity(accounts, account.ledger, list_roles=account.policy.access.roles.keys)
        yield Counter(account, identity)
