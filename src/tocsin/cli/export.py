"""`tocsin export`: what leaves the house, for a data folder at rest. Beside a running desk the console does it."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zipfile import ZipFile

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from tocsin.cli.show import ERRORS, fail

if TYPE_CHECKING:
    from tocsin.accounting.approvals import Export, Left, Option
    from tocsin.accounting.identity.principal import Principal
    from tocsin.accounting.uses import Refusal
    from tocsin.bootstrap_counter import Counter


def export(
    pack: Annotated[str, typer.Argument(help="Folder holding pack.toml, or the name of a shipped pack.")],
    data: Annotated[Path, typer.Option(help="Data folder of a desk that does not run now.")],
    out: Annotated[Path, typer.Option(help="Folder for the files, new or empty.")],
    recipient: Annotated[str, typer.Option(help="Who gets it, by name.")],
    asked_by: Annotated[str, typer.Option(help="Who asks, and fetches it: LOGIN or LOGIN:ROLE.")],
    approved_by: Annotated[list[str], typer.Option(help="Who agrees: LOGIN or LOGIN:ROLE. Say it twice.")],
    purpose: Annotated[str, typer.Option(help="What for: a purpose of the pack's rules.")] = "service_improvement",
    basis: Annotated[str, typer.Option(help="Its legal basis.")] = "eu-gdpr:A6-1-e-public-interest",
    days: Annotated[int, typer.Option(min=1, max=90, help="Until it has to be deleted.")] = 30,
    what: Annotated[str, typer.Option(help="What leaves: facts, or counts with small ones left out.")] = "facts",
    option: Annotated[list[str] | None, typer.Option(help="An option of it, such as k=20; again for more.")] = None,
    reason: Annotated[str, typer.Option(help="Why, for those who agree. It stays in the house.")] = "",
    passwords: Annotated[
        Path | None, typer.Option(help="File with a line `login password` each, instead of being asked.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for programs.")] = False,
) -> None:
    """Let facts or counts leave the house: asked for by one, agreed to by two others, written down, then made."""
    from tocsin.bootstrap_counter import open_counter
    from tocsin.bootstrap_settings import read_settings

    _check_out(out)
    said = {} if passwords is None else _read_passwords(passwords)
    with open_counter(pack, data, read_settings(Path())) as counter:
        asker = _sign_in(counter, asked_by, said)
        approvers = [_sign_in(counter, who, said) for who in approved_by]
        asked = _ask(counter, asker, recipient, purpose, basis, days, what, _options(option or []), reason)
        left = _leave(counter, asked, asker, approvers)
        file, kept = left
        _unpack(file, out)
    if as_json:
        said_of = {"export": asked.id, "out": str(out), "rows": kept.rows, "sha256": kept.sha256}
        typer.echo(json.dumps(said_of))
        return
    Console(highlight=False).print(
        f"{kept.rows:,} rows in {out}, for {recipient}. Export {asked.id}; delete it within {days} days."
    )


def _leave(counter: Counter, asked: Export, asker: Principal, approvers: list[Principal]) -> tuple[Path, Left]:
    from tocsin.accounting.approvals import Step

    exports = counter.account.exports
    for who in approvers:
        _kept(exports.decide(asked.id, Step.APPROVE, who))
    with Progress(
        SpinnerColumn(), TextColumn("Exporting"), console=ERRORS, transient=True, disable=not ERRORS.is_terminal
    ) as bar:
        bar.add_task("Exporting", total=None)
        released = _kept(exports.release(asked.id, asker))
    if released.why_failed is not None:
        fail(released.why_failed)
    fetched = exports.fetch(asked.id, asker)
    if not isinstance(fetched, tuple):
        fail(_words(fetched))
    return fetched


def _ask(
    counter: Counter,
    asker: Principal,
    recipient: str,
    purpose: str,
    basis: str,
    days: int,
    what: str,
    options: dict[str, Option],
    reason: str,
) -> Export:
    from tocsin.accounting.access import BasisId, PurposeId
    from tocsin.accounting.approvals import Export

    now = counter.account.clock.now()
    draft = Export(
        id="",
        what=what,
        recipient=recipient,
        purpose=PurposeId(purpose),
        basis=BasisId(basis),
        asked=now,
        expires=now + timedelta(days=days),
        account=asker.account,
        role=asker.role,
        office=asker.office,
        reason=reason,
        options=options,
    )
    return _kept(counter.account.exports.ask(draft, asker))


def _kept(answer: Export | Refusal) -> Export:
    from tocsin.accounting.uses import Refusal

    if isinstance(answer, Refusal):
        fail(_words(answer))
    return answer


def _words(refusal: Refusal) -> str:
    return f"{refusal.what} {refusal.do}"


def _sign_in(counter: Counter, who: str, said: dict[str, str]) -> Principal:
    """Somebody who shows who they are here and now. Second factors are asked for where the account has one."""
    from tocsin.accounting.access import RoleId
    from tocsin.desk.identity.sign_in import Caller, Refused

    login, _, role = who.partition(":")
    password = said.get(login) or typer.prompt(f"Password of {login}", hide_input=True, err=True)
    door, caller = counter.identity.sign_in, Caller("command line")
    opened = door.with_password(login, password, caller)
    if not isinstance(opened, Refused) and opened.session.waits_for:
        code = typer.prompt(f"Code of {login}", err=True)
        opened = door.with_code(code, Caller("command line", session=opened.secret))
    if not isinstance(opened, Refused) and role:
        opened = door.wear(RoleId(role), Caller("command line", session=opened.secret))
    if isinstance(opened, Refused):
        fail(f"{login}: {_REFUSED.get(opened.why.value, opened.why.value)}")
    found = counter.identity.accounts.find_principal(session=opened.secret)
    if found is None:
        fail(f"{login}: the session is over already; try again")
    return found


def _read_passwords(file: Path) -> dict[str, str]:
    try:
        lines = [line.split(maxsplit=1) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        fail(f"--passwords {file} cannot be read ({error})")
    if any(len(line) != 2 for line in lines):
        fail(f"--passwords {file}: every line is a login, a space and a password")
    return dict(lines)


def _options(said: list[str]) -> dict[str, Option]:
    found: dict[str, Option] = {}
    for one in said:
        name, equals, value = one.partition("=")
        if not equals:
            fail(f"--option {one}: write it like k=20")
        found[name] = _value(value)
    return found


def _value(text: str) -> Option:
    """A number where it is one, else the text."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def _check_out(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        fail(f"--out {out} is not an empty folder: name a new one, so that nothing is overwritten")


def _unpack(file: Path, out: Path) -> None:
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ZipFile(file) as archive:
            archive.extractall(out)
    except OSError as error:
        shutil.rmtree(out, ignore_errors=True)
        fail(f"--out {out} cannot be written ({error.strerror}); fetch it again from the console")


_REFUSED = {
    "sign_in_wrong": "login, password or code is wrong, or the account is disabled",
    "sign_in_wait": "too many mistakes came from here: wait a little",
    "role_not_held": "the account does not hold this role: `tocsin accounts list` shows its roles",
}
