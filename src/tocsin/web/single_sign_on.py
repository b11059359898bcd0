"""Sign in where another house vouches: to the provider and back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from tocsin.desk.identity.sign_in import Refused
from tocsin.desk.identity.vouched import with_vouched
from tocsin.ports import SingleSignOn
from tocsin.web.counter import DEVICE_S, Counter, TheCounter, cookies_of
from tocsin.web.openapi import reads
from tocsin.web.problems import ProblemError
from tocsin.web.security import SSO_RETURN

router = APIRouter(tags=["session"])

AWAY_S = 600


@router.get(
    "/session/sso", status_code=303, response_class=RedirectResponse, responses=reads(503), summary="Go and sign in"
)
async def begin_sso(request: Request, counter: TheCounter) -> Response:
    """Sends the browser to the single sign-on, with what it brings back to prove that it was sent from here."""
    sso = _sso(counter)
    url, kept = await counter.work(lambda: sso.begin(_return_to(request, counter)), known=False)
    response = RedirectResponse(url, 303)
    # Lax: the way back is a link from another site, and would leave a strict cookie at home.
    response.set_cookie(
        counter.sso_cookie, kept, AWAY_S, path=SSO_RETURN, httponly=True, samesite="lax", secure=counter.https
    )
    return response


@router.get(
    "/session/sso/return",
    status_code=303,
    response_class=RedirectResponse,
    responses=reads(503),
    summary="Come back signed in",
)
async def finish_sso(request: Request, counter: TheCounter) -> Response:
    """What the provider says is checked against what this browser was given. Roles are those of its claims."""
    sso, caller = _sso(counter), counter.caller_of(request)
    kept, query = cookies_of(request).get(counter.sso_cookie, ""), dict(request.query_params)
    identity, return_to = counter.identity, _return_to(request, counter)
    vouched = await counter.work(lambda: sso.finish(kept, query, return_to), known=False)
    found = None if vouched is None else await counter.work(lambda: with_vouched(identity, vouched, caller))
    if found is None or isinstance(found, Refused):
        response: Response = RedirectResponse("/sign-in#refused=sso", 303)
    else:
        response = RedirectResponse("/", 303)
        counter.set_cookie(response, counter.session_cookie, found.secret)
        if found.device is not None:
            counter.set_cookie(response, counter.device_cookie, found.device, DEVICE_S)
    response.delete_cookie(counter.sso_cookie, path=SSO_RETURN)
    return response


def _sso(counter: Counter) -> SingleSignOn:
    if counter.identity.sso is None:
        do = "Sign in with login and password."
        raise ProblemError(503, "no_single_sign_on", "This house has no single sign-on.", do=do)
    return counter.identity.sso


def _return_to(request: Request, counter: Counter) -> str:
    """The address of `finish_sso`, as the browser sees this house. The gate has checked the Host header."""
    return f"{'https' if counter.https else 'http'}://{request.headers['host'].lower()}{SSO_RETURN}"
