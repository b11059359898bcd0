"""The only place where the house is put together. Nothing else reads settings, makes adapters or picks models."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tocsin.adapters.clocks import WallClock
from tocsin.adapters.export import find_city, remember_city
from tocsin.adapters.feeds.replay import ReplayFeed
from tocsin.adapters.packs import Pack, find_pack, load_pack
from tocsin.adapters.stores import LOG_FILE, MemoryLog, SqliteLog
from tocsin.bootstrap_account import open_account, open_token
from tocsin.bootstrap_identity import (
    find_passkeys,
    open_accounts,
    open_identity,
    open_sso,
    remember_roles,
)
from tocsin.bootstrap_settings import WARNING_PROBABILITY, Settings
from tocsin.desk.account import Account
from tocsin.desk.desk import Desk
from tocsin.desk.engine import Engine
from tocsin.desk.expiry import ExpiryWorker
from tocsin.desk.forecast import ForecastDesk
from tocsin.desk.identity.identity import Identity
from tocsin.desk.lateness import LatenessDesk
from tocsin.desk.look import Look
from tocsin.desk.moves import MoveDesk
from tocsin.desk.plan import PlanDesk
from tocsin.desk.replay import ReplayRun
from tocsin.desk.travel import TravelDesk
from tocsin.desk.verify import VerifyDesk
from tocsin.desk.warnings import WarningDesk
from tocsin.desk.writer import Writer, open_situation
from tocsin.errors import AccountError, BadPack, BadSettings
from tocsin.forecasting.demand.chosen import ChosenModel
from tocsin.forecasting.demand.counts import CountModel
from tocsin.geography.graph import StreetGraph
from tocsin.geography.places import Places
from tocsin.geography.travel import TravelModel
from tocsin.model.city import City
from tocsin.model.origin import Mode
from tocsin.planning.dispatch.look_ahead import LookAhead
from tocsin.planning.relocation.moves import Limits
from tocsin.planning.stop import Stop, never
from tocsin.ports import EventLog

RELEARN = timedelta(hours=48)
"""How much of the log the travel model learns again at a start."""
PLAN_S = 0.05
"""How long a live desk lets a planner look ahead for one call."""


def limits_of(settings: Settings) -> Limits:
    """How many move-ups a house lets its desk propose."""
    return Limits(moves_per_h=settings.moves_per_h, empty_min_per_h=settings.empty_min_per_h)


def plan_deadline(mode: Mode, clock: WallClock) -> Callable[[], Stop]:
    """A planner has `PLAN_S` on the wall clock. A recorded or rehearsed city has no deadline, so that the same log
    gives the same plans however busy the machine is."""
    if mode is not Mode.LIVE:
        return lambda: never

    def begin() -> Stop:
        until_s = clock.monotonic_s() + PLAN_S
        return lambda: clock.monotonic_s() > until_s

    return begin


@dataclass(frozen=True, slots=True)
class House:
    """A desk with everything around it, ready to start."""

    pack: Pack
    desk: Desk
    engine: Engine
    token: str
    account: Account
    identity: Identity
    retention: ExpiryWorker

    def start(self) -> None:
        """Let the desk's clock and the retention duty run."""
        self.desk.start()
        self.retention.start()
        self.account.start()

    def close(self) -> None:
        """Stop the desk and give back what is held. A second call does nothing."""
        self.retention.close()
        self.account.follower.stop()
        self.desk.close()
        self.identity.recorder.close()
        with suppress(AccountError):  # a full disk keeps nothing from being closed
            self.identity.sign_in.close()
        self.account.close()
        self.identity.accounts.store.close()


