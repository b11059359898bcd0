"""Puts exercises together beside a house: for each a log, a world and a desk of its own, in a folder of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from tocsin.adapters.exercises.folder import MESSAGES_FILE, ExerciseFolders, Kept
from tocsin.adapters.exercises.page import after_action_page
from tocsin.adapters.exercises.scenario import FOLDER, find_span, read_scenario, read_scenario_text
from tocsin.adapters.feeds.exercise import ExerciseFeed
from tocsin.adapters.outlets import ExerciseFileOutlet
from tocsin.adapters.packs import Pack
from tocsin.bootstrap import open_engine, open_log
from tocsin.bootstrap_settings import Settings
from tocsin.desk.desk import Desk, Timepiece
from tocsin.desk.engine import Engine
from tocsin.desk.exercise_orders import LogOrders
from tocsin.desk.exercise_report import LogNotes, orders_of, report_of
from tocsin.desk.exercises import (
    LONGEST_H,
    MOST_RUNNING,
    ExerciseNow,
    ExerciseRequest,
    Options,
    ScenarioFile,
)
from tocsin.desk.look import Look
from tocsin.errors import BadScenario, BadSettings, NotFound, TocsinError
from tocsin.geography.graph import StreetGraph
from tocsin.model.city import City, Period
from tocsin.model.commands import NoteInject
from tocsin.model.events import Recorded
from tocsin.model.ids import CommandId
from tocsin.model.messages import EXERCISE, ExerciseMessage
from tocsin.model.origin import Mode, Origin
from tocsin.ports import EventLog, Outlet
from tocsin.rehearsal.exercise.after_action import AfterAction
from tocsin.rehearsal.exercise.branch import Branch
from tocsin.rehearsal.exercise.orders import Order, Send
from tocsin.rehearsal.exercise.scenario import NO_SCENARIO, ExerciseSpec, Scenario
from tocsin.rehearsal.exercise.score import branch_of, counting
from tocsin.rehearsal.exercise.stage import Ground, Stage

SHORTEST = timedelta(minutes=10)
YEARS = range(1900, 2200)
"""In which exercises may begin: far from the ends of the calendar, and ids have a year of four digits."""
Progress = Callable[[datetime, datetime], None]


def _silent(_now: datetime, _until: datetime) -> None:
    """Nobody looks."""


@dataclass(slots=True)
class _Open:
    """An exercise whose desk answers."""

    kept: Kept
    stage: Stage
    desk: Desk
    engine: Engine
    feed: ExerciseFeed
    log: EventLog
    noted: LogNotes
    branches: list[Branch] = field(default_factory=list)


class ExerciseHall:
    """Implements `desk.exercises.Exercises`.

    Args:
        pack: the city's; exercises have its record, never its log.
        data: the desk's data folder; exercises have folders of their own below it.
    """

    def __init__(self, pack: Pack, data: Path, settings: Settings, clock: Timepiece) -> None:
        self._pack = pack
        self._settings = settings
        self._clock = clock
        self._folders = ExerciseFolders(data)
        self._open: dict[str, _Open] = {}
        self._lock = threading.RLock()

    @cached_property
    def _ground(self) -> Ground:
        streets = self._pack.city.streets
        pack, graph = self._pack, None if streets is None else StreetGraph.of(streets)
        return Ground(pack.city, pack.calls, pack.responses, graph)

    # What can be asked ------------------------------------------------------------------------------------------

    def options(self) -> Options:
        calls = self._pack.calls
        first, last = (calls["received"].min(), calls["received"].max()) if calls.height else (None, None)
        known = isinstance(first, datetime) and isinstance(last, datetime)
        recorded = Period(first, last + timedelta(seconds=1)) if known else None  # type: ignore[arg-type,operator]
        generated = recorded is not None or self._pack.city.call_rate is not None
        return Options(recorded, generated, tuple(self._scenario_file(path, recorded) for path in self._scenarios()))

    def list_all(self) -> Sequence[ExerciseNow]:
        with self._lock:
            kept = [self._folders.read(exercise) for exercise in self._folders.list_ids()]
            return [self._now(k) for k in sorted(kept, key=lambda k: (k.begun, k.exercise), reverse=True)]

    def get(self, exercise: str) -> ExerciseNow:
        with self._lock:
            return self._now(self._reopened(exercise))

    def begin(self, request: ExerciseRequest, progress: Progress = _silent) -> ExerciseNow:
        with self._lock:
            running = [now.exercise for now in self.list_all() if not now.ended]
            if len(running) >= MOST_RUNNING:
                raise BadSettings(f"{' and '.join(running)} run already, and no more fit: end one first")
            spec = self._spec(request)
            stage = Stage(self._ground, spec)
            _ = stage.setting  # what cannot be is said before anything is written
            kept, _path = self._folders.make(
                spec, city=self._pack.city.name, speed=request.speed, begun=self._clock.now()
            )
            try:
                opened = self._start(kept, stage, progress)
            except BaseException:
                self._folders.end(kept, spec.start)  # what never began must not count as running
                raise
            return self._now(opened.kept)

    def end(self, exercise: str) -> ExerciseNow:
        with self._lock:
            kept = self._reopened(exercise)
            opened = self._open.get(exercise)
            if opened is not None and kept.ended is None:
                opened.desk.pause()
                at = opened.desk.board().clock.head or opened.kept.spec.start
                opened.feed.end_at(at)
                kept = opened.kept = self._folders.end(kept, at)
            return self._now(kept)

    def note(self, exercise: str, inject: str, *, met: bool, note: str | None, origin: Origin) -> ExerciseNow:
        with self._lock:
            now = self.get(exercise)
            found = next((i for i in now.spec.scenario.injects if i.inject == inject), None)
            if found is None:
                raise NotFound(f"exercise {exercise} has no inject {inject!r}")
            if found.at > now.now:
                raise BadSettings(f"inject {inject} has not been played yet: note it after {found.at.isoformat()}")
            opened = self._open.get(exercise)
            if opened is None:
                raise BadSettings(f"exercise {exercise} has ended and is closed: nothing can be noted any more")
            key = CommandId(f"note/{inject}/{self._clock.now().isoformat()}")
            opened.desk.submit([NoteInject(key, origin, inject, met, note)]).result(timeout=10)
            return self._now(opened.kept)

    def branch(self, exercise: str, title: str, orders: Sequence[Order]) -> Branch:
        opened = self._needed(exercise)
        stage, until = opened.stage, _head(opened)
        outside = next((o for o in orders if not stage.spec.start <= o.at < until), None)
        if outside is not None:
            span = f"{stage.spec.start.isoformat()} to {until.isoformat()}"
            raise BadSettings(f"an order at {outside.at.isoformat()} lies outside what was played, {span}")
        branch = branch_of(
            lambda given: stage.run(given, until, rule_after_s=stage.rule_after_s),
            counting(stage.calls, stage.spec.start, until),
            orders_of(opened.log, stage.setting.city),
            orders,
            name=f"{exercise}-{len(opened.branches) + 1}",
            title=title,
            until=until,
        )
        opened.branches.append(branch)
        return branch

    def branches(self, exercise: str) -> Sequence[Branch]:
        self._folders.path_of(exercise)
        opened = self._open.get(exercise)
        return [] if opened is None else opened.branches[::-1]

    def after_action(self, exercise: str) -> AfterAction:
        with self._lock:
            opened = self._open.get(exercise)
            kept = self._reopened(exercise) if opened is None else opened.kept
            opened = self._open.get(exercise)
        if opened is not None:
            ended = kept.ended is not None
            return report_of(exercise, opened.stage, opened.log, _head(opened), ended=ended, branches=opened.branches)
        log = open_log(self._folders.path_of(exercise), self._pack.city)
        try:
            stage = Stage(self._ground, kept.spec)
            return report_of(exercise, stage, log, kept.ended or kept.spec.until, ended=True)
        finally:
            log.close()

    def page(self, exercise: str) -> str:
        report, kept = self.after_action(exercise), self._folders.read(exercise)
        city = self._pack.city
        return after_action_page(report, kept.spec, city=city.title, timezone=city.timezone, made=self._clock.now())

    def city_of(self, exercise: str) -> City:
        return self._needed(exercise).stage.setting.city

    def close(self) -> None:
        """End every desk; what runs goes on when the house is opened again."""
        with self._lock:
            for opened in self._open.values():
                opened.desk.close()
            self._open.clear()

    # How it is put together -------------------------------------------------------------------------------------

    def _spec(self, request: ExerciseRequest) -> ExerciseSpec:
        span_s = (request.until - request.start).total_seconds()
        if not SHORTEST.total_seconds() <= span_s <= 3600.0 * LONGEST_H:
            raise BadScenario(
                "until", f"an exercise lasts from 10 minutes to {LONGEST_H:g} hours after its start: move the end"
            )
        if request.start.year not in YEARS:
            raise BadScenario("start", f"an exercise begins in the years {YEARS[0]} to {YEARS[-1]}: move it there")
        scenario = self._scenario(request, Period(request.start, request.until))
        return ExerciseSpec(
            title=request.title or scenario.title,
            start=request.start,
            until=request.until,
            scenario=scenario,
            recorded=request.recorded,
            seed=request.seed,
            auto_send_s=request.auto_send_s,
            lead_in_s=request.lead_in_s,
        )

    def _scenario(self, request: ExerciseRequest, span: Period) -> Scenario:
        if request.scenario_text is not None and request.scenario is not None:
            raise BadScenario("scenario", "name one of the pack's, or send the text of one, not both")
        if request.scenario_text is not None:
            return read_scenario_text(request.scenario_text, "sent", self._pack.city, span)
        if request.scenario is None:
            return NO_SCENARIO
        found = next((p for p in self._scenarios() if p.stem == request.scenario), None)
        if found is None:
            names = ", ".join(p.stem for p in self._scenarios()) or "none"
            raise BadScenario("scenario", f"the pack has no scenario {request.scenario!r}; it has {names}")
        return read_scenario(found, self._pack.city, span)

    def _scenarios(self) -> list[Path]:
        return sorted((self._pack.path / FOLDER).glob("*.toml"))

    def _scenario_file(self, path: Path, recorded: Period | None) -> ScenarioFile:
        written_for = find_span(path)
        span = written_for or recorded or Period(self._clock.now(), self._clock.now() + timedelta(hours=LONGEST_H))
        try:
            scenario = read_scenario(path, self._pack.city, span)
        except BadScenario as error:
            return ScenarioFile(path.stem, path.stem, "", 0, written_for, str(error))
        return ScenarioFile(path.stem, scenario.title, scenario.text, len(scenario.injects), written_for)

    def _reopened(self, exercise: str) -> Kept:
        """What is kept of an exercise. One that ran when the house was closed goes on, paused."""
        opened = self._open.get(exercise)
        if opened is not None:
            return opened.kept
        kept = self._folders.read(exercise)
        if kept.ended is None:
            self._start(kept, Stage(self._ground, kept.spec), _silent).desk.pause()
        return kept

    def _needed(self, exercise: str) -> _Open:
        with self._lock:
            self._reopened(exercise)
            opened = self._open.get(exercise)
        if opened is None:
            raise BadSettings(f"exercise {exercise} has ended and is closed: its report stays")
        return opened

    def _start(self, kept: Kept, stage: Stage, progress: Progress) -> _Open:
        folder, city = self._folders.path_of(kept.exercise), stage.setting.city
        log = open_log(folder, city)
        try:
            engine, feed = self._caught_up(kept, stage, log, progress)
        except BaseException:
            log.close()
            raise
        desk = Desk(city, Mode.EXERCISE, log, engine, Look(city, engine.travel), self._clock)
        desk.set_speed(kept.speed)
        desk.start()
        opened = self._open[kept.exercise] = _Open(kept, stage, desk, engine, feed, log, LogNotes(log))
        return opened

    def _caught_up(self, kept: Kept, stage: Stage, log: EventLog, progress: Progress) -> tuple[Engine, ExerciseFeed]:
        """The engine at the start of the span, or where its log ends."""
        engine = self._engine(kept, stage, log)
        outlet = ExerciseFileOutlet(self._folders.path_of(kept.exercise) / MESSAGES_FILE, kept.exercise)
        follow = LogOrders(log, stage.setting.city, _Messenger(kept.exercise, outlet).hear)
        calls_at = [call.received for call in stage.calls]
        world = stage.world(rule_after_s=stage.rule_after_s)
        feed = ExerciseFeed(world, calls_at, stage.begin, stage.spec.until, follow.new)
        engine.feed = feed
        engine.catch_up()
        while engine.now < stage.spec.start:
            engine.advance(min(engine.now + timedelta(hours=1), stage.spec.start))
            engine.flush()
            progress(engine.now, stage.spec.start)
        return engine, feed

    def _engine(self, kept: Kept, stage: Stage, log: EventLog) -> Engine:
        pack = replace(self._pack, city=stage.setting.city)
        return open_engine(
            pack,
            log,
            Mode.EXERCISE,
            stage.begin,
            seed=kept.spec.seed,
            warning_probability=self._settings.warning_probability,
            start=stage.begin,
        )

    def _now(self, kept: Kept) -> ExerciseNow:
        opened = self._open.get(kept.exercise)
        if opened is None:
            at = kept.ended or kept.spec.start
            return ExerciseNow(kept.exercise, kept.spec, at, kept.ended is not None, None)
        at = opened.desk.board().clock.now
        noted = opened.noted.read()
        return ExerciseNow(
            exercise=kept.exercise,
            spec=kept.spec,
            now=at,
            ended=kept.ended is not None or _head(opened) >= kept.spec.until,
            desk=opened.desk,
            notes=dict(noted.notes),
            sent=noted.sent,
            stand_ins=len(opened.stage.setting.stand_ins),
            missing=self._pack.report.missing,
        )


class _Messenger:
    """Tells units of an exercise their orders, through the exercise's own outlet. What could not be sent is tried
    again with the next order."""

    def __init__(self, exercise: str, outlet: Outlet[ExerciseMessage]) -> None:
        self._exercise = exercise
        self._outlet = outlet
        self._waiting: list[ExerciseMessage] = []

    def hear(self, recorded: Recorded, order: Order) -> None:
        """An order was given."""
        if isinstance(order, Send):
            to, text = ", ".join(order.units), f"go to call X {order.call}"
        else:
            to, text = order.unit, f"stand by at station {order.station}"
        self._waiting.append(
            ExerciseMessage(recorded.id, self._exercise, recorded.at, to, f"{EXERCISE}. {to}: {text}. {EXERCISE}.")
        )
        with suppress(TocsinError):
            while self._waiting:
                self._outlet.send(self._waiting[0])
                del self._waiting[0]


def _head(opened: _Open) -> datetime:
    """How far the exercise has come."""
    clock = opened.desk.board().clock
    return min(clock.head or clock.now, opened.stage.spec.until)
