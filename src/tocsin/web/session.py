"""Sign in and out, show second factors, change roles; make the first account, set a password by a link."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from tocsin.accounting.access import RoleId
from tocsin.desk.identity.giving import NotGiven
from tocsin.desk.identity.sign_in import Refused
from tocsin.web import schema
from tocsin.web.counter import TheCounter, check_own_page, not_given, opened, refused, session_view
from tocsin.web.front import answer
from tocsin.web.openapi import reads, writes
from tocsin.web.who import Visitor

router = APIRouter(tags=["session"])
_FROM_CONSOLE = [Depends(check_own_page)]


@router.get("/session", response_model=schema.Session, responses=reads(503), summary="Who is signed in")
async def get_session(request: Request, counter: TheCounter, who: Visitor) -> Response:
    """Never refused: says how one can sign in where nobody is."""
    return answer(session_view(counter, request, who))


@router.post(
    "/session", dependencies=_FROM_CONSOLE, response_model=schema.Session, responses=writes(), summary="Sign in"
)
async def sign_in(body: schema.SignIn, request: Request, counter: TheCounter) -> Response:
    """Sets the session's cookie. Where `second_factor` is not empty, one of those is to be shown next. After too many
    mistakes from an address, `Retry-After` says when the next try is heard; a browser that signed in before is held
    up by its own mistakes only."""
    caller, door = counter.caller_of(request), counter.identity.sign_in
    known = door.knows(body.login, caller.device)
    found = await counter.work(lambda: door.with_password(body.login, body.password, caller), known=known)
    return opened(counter, found)


@router.post(
    "/session/second-factor",
    dependencies=_FROM_CONSOLE,
    response_model=schema.Session,
    responses=writes(),
    summary="Show a code",
)
async def show_code(body: schema.CodeIn, request: Request, counter: TheCounter) -> Response:
    """A code of the authenticator app, or a recovery code. Each is good once."""
    caller = counter.caller_of(request)
    return opened(counter, await counter.work(lambda: counter.identity.sign_in.with_code(body.code, caller)))


@router.post(
    "/session/passkey/options",
    dependencies=_FROM_CONSOLE,
    response_model=schema.PasskeyOptions,
    responses=writes(),
    summary="Ask for a passkey",
)
async def ask_passkey(request: Request, counter: TheCounter) -> Response:
    """What the browser is to ask its authenticator, between password and session."""
    found = await counter.work(lambda: counter.identity.sign_in.passkey_request(counter.caller_of(request)))
    if isinstance(found, Refused):
        raise refused(found)
    return answer(schema.PasskeyOptions(options=dict(found)))


@router.post(
    "/session/passkey",
    dependencies=_FROM_CONSOLE,
    response_model=schema.Session,
    responses=writes(),
    summary="Show a passkey",
)
async def show_passkey(body: schema.PasskeyAnswer, request: Request, counter: TheCounter) -> Response:
    """What the authenticator answered."""
    caller, door = counter.caller_of(request), counter.identity.sign_in
    return opened(counter, await counter.work(lambda: door.with_passkey(body.credential, caller)))


@router.post("/session/role", response_model=schema.Session, responses=writes(), summary="Wear another role")
async def wear_role(body: schema.RoleIn, request: Request, counter: TheCounter) -> Response:
    """Under a new cookie; tasks of the old role end."""
    caller, door = counter.caller_of(request), counter.identity.sign_in
    return opened(counter, await counter.work(lambda: door.wear(RoleId(body.role), caller)))


@router.delete("/session", response_model=schema.Session, responses=writes(), summary="Sign out")
async def sign_out(request: Request, counter: TheCounter) -> Response:
    """The session is over, for every copy of its cookie."""
    caller = counter.caller_of(request)
    await counter.work(lambda: counter.identity.sign_in.out(caller))
    response = answer(session_view(counter, request, None))
    counter.set_cookie(response, counter.session_cookie, "", 0)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post(
    "/first-account",
    dependencies=_FROM_CONSOLE,
    response_model=schema.Session,
    responses=writes(409),
    summary="Make the first account",
)
async def make_first_account(body: schema.FirstAccount, request: Request, counter: TheCounter) -> Response:
    """The first administrator, by the one-time link that was printed at the start. Signs in as well."""
    caller, identity = counter.caller_of(request), counter.identity
    given = await counter.work(
        lambda: identity.giving.make_first(body.link, body.login, body.password, body.office), known=False
    )
    if isinstance(given, NotGiven):
        raise not_given(given)
    found = await counter.work(lambda: identity.sign_in.with_password(body.login, body.password, caller))
    return opened(counter, found)


@router.post(
    "/password",
    dependencies=_FROM_CONSOLE,
    response_model=schema.Session,
    responses=writes(409),
    summary="Set a password by a link",
)
async def set_password(body: schema.NewPassword, request: Request, counter: TheCounter) -> Response:
    """Redeems an invitation or a reset, once. Then sign in."""
    given = await counter.work(lambda: counter.identity.giving.set_password(body.link, body.password), known=False)
    if isinstance(given, NotGiven):
        raise not_given(given)
    return answer(session_view(counter, request, None))