def open_house(
    pack_name: str,
    data: Path,
    *,
    demo: bool,
    settings: Settings,
    progress: Callable[[datetime, datetime], None] = lambda _now, _until: None,
) -> House:
    """Open a pack's desk over a data folder: load, restore, run to the start of the show where it is a demo.

    Raises: BadPack, BadSettings, LogError.
    """
    clock = WallClock()
    pack = load_pack(find_pack(pack_name))
    mode = mode_of(pack.city)
    log = open_log(data, pack.city)
    engine = open_engine(
        pack,
        log,
        mode,
        clock.now(),
        seed=settings.seed,
        warning_probability=settings.warning_probability,
        limits=limits_of(settings),
    )
    with ExitStack() as undo:  # what is open already is closed where the rest fails
        undo.callback(log.close)
        accounts = open_accounts(
            None if demo else data, clock, idle_min=settings.session_idle_min, session_h=settings.session_h
        )
        undo.callback(accounts.store.close)
        account = open_account(pack, log, data, settings=settings, standing=accounts)
        undo.callback(account.close)
        token = open_token(data)
        remember_roles(data, account.policy.access.roles)
        identity = open_identity(
            accounts,
            account.ledger,
            list_roles=account.policy.access.roles.keys,
            token=token,
            demo=demo,
            passkeys=find_passkeys(settings.public_url),
            sso=None if settings.sso is None or demo else open_sso(settings.sso, Path(), clock),
        )
        undo.pop_all()
    if demo:
        _run_to_start(engine, pack.city, progress)
    desk = Desk(pack.city, mode, log, engine, Look(pack.city, engine.travel), clock)
    if demo and pack.city.demo_start is not None:
        desk.jump(pack.city.demo_start)
    return House(pack, desk, engine, token, account, identity, ExpiryWorker(account.expiry, desk))


def open_engine(
    pack: Pack,
    log: EventLog,
    mode: Mode,
    now: datetime,
    *,
    seed: int,
    warning_probability: float = WARNING_PROBABILITY,
    start: datetime | None = None,
    limits: Limits | None = None,
) -> Engine:
    """The engine over a log, at the log's newest time or, on an empty log, at the feed's first report (`start`
    where given) or `now`."""
    city = pack.city
    places = Places(city)
    graph = StreetGraph.of(city.streets) if city.streets is not None else None
    travel = TravelDesk(city, graph, TravelModel())
    situation = open_situation(log, city)
    if situation.mode not in (None, mode):
        log.close()
        raise BadSettings(f"the log is in mode {situation.mode}, and this runs in mode {mode}: name another --data")
    writer = Writer(log, city, places, situation)
    feed = ReplayFeed(pack.calls, pack.responses) if mode is Mode.REPLAY else None
    first = feed.first_at() if feed else None
    begin = log.last_at() or start or (first - timedelta(microseconds=1) if first else now)
    forecasts = ForecastDesk(
        city, mode, ChosenModel(week_shape=city.week_shape), since=_began(log, start or first or now)
    )
    lateness = LatenessDesk(city, travel)
    lateness.prepare(begin)
    engine = Engine(
        city,
        mode,
        writer,
        feed,
        begin,
        forecasts=forecasts,
        plans=PlanDesk(
            city, mode, LookAhead(), travel, seed=seed, lateness=lateness, deadline=plan_deadline(mode, WallClock())
        ),
        moves=MoveDesk(city, mode, travel, lateness, limits or Limits()),
        travel=travel,
        verifying=VerifyDesk(mode, forecasts, seed=seed),
        warnings=WarningDesk(
            city,
            mode,
            probability=warning_probability,
            history=forecasts.history,
            prior=None if city.week_shape is None else CountModel(week_shape=city.week_shape),
        ),
    )
    _spare_the_collector()
    if log.last_at() is not None:
        travel.relearn(log, begin - RELEARN)
        engine.catch_up()
    return engine


def _began(log: EventLog, otherwise: datetime) -> datetime:
    """When this desk began to listen: with the log's first event, or now. Before it, silence says nothing."""
    first = next(iter(log.read()), None)
    return first.at if first else otherwise


