"""`tocsin accounts`: accounts, roles and tokens, for whoever has the data folder. May run beside a desk."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tocsin.cli.show import fail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.accounting.identity.accounts import UserAccount
    from tocsin.desk.identity.giving import Given, NotGiven
    from tocsin.desk.identity.identity import Identity

accounts = typer.Typer(
    name="accounts",
    help="Accounts, roles and tokens, for whoever has the data folder.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Option(help="The desk's data folder.")]
Login = Annotated[str, typer.Argument(help="The account's login.")]
AsJson = Annotated[bool, typer.Option("--json", help="Say it as JSON.")]
Roles = Annotated[list[str], typer.Option("--role", help="A role; say it again for more.")]


@accounts.command("list")
def list_accounts(data: Data, as_json: AsJson = False) -> None:
    """List accounts with their roles and tokens."""
    with _opened(data) as identity:
        found = [_described(identity, account) for account in identity.accounts.store.list_accounts()]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    table = Table("login", "kind", "office", "roles", "second factor", "tokens", "state", box=None, pad_edge=False)
    for one in found:
        table.add_row(
            one["login"],
            one["kind"],
            one["office"],
            ", ".join(one["roles"]),
            ", ".join(one["second_factors"]) or "none",
            str(len(one["tokens"])),
            "disabled" if one["disabled"] else "active" if one["signs_in"] else "invited",
        )
    Console(highlight=False).print(table)


@accounts.command()
def add(
    login: Login,
    data: Data,
    role: Roles,
    office: Annotated[str, typer.Option(help="The office that uses are recorded under.")],
    service: Annotated[bool, typer.Option("--service", help="An account of a machine: tokens, no password.")] = False,
    password_from: Annotated[
        Path | None, typer.Option(help="File that holds the password, for scripts; else a one-time link is printed.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make an account. Prints the one-time link by which its owner sets a password."""
    from tocsin.accounting.access import RoleId

    with _opened(data) as identity:
        if service:
            if len(role) != 1:
                fail("a service account has one role: --role feed")
            given = identity.giving.add_service(login, office, RoleId(role[0]), None)
        else:
            given = identity.giving.invite(login, office, [RoleId(name) for name in role], None)
            if password_from is not None:
                given = _with_password(identity, given, password_from)
        _say(identity, given, as_json)


@accounts.command()
def roles(login: Login, data: Data, role: Roles, as_json: AsJson = False) -> None:
    """Give an account exactly these roles. Its sessions end."""
    from tocsin.accounting.access import RoleId

    with _opened(data) as identity:
        account = _account(identity, login)
        _say(identity, identity.giving.set_roles(account.id, [RoleId(name) for name in role], None), as_json)


