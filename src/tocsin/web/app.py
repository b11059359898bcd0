"""Puts the web side together: routes, their order, and what stands around them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Lifespan

from tocsin.accounting.access import Policy
from tocsin.accounting.policy import policy_of
from tocsin.adapters.clocks import WallClock
from tocsin.adapters.packs.access import read_access
from tocsin.desk.account import Account
from tocsin.desk.board import DeskView
from tocsin.desk.exercises import ExerciseNow, Exercises
from tocsin.desk.identity.accounts import Accounts
from tocsin.desk.identity.identity import Identity
from tocsin.desk.residents import Residents
from tocsin.errors import NotFound
from tocsin.model.origin import Origin
from tocsin.ports import Clock
from tocsin.web import (
    accounts as account_rooms,
)
from tocsin.web import (
    alarms,
    areas,
    calls,
    cases,
    changes,
    city,
    clock,
    cover,
    disclosures,
    exercises,
    exports,
    forecast,
    health,
    intake,
    moves,
    own_account,
    picture,
    public,
    record,
    reviews,
    session,
    single_sign_on,
    stream,
    tasks,
    units,
    warnings,
)
from tocsin.web.authorise import Authoriser, check_authorised, operations_of
from tocsin.web.bodies import BodyLimit
from tocsin.web.cells import CELLS, SCOPES
from tocsin.web.console import Console
from tocsin.web.counter import Counter
from tocsin.web.exercise_desks import ExerciseDesks
from tocsin.web.first_due import FirstDue
from tocsin.web.front import MOST_BATCHES, MOST_SINGLES, Front, Lane
from tocsin.web.ledger import PublishedLedger, add_ledger_routes
from tocsin.web.live import Hub
from tocsin.web.openapi import document, encoded
from tocsin.web.owed import Owed, Pace
from tocsin.web.problems import add_problem_handlers
from tocsin.web.rates import Rates
from tocsin.web.reading import Reader
from tocsin.web.refusal_entries import RefusalEntries
from tocsin.web.security import Access, Door, Gate, SignedIn, WallTime
from tocsin.web.still import Still
from tocsin.web.vetting import Vetting
from tocsin.web.views.city import basemap_areas, basemap_streets, city_view
from tocsin.web.views.facts import Facts
from tocsin.web.views.painter import Painter

_ROOMS = (
    city,
    clock,
    picture,
    calls,
    units,
    areas,
    cover,
    forecast,
    record,
    changes,
    alarms,
    warnings,
    moves,
    intake,
    stream,
    health,
    disclosures,
)


def create_app(
    desk: DeskView,
    *,
    token: str,
    demo_session: bool,
    missing: Mapping[str, str],
    port: int,
    wall: WallTime | None = None,
    rehearsals: Exercises | None = None,
    policy: Policy | None = None,
    accounts: Accounts | None = None,
    identity: Identity | None = None,
    public: str | None = None,
    residents: Residents | None = None,
    ledger: PublishedLedger | None = None,
    account: Account | None = None,
) -> FastAPI:
    """The whole web side of one desk.

    Args:
        token: opens every write.
        demo_session: the console's page opens its own session; only for a demo on loopback.
        missing: files that the pack lacks, to what that costs.
        port: the one that browsers see.
        wall: the machine's clock; tests pass their own.
        rehearsals: exercises beside the desk; None: there are none.
        policy: decides who may do what; None: Tocsin's base policy.
        accounts: who may sign in; None: nobody, there are the token's service and the demo alone.
        identity: the same with everything that signing in wants; `accounts` are its own then.
        public: the address that browsers see where a proxy with TLS stands before it, such as `https://desk.city.example`.
        ledger: what of the ledger is published; None: nothing is.
        account: rules, ledger and gate; None: nothing sealed opens. Its rules hold where no `policy` is given.
        residents: what residents are owed; None: this desk keeps no ledger, and says so.
    """
    access = Access(token, port, demo_session, public)
    counter = None if identity is None else Counter(identity, access.cookie_port, https=access.https)
    accounts = accounts if identity is None else identity.accounts
    clock = wall or WallClock()
    front = _front(desk, token, missing, clock)
    desks = ExerciseDesks(rehearsals, lambda now: _exercise_front(now, token, clock), clock)
    app = _bare(_lifespan(front.hub, desks))
    app.state.front = front
    app.state.exercises = desks
    app.state.counter = counter
    app.state.account = account
    app.state.accounts = accounts
    app.state.owed = None if residents is None else Owed(residents, Pace(clock.monotonic_s))
    add_problem_handlers(app)
    doc = Still(lambda: encoded(document(app)))

    async def get_document(request: Request) -> Response:
        return doc.respond(request.headers)

    app.add_route("/api/openapi.json", get_document, methods=["GET"], include_in_schema=False)
    add_ledger_routes(app, ledger)
    app.router.default = Console(access, demo=demo_session, counter=counter)
    app.add_middleware(BodyLimit)
    operations = cache(lambda: operations_of(app))
    authoriser = Authoriser(policy or (account.policy if account else _base_policy()), CELLS, SCOPES)
    finder = access.find_principal if accounts is None else SignedIn(access, accounts)
    entries = None if account is None else RefusalEntries(account)
    door = Door(access, finder, operations, authoriser, Rates(), clock, entries)
    app.add_middleware(Gate, door=door)
    return app


def api_document() -> dict[str, Any]:
    """The OpenAPI document; needs no desk."""
    return document(_bare())


def _bare(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The routes alone. No page of the framework's: those load scripts from elsewhere."""
    app = FastAPI(
        title="Tocsin",
        version=_version(),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    app.router.routes.extend(_routes())
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """The API's routes. They ask each request for all that they need, so every desk of this process has the same: the
    framework takes some tenths of a second to make them."""
    api = APIRouter(dependencies=[Depends(check_authorised)])
    for room in _ROOMS:
        api.include_router(room.router)
    for room in (exercises, tasks, reviews, exports):
        api.include_router(room.router)
    for apart in (session, single_sign_on, own_account, account_rooms, public, cases):
        api.include_router(apart.router)
    for room in _ROOMS:
        # Said once in the document's own words: the same addresses below each exercise.
        api.include_router(room.router, prefix="/exercises/{exercise}", include_in_schema=False)
    root = APIRouter(redirect_slashes=False, generate_unique_id_function=_operation_id)
    root.include_router(api, prefix="/api")
    return tuple(root.routes)


@cache
def _base_policy() -> Policy:
    """Tocsin's own rules; read once, since nothing changes them while this runs."""
    return policy_of(read_access(None))


def _version() -> str:
    return version("tocsin")


def _operation_id(route: APIRoute) -> str:
    return route.name


def _front(desk: DeskView, token: str, missing: Mapping[str, str], wall: Clock) -> Front:
    release = _version()
    facts = Facts(desk.city)
    painter = Painter(facts, desk.mode)
    return Front(
        desk=desk,
        painter=painter,
        hub=Hub(desk, painter, wall),
        reader=Reader(
            Origin("feed:intake", "feed", "emergency_response", desk.mode),
            Vetting.of(desk.city),
            hashlib.sha256(token.encode()).digest(),
        ),
        wall=wall,
        still={
            "city": Still(lambda: city_view(facts, desk.mode, missing, release).model_dump_json().encode()),
            "areas": Still(lambda: basemap_areas(desk.city), "application/geo+json"),
            "streets": Still(lambda: basemap_streets(desk.city.streets), "application/geo+json"),
        },
        first_due=FirstDue(desk.city),
        version=release,
        singles=Lane(MOST_SINGLES, 503),
        batches=Lane(MOST_BATCHES, 429),
    )


def _exercise_front(now: ExerciseNow, token: str, wall: Clock) -> Front:
    if now.desk is None:
        raise NotFound(f"exercise {now.exercise} has no desk")
    return _front(now.desk, token, now.missing, wall)


def _lifespan(hub: Hub, desks: ExerciseDesks) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await hub.start()
        try:
            yield
        finally:
            await desks.stop()
            await hub.stop()

    return lifespan
