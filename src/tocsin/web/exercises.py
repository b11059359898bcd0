"""Exercises: begin one, its script, branches, its end and what it showed.

An exercise has a desk of its own, which answers below `/api/exercises/{exercise}/` as the city's desk does below
`/api/`. Its messages are another type: nothing of it can leave as real.
"""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from tocsin.desk.exercises import ExerciseRequest
from tocsin.model.ids import CallId, StationId, UnitId
from tocsin.model.origin import Mode
from tocsin.rehearsal.exercise.orders import Move, Order, Send
from tocsin.web import schema
from tocsin.web.exercise_desks import TheDesks
from tocsin.web.front import answer
from tocsin.web.openapi import reads, writes
from tocsin.web.problems import ProblemError
from tocsin.web.views.exercises import after_action_view, branch_view, exercise_view, inject_views, options_view
from tocsin.web.who import ThePrincipal, origin_of

router = APIRouter(tags=["exercises"])
Everything = Annotated[
    bool, Query(alias="all", description="The exercise staff's view: what is still to come, and what is expected.")
]


@router.get(
    "/exercises", response_model=list[schema.Exercise], responses=reads(), summary="Exercises, the newest first"
)
async def list_exercises(desks: TheDesks) -> Response:
    """Those that run, and those that have ended and are kept."""
    found = await asyncio.to_thread(desks.exercises.list_all)
    return Response(schema.EXERCISES.dump_json([exercise_view(now) for now in found]), media_type="application/json")


@router.get(
    "/exercise-options",
    response_model=schema.ExerciseOptions,
    responses=reads(),
    summary="What an exercise can be made of",
)
async def get_exercise_options(desks: TheDesks) -> Response:
    """The span of the record, and the scenarios that the pack has."""
    options, found = await asyncio.to_thread(lambda: (desks.exercises.options(), desks.exercises.list_all()))
    return answer(options_view(options, [now.exercise for now in found if not now.ended]))


@router.post(
    "/exercises",
    status_code=201,
    response_model=schema.Exercise,
    responses=writes(409),
    summary="Begin an exercise",
)
async def begin_exercise(order: schema.ExerciseIn, desks: TheDesks) -> Response:
    """Sets up a log, a world and a desk of its own and lets its clock run. It takes some seconds. The live or replayed
    desk runs on."""
    now = await asyncio.to_thread(desks.exercises.begin, _request(order))
    await desks.open(now)
    return answer(exercise_view(now), 201)


@router.get(
    "/exercises/{exercise}",
    response_model=schema.Exercise,
    responses=reads(404),
    summary="One exercise",
)
async def get_exercise(exercise: str, desks: TheDesks, everything: Everything = False) -> Response:
    """Where it stands."""
    now = await asyncio.to_thread(desks.exercises.get, exercise)
    return answer(exercise_view(now, everything=everything))


@router.get(
    "/exercises/{exercise}/injects",
    response_model=list[schema.Inject],
    responses=reads(404),
    summary="The script of an exercise",
)
async def list_injects(exercise: str, desks: TheDesks, everything: Everything = False) -> Response:
    """The master scenario events list in the order of its times. What is still to come is hidden from players."""
    now = await asyncio.to_thread(desks.exercises.get, exercise)
    return Response(schema.INJECTS.dump_json(inject_views(now, everything=everything)), media_type="application/json")


@router.post(
    "/exercises/{exercise}/injects/{inject}",
    response_model=schema.Inject,
    responses=writes(404, 409),
    summary="Note what followed an inject",
)
async def note_inject(
    exercise: str, inject: str, note: schema.InjectNote, desks: TheDesks, who: ThePrincipal
) -> Response:
    """Whether the exercise staff saw the expected action. Kept in the exercise's log."""
    origin, note_it = origin_of(who, Mode.EXERCISE), desks.exercises.note
    now = await asyncio.to_thread(lambda: note_it(exercise, inject, met=note.met, note=note.note, origin=origin))
    return answer(next(view for view in inject_views(now, everything=True) if view.inject == inject))


@router.post(
    "/exercises/{exercise}", response_model=schema.Exercise, responses=writes(404, 409), summary="End an exercise"
)
async def end_exercise(exercise: str, order: schema.ExerciseOrder, desks: TheDesks) -> Response:  # noqa: ARG001
    """Stops its clock for good. Its picture can still be looked at until this desk stops; its report stays."""
    return answer(exercise_view(await asyncio.to_thread(desks.exercises.end, exercise)))


@router.get(
    "/exercises/{exercise}/branches",
    response_model=list[schema.Branch],
    responses=reads(404),
    summary="What-ifs of an exercise",
)
async def list_branches(exercise: str, desks: TheDesks) -> Response:
    """Those asked for since this desk was started, the newest first."""
    found = await asyncio.to_thread(desks.exercises.branches, exercise)
    return Response(schema.BRANCHES.dump_json([branch_view(b) for b in found]), media_type="application/json")


@router.post(
    "/exercises/{exercise}/branches",
    status_code=201,
    response_model=schema.Branch,
    responses=writes(404, 409),
    summary="Ask what if",
)
async def branch_exercise(exercise: str, order: schema.BranchIn, desks: TheDesks) -> Response:
    """The same exercise, up to its clock, with more orders: the same calls, draws and orders, and these beside them.
    The exercise itself goes on unchanged."""
    orders = [_order(given, place) for place, given in enumerate(order.orders)]
    found = await asyncio.to_thread(desks.exercises.branch, exercise, order.title, orders)
    return answer(branch_view(found), 201)


@router.get(
    "/exercises/{exercise}/after-action",
    response_model=schema.AfterAction,
    responses=reads(404),
    summary="What an exercise showed",
)
async def get_after_action(exercise: str, desks: TheDesks) -> Response:
    """The after-action report as data; while the exercise runs, so far."""
    now, found = await asyncio.to_thread(
        lambda: (desks.exercises.get(exercise), desks.exercises.after_action(exercise))
    )
    return answer(after_action_view(now, found, desks.wall.now()))


@router.get(
    "/exercises/{exercise}/after-action.html",
    response_class=HTMLResponse,
    responses=reads(404),
    summary="What an exercise showed, as a page",
)
async def get_after_action_page(exercise: str, desks: TheDesks) -> Response:
    """One HTML page that needs nothing from outside."""
    return HTMLResponse(await asyncio.to_thread(desks.exercises.page, exercise))


def _request(order: schema.ExerciseIn) -> ExerciseRequest:
    return ExerciseRequest(
        title=order.title,
        recorded=order.source == "recorded",
        start=order.start.astimezone(UTC),
        until=order.until.astimezone(UTC),
        scenario=order.scenario,
        scenario_text=order.scenario_text,
        seed=order.seed,
        speed=order.speed,
        auto_send_s=order.auto_send_s,
        lead_in_s=3600.0 * order.lead_in_h,
    )


def _order(given: schema.BranchOrder, place: int) -> Order:
    at = given.at.astimezone(UTC)
    if given.order == "send":
        if given.call is None or not given.units:
            raise _lacking(place, "call" if given.call is None else "units")
        return Send(at, CallId(given.call), tuple(UnitId(u) for u in given.units))
    if given.unit is None or given.station is None:
        raise _lacking(place, "unit" if given.unit is None else "station")
    return Move(at, UnitId(given.unit), StationId(given.station))


def _lacking(place: int, key: str) -> ProblemError:
    where = f"body.orders.{place}.{key}"
    do = "`send` wants `call` and `units`, `move` wants `unit` and `station`."
    return ProblemError(422, "invalid", f"`{key}` is missing.", where=where, do=do)