def open_replay(
    pack_name: str,
    data: Path | None,
    *,
    start: str | None,
    until: str | None,
    settings: Settings,
    accounted: bool = True,
) -> tuple[ReplayRun, datetime]:
    """A headless replay over a log in memory, or in `data`, and the time at which it ends.

    `start`, `until`: ISO 8601; without an offset in the pack's time zone. `accounted`: a ledger follows, in memory or
    in `data` as the log.
    Raises: BadPack, also for a pack without calls to replay; BadSettings for times that cannot be.
    """
    pack = load_pack(find_pack(pack_name))
    begin, end = (local_time(text, pack.city, name) for text, name in ((start, "--from"), (until, "--until")))
    log: EventLog = MemoryLog() if data is None else open_log(data, pack.city)
    engine = open_engine(
        pack,
        log,
        Mode.REPLAY,
        WallClock().now(),
        seed=settings.seed,
        warning_probability=settings.warning_probability,
        start=begin,
        limits=limits_of(settings),
    )
    last = engine.feed.last_at() if engine.feed else None
    if last is None:
        raise BadPack(f"{pack.path.name}: calls.parquet has no call with a time, so there is nothing to replay")
    end = min(end, last) if end else last
    if end <= engine.now and data is None:
        raise BadSettings(f"nothing to replay: it would begin at {engine.now.isoformat()} and end at {end.isoformat()}")
    without = ChosenModel() if pack.city.week_shape is not None else None
    account = open_account(pack, log, data, settings=settings) if accounted else None
    return ReplayRun(engine, without_history=without, seed=settings.seed, account=account), end


def open_log(data: Path, city: City) -> SqliteLog:
    """The log of a data folder, made where it is missing, with what an export needs of the city beside it.

    Raises: BadSettings for a folder that cannot be made or is in use; LogError.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)  # the log holds exact places
        before = find_city(data)
        if before not in (None, city.name):
            raise BadSettings(f"--data {data} holds the log of {before}, not of {city.name}: name another folder")
        log = SqliteLog(data / LOG_FILE)
        _keep_private(data)
        remember_city(data, city)
    except OSError as error:
        why = error.strerror or error
        raise BadSettings(f"--data {data} cannot be used ({why}): name a folder that you may write to") from error
    return log


def _keep_private(data: Path) -> None:
    """The log holds exact places: its files are the owner's alone, in folders that others may enter too."""
    for file in data.glob(f"{LOG_FILE}*"):
        file.chmod(0o600)


def local_time(text: str | None, city: City, name: str) -> datetime | None:
    """A time of the command line: ISO 8601, in the pack's time zone where it has no offset; None for none.

    Raises: BadSettings naming `name`, the option.
    """
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadSettings(f"{name} {text}: not a time; write it like 2017-01-01T02:00 or with an offset") from error
    return (time if time.tzinfo else time.replace(tzinfo=ZoneInfo(city.timezone))).astimezone(UTC)


def mode_of(city: City) -> Mode:
    """A pack with a replay feed is a replay, whatever else it has; live needs a feed on the wall clock."""
    return Mode.REPLAY if any(feed.kind == "replay" for feed in city.feeds) else Mode.LIVE


def browser_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a browser can be opened from here: not over SSH, not without a display on Linux."""
    return "SSH_CONNECTION" not in environment and bool(
        environment.get("DISPLAY")
        or environment.get("WAYLAND_DISPLAY")
        or os.name == "nt"
        or os.uname().sysname == "Darwin"
    )


def _spare_the_collector() -> None:
    """What was loaded stays: keep it out of the cycle collector, and let that run less often. Measured: a quarter
    less CPU an event of batch intake."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _run_to_start(engine: Engine, city: City, progress: Callable[[datetime, datetime], None]) -> None:
    """On the first start of a demo: run the feed to where the show begins."""
    goal = city.demo_start
    if goal is None:
        return
    while engine.now < goal:
        engine.advance(min(engine.now + timedelta(hours=1), goal))
        engine.flush()
        progress(engine.now, goal)
