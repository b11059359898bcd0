"""What whoever is signed in changes of their own account: password, second factors, recovery codes."""

from __future__ import annotations

from typing import TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response

from tocsin.desk.identity.own import Weak
from tocsin.desk.identity.sign_in import Refused
from tocsin.web import schema
from tocsin.web.counter import TheCounter, refused, session_view, weak_password
from tocsin.web.front import answer
from tocsin.web.openapi import writes
from tocsin.web.who import ThePrincipal

router = APIRouter(tags=["session"])

T = TypeVar("T")


def done(found: T | Refused | Weak) -> T:
    """What was done. Raises: ProblemError when it was not."""
    if isinstance(found, Refused):
        raise refused(found)
    if isinstance(found, Weak):
        raise weak_password(found.faults)
    return found


@router.post("/session/password", response_model=schema.Session, responses=writes(), summary="Change the password")
async def change_password(
    body: schema.PasswordChange, request: Request, counter: TheCounter, who: ThePrincipal
) -> Response:
    """Every session of the account ends, this one too."""
    own = counter.identity.own
    done(await counter.work(lambda: own.change_password(who, body.password, body.new_password)))
    return answer(session_view(counter, request, None))


@router.post("/session/totp", response_model=schema.TotpKey, responses=writes(), summary="Set up an authenticator app")
async def begin_totp(body: schema.PasswordAgain, counter: TheCounter, who: ThePrincipal) -> Response:
    """A key for the app, to be confirmed by its first code."""
    key = done(await counter.work(lambda: counter.identity.own.begin_totp(who, body.password)))
    return answer(schema.TotpKey(secret=key.secret, uri=key.uri))


@router.post(
    "/session/totp/confirm", response_model=schema.RecoveryCodes, responses=writes(), summary="Confirm the app"
)
async def confirm_totp(body: schema.CodeIn, counter: TheCounter, who: ThePrincipal) -> Response:
    """From the next sign-in on a code is asked for. Answers with recovery codes, shown this once."""
    codes = done(await counter.work(lambda: counter.identity.own.confirm_totp(who, body.code)))
    return answer(schema.RecoveryCodes(codes=list(codes.codes)))


@router.post(
    "/session/recovery-codes", response_model=schema.RecoveryCodes, responses=writes(), summary="Renew recovery codes"
)
async def renew_codes(body: schema.PasswordAgain, counter: TheCounter, who: ThePrincipal) -> Response:
    """The old ones are good no longer."""
    codes = done(await counter.work(lambda: counter.identity.own.renew_codes(who, body.password)))
    return answer(schema.RecoveryCodes(codes=list(codes.codes)))


@router.post(
    "/session/passkey/register/options",
    response_model=schema.PasskeyOptions,
    responses=writes(),
    summary="Begin to register a passkey",
)
async def begin_passkey(body: schema.PasswordAgain, counter: TheCounter, who: ThePrincipal) -> Response:
    """What the browser is to ask its authenticator to register."""
    options = done(await counter.work(lambda: counter.identity.own.begin_passkey(who, body.password)))
    return answer(schema.PasskeyOptions(options=dict(options)))


@router.post(
    "/session/passkey/register", response_model=schema.RecoveryCodes, responses=writes(), summary="Register a passkey"
)
async def add_passkey(body: schema.PasskeyAnswer, counter: TheCounter, who: ThePrincipal) -> Response:
    """From the next sign-in on it is asked for. Answers with recovery codes where the account had none."""
    own = counter.identity.own
    codes = done(await counter.work(lambda: own.add_passkey(who, body.credential, body.title)))
    return answer(schema.RecoveryCodes(codes=list(codes.codes)))


@router.post(
    "/session/second-factors/remove",
    response_model=schema.Session,
    responses=writes(),
    summary="Remove the second factors",
)
async def remove_second_factors(
    body: schema.PasswordAgain, request: Request, counter: TheCounter, who: ThePrincipal
) -> Response:
    """App, passkeys and recovery codes. Every session of the account ends."""
    done(await counter.work(lambda: counter.identity.own.remove_second_factors(who, body.password)))
    return answer(session_view(counter, request, None))
