"""Accounts and tokens, for whoever administers them. Nobody sees a password or a token that was given before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.accounts import UserAccount
from tocsin.desk.identity.giving import Given, NotGiven
from tocsin.desk.identity.identity import Identity
from tocsin.web import schema
from tocsin.web.counter import Counter, TheCounter, not_given
from tocsin.web.front import answer
from tocsin.web.openapi import reads, writes
from tocsin.web.problems import ProblemError
from tocsin.web.who import ThePrincipal

router = APIRouter(tags=["accounts"])


@router.get("/accounts", response_model=schema.Accounts, responses=reads(401, 503), summary="List accounts")
async def list_accounts(counter: TheCounter) -> Response:
    """Every account with its roles and tokens, oldest first."""
    identity = counter.identity
    store = identity.accounts.store
    return answer(
        schema.Accounts(
            accounts=[account_view(identity, account) for account in store.list_accounts()],
            entries_waiting=len(store.list_entries(1000)),
        )
    )


@router.post(
    "/accounts", response_model=schema.AccountGiven, status_code=201, responses=writes(409), summary="Make an account"
)
async def make_account(body: schema.AccountIn, counter: TheCounter, who: ThePrincipal) -> Response:
    """One of kind `staff` gets a one-time link for its owner, by which they set a password."""
    giving = counter.identity.giving
    roles = [RoleId(role) for role in body.roles]
    if body.kind == "service":
        if len(roles) != 1:
            raise ProblemError(422, "invalid", "A service account has one role.", where="body.roles", do="Name one.")
        given = await counter.work(lambda: giving.add_service(body.login, body.office, roles[0], who.account))
    else:
        given = await counter.work(lambda: giving.invite(body.login, body.office, roles, who.account))
    return _answer(counter.identity, given, 201)


@router.post(
    "/accounts/{account}", response_model=schema.AccountGiven, responses=writes(404, 409), summary="Change an account"
)
async def change_account(account: str, body: schema.AccountChange, counter: TheCounter, who: ThePrincipal) -> Response:
    """Roles, office, disabling, reset. What is taken is gone at once: sessions end. Nobody changes their own roles."""
    changes = _changes(counter.identity, AccountId(account), body, who.account)
    if not changes:
        raise ProblemError(422, "invalid", "Nothing is to be changed.", where="body", do="Say what to change.")
    given = [await _do(counter, change) for change in changes]
    secret = next((one.secret for one in given if one.secret is not None), None)
    return _answer(counter.identity, Given(given[-1].account, secret))


@router.post(
    "/accounts/{account}/tokens",
    response_model=schema.TokenGiven,
    status_code=201,
    responses=writes(404, 409),
    summary="Give a service account a token",
)
async def give_token(account: str, body: schema.TokenIn, counter: TheCounter, who: ThePrincipal) -> Response:
    """The secret is in the answer, this once."""
    identity = counter.identity
    given = await counter.work(
        lambda: identity.giving.give_token(
            AccountId(account), body.title, body.scopes, timedelta(days=body.days), who.account
        )
    )
    if isinstance(given, NotGiven):
        raise not_given(given)
    view = account_view(identity, given.account)
    return answer(schema.TokenGiven(account=view, secret=given.secret or ""), 201)


def account_view(identity: Identity, account: UserAccount) -> schema.Account:
    """What the API says of an account: never a secret, nor a digest that could stand for one."""
    store = identity.accounts.store
    return schema.Account(
        account=account.id,
        login=account.login,
        kind=account.kind.value,
        office=account.office,
        roles=sorted(account.roles),
        disabled=account.disabled,
        signs_in=account.password is not None or account.subject is not None,
        made_at=account.made_at,
        second_factors=[factor.value for factor in sorted(account.second_factors)],
        sessions=identity.accounts.count_sessions(account),
        tokens=[
            schema.ServiceToken(
                token=t.name, title=t.title, scopes=sorted(t.scopes), made_at=t.made_at, expires=t.expires
            )
            for t in store.list_tokens(account.id)
        ],
    )


def _changes(
    identity: Identity, account: AccountId, body: schema.AccountChange, by: AccountId
) -> list[Callable[[], Given | NotGiven]]:
    """What the body asks for, in an order in which a refusal comes before anything weighty."""
    giving, asked = identity.giving, list[Callable[[], Given | NotGiven]]()
    if body.roles is not None:
        roles = [RoleId(role) for role in body.roles]
        asked.append(lambda: giving.set_roles(account, roles, by))
    if body.office is not None:
        office = body.office
        asked.append(lambda: giving.set_office(account, office, by))
    if body.take_token is not None:
        token = body.take_token
        asked.append(lambda: giving.take_token(account, token, by))
    if body.disabled is not None:
        disabled = body.disabled
        asked.append(lambda: giving.set_disabled(account, disabled, by))
    if body.forget_second_factors:
        asked.append(lambda: giving.forget_second_factors(account, by))
    if body.sign_out:
        asked.append(lambda: giving.end_sessions(account, by))
    if body.reset:
        asked.append(lambda: giving.reset(account, by))
    return asked


async def _do(counter: Counter, change: Callable[[], Given | NotGiven]) -> Given:
    given = await counter.work(change)
    if isinstance(given, NotGiven):
        raise not_given(given)
    return given


def _answer(identity: Identity, given: Given | NotGiven, status: int = 200) -> Response:
    if isinstance(given, NotGiven):
        raise not_given(given)
    link = None if given.secret is None else f"/sign-in#link={given.secret}"
    return answer(schema.AccountGiven(account=account_view(identity, given.account), link=link), status)
