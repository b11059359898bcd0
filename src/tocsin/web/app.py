"""Puts the web side together: routes, their order, and what stands around them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tocsin.desk.board import DeskView
from tocsin.web import alarms, areas, calls, changes, city, clock, forecast, health, intake, picture, stream, units
from tocsin.web.openapi import document
from tocsin.web.problems import add_problem_handlers

_ROOMS = (city, clock, picture, calls, units, areas, forecast, changes, alarms, intake, stream, health)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _bare() -> FastAPI:
    """The routes alone. No page of the framework's: those load scripts from elsewhere."""
    app = FastAPI(
        title="Tocsin",
        version=version("tocsin"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_operation_id,
    )
    api = APIRouter(prefix="/api")
    for room in _ROOMS:
        api.include_router(room.router)
    app.include_router(api)
    return app


def api_document() -> dict[str, Any]:
    """The OpenAPI document; needs no desk."""
    return document(_bare())


def create_app(
    desk: DeskView, *, token: str, demo_session: bool, missing: Mapping[str, str], port: int
) -> FastAPI:
    """The whole web side of one desk."""
    app = _bare()
    add_problem_handlers(app)
    doc = document(app)

    async def get_document(request: Request) -> Response:
        return JSONResponse(doc)

    app.add_route("/api/openapi.json", get_document, include_in_schema=False)
    return app
