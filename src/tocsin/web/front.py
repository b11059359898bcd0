"""What the routes share: the desk they read from and what is worked out from it."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.responses import Response


class Front:
    """Placeholder filled in below."""


def front_of(request: Request) -> Front:
    """The front of the application that answers this request."""
    return cast("Front", request.app.state.front)


TheFront = Annotated[Front, Depends(front_of)]


def answer(model: BaseModel, status: int = 200) -> Response:
    """The model as JSON. NaN becomes null."""
    return Response(model.model_dump_json(), status, media_type="application/json")