@accounts.command()
def reset(
    login: Login,
    data: Data,
    second_factors: Annotated[
        bool, typer.Option("--second-factors", help="Forget app, passkeys and recovery codes as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print a one-time link by which the owner sets another password."""
    with _opened(data) as identity:
        account = _account(identity, login)
        if second_factors:
            identity.giving.forget_second_factors(account.id, None)
        _say(identity, identity.giving.reset(account.id, None), as_json)


@accounts.command()
def disable(
    login: Login,
    data: Data,
    again: Annotated[bool, typer.Option("--enable", help="Enable it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Disable an account: its sessions end and its tokens open nothing, at once."""
    with _opened(data) as identity:
        _say(identity, identity.giving.set_disabled(_account(identity, login).id, not again, None), as_json)


@accounts.command()
def token(
    login: Login,
    data: Data,
    scope: Annotated[list[str] | None, typer.Option(help="What it may do, such as intake; again for more.")] = None,
    title: Annotated[str, typer.Option(help="Where it is used.")] = "command line",
    days: Annotated[int, typer.Option(min=1, max=1096, help="How long it is good.")] = 365,
    take: Annotated[str | None, typer.Option(help="Take back the token of this name; `list --json` has it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give a service account a token, printed this once, or take one back."""
    with _opened(data) as identity:
        account = _account(identity, login)
        if take is not None:
            _say(identity, identity.giving.take_token(account.id, take, None), as_json)
            return
        given = identity.giving.give_token(account.id, title, scope or [], timedelta(days=days), None)
        _say(identity, given, as_json)


@contextmanager
def _opened(data: Path) -> Iterator[Identity]:
    """The identity of a data folder, beside a desk that may be running. What changes waits for the ledger there."""
    from tocsin.adapters.accounts import ACCOUNTS_FILE
    from tocsin.adapters.clocks import WallClock
    from tocsin.adapters.stores import LOG_FILE
    from tocsin.bootstrap_identity import find_roles, open_accounts, open_identity

    if not any((data / file).is_file() for file in (ACCOUNTS_FILE, LOG_FILE)):
        fail(f"--data {data}: no desk has run there. `tocsin serve` makes the folder at its first start.")
    opened = open_accounts(data, WallClock())
    try:
        known = find_roles(data)
        yield open_identity(opened, None, list_roles=None if known is None else lambda: known)
    finally:
        opened.store.close()


def _with_password(identity: Identity, given: Given | NotGiven, file: Path) -> Given | NotGiven:
    from tocsin.desk.identity.giving import Given

    if not isinstance(given, Given) or given.secret is None:
        return given
    try:
        password = file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"--password-from {file} cannot be read ({error}). The account is there: see `tocsin accounts reset`")
    return identity.giving.set_password(given.secret, password)


def _account(identity: Identity, login: str) -> UserAccount:
    from tocsin.accounting.identity.accounts import normal_login

    found = identity.accounts.store.find_login(normal_login(login) or "")
    if found is None:
        fail(f"{login}: no account has this login. `tocsin accounts list` shows those that are there.")
    return found


def _say(identity: Identity, given: Given | NotGiven, as_json: bool) -> None:
    from tocsin.desk.identity.giving import NotGiven

    if isinstance(given, NotGiven):
        fail(_WORDS.get(given.why.value, given.why.value))
    staff = given.account.kind.value == "staff"
    link = f"/sign-in#link={given.secret}" if staff and given.secret else None
    if as_json:
        secret = None if staff else given.secret
        typer.echo(json.dumps({**_described(identity, given.account), "link": link, "secret": secret}, indent=2))
        return
    typer.echo(f"{given.account.login}: {', '.join(sorted(given.account.roles))}, {given.account.office}")
    if link is not None:
        typer.echo(f"For its owner alone, once, within a day: {link} below the desk's address")
    elif given.secret is not None:
        typer.echo(f"Token, shown this once: {given.secret}")


def _described(identity: Identity, account: UserAccount) -> dict[str, Any]:
    return {
        "account": account.id,
        "login": account.login,
        "kind": account.kind.value,
        "office": account.office,
        "roles": sorted(account.roles),
        "disabled": account.disabled,
        "signs_in": account.password is not None or account.subject is not None or account.kind.value == "service",
        "made_at": account.made_at.isoformat(),
        "second_factors": sorted(factor.value for factor in account.second_factors),
        "sessions": identity.accounts.count_sessions(account),
        "tokens": [
            {
                "token": one.name,
                "title": one.title,
                "scopes": sorted(one.scopes),
                "expires": None if one.expires is None else one.expires.isoformat(),
            }
            for one in identity.accounts.store.list_tokens(account.id)
        ],
    }


_WORDS = {
    "login_unusable": "this cannot be a login: letters a to z, digits and . _ @ + -, 64 at most",
    "login_taken": "another account has this login: choose another one",
    "office_unusable": "this cannot be an office: write its name, 80 characters at most",
    "role_unknown": "no such role: `tocsin policy check PACK` lists the roles of a city, such as watch_officer",
    "roles_missing": "an account has at least one role: --role dispatcher",
    "scope_unusable": "a token wants a scope: --scope intake",
    "password_weak": "the password is too short, or among those that are guessed first; the account waits for another: "
    "`tocsin accounts reset`",
    "link_over": "the link was used, or has expired: `tocsin accounts reset` makes another",
    "not_staff": "a service account has no password: give it a token",
    "not_service": "only service accounts have tokens: make one with --service",
}
