"""Everything that `tocsin forecast` says, worked out once for table, JSON and page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import floor
from zoneinfo import ZoneInfo

from tocsin.adapters.forecasters.plugged import get_forecaster
from tocsin.adapters.packs import Pack, find_pack, load_pack
from tocsin.adapters.packs.history import history_of_pack, record_span
from tocsin.bootstrap import local_time
from tocsin.errors import BadSettings, NeverDone
from tocsin.forecasting.demand.seen import Seen, extended
from tocsin.forecasting.outlook import Step, steps_of
from tocsin.forecasting.protocol import DAY, HOUR, History, first_hour
from tocsin.forecasting.scoring.lookback import LookBack, look_back, rival_means
from tocsin.forecasting.scoring.summary import Row, row_of
from tocsin.model.city import City, WeekShape
from tocsin.model.forecast import Demand
from tocsin.model.ids import AreaId
from tocsin.model.never import refusal

HOURS = 24
LOSSES_FROM = 50
"""Cells from which a loss to the plain rival is named."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on the command line."""

    area: str | None
    kind: str | None
    at: str | None
    hours: int | None
    days: int | None
    model: str


@dataclass(frozen=True)
class Outlook:
    """A forecast with its record. `row`: figures of the place asked about; `whole`: of all areas together.
    `losses`: areas in which the plain rival was better, the worst first. `shape`: the pack's, where the model took it.
    `ordinary_days`: days' worth of ordinary hours up to the last local midnight, where the model counts by them.
    """

    asked: Asked
    city: City
    now: datetime
    history: History
    demand: Demand
    area: AreaId | None
    steps: list[Step]
    back: LookBack
    row: Row
    whole: Row
    losses: list[Row]
    shape: WeekShape | None
    ordinary_days: float | None = None

    @property
    def daily(self) -> bool:
        """A row a day, not an hour."""
        return self.history.step == DAY

    @property
    def place(self) -> str:
        """Name of the area, or of the city."""
        return self.city.title if self.area is None else self.city.areas[self.area].name

    @property
    def title(self) -> str:
        """What is forecast, and from when."""
        what = f" of kind {self.asked.kind}" if self.asked.kind else ""
        return f"Calls{what}, {self.place}, from {self.local(self.now)}"

    @property
    def held(self) -> int:
        """Past steps of the place in which the 80 % band held."""
        return sum(past.bands[1] <= past.observed <= past.bands[5] for past in self.back.past)

    @property
    def week_shape(self) -> str | None:
        """From which span the pack's shape of the week was learned; None where the model has none."""
        shape = self.shape
        if shape is None:
            return None
        return f"{_day(shape.learned_from)} to {_day(shape.learned_until)}"

    def _shape_is_later(self) -> bool:
        shape, origins = self.shape, self.back.origins
        until = None if shape is None else shape.learned_until
        return until is not None and bool(origins) and until > origins[0]

    def local(self, time: datetime) -> str:
        """The city's own time. Days are written as midnights of UTC and shown as dates."""
        if self.daily:
            return f"{time:%a %Y-%m-%d}"
        return f"{time.astimezone(ZoneInfo(self.city.timezone)):%a %Y-%m-%d %H:%M}"

    def instant(self, time: datetime) -> datetime:
        """The moment that is meant, for programs: of a day its local midnight, in UTC like every other time."""
        if self.daily:
            return time.replace(tzinfo=ZoneInfo(self.city.timezone)).astimezone(UTC)
        return time

    def sentences(self) -> list[str]:
        """What must be said beside the figures: the record, where it loses, and where it comes from."""
        lines = [self._record()]
        if self.losses:
            named = ", ".join(
                f"{self.city.areas[AreaId(r.key)].name} ({-100 * (r.gain or 0):.0f} %)" for r in self.losses
            )
            lines.append(f"Where the plain rival was better, by its loss: {named}.")
        return [*lines, *self._provenance()]

    def _record(self) -> str:
        of, row = len(self.back.past), self.row
        if not of or row.promised is None:
            return "No record yet: too little came before to ask the model at earlier times."
        times = len(self.back.origins)
        text = (
            f"Asked again at {times} earlier time{'' if times == 1 else 's'}: the 80 % band held {self.held} of {of} "
            f"{'days' if self.daily else 'hours'}, promised {100 * row.promised:.0f} %."
        )
        if row.gain is None:
            return text
        side = "below" if row.gain >= 0 else "above"
        return f"{text} Loss {100 * abs(row.gain):.0f} % {side} the plain rival's."

    def _provenance(self) -> list[str]:
        demand, history = self.demand, self.history
        learned = "no whole step was known"
        if demand.learned_from and demand.learned_until:
            learned = f"learned from {self.local(demand.learned_from)} to {self.local(demand.learned_until)}"
        found = [f"Model {demand.model}: {learned}."]
        if demand.note == "wide_prior":
            found.append(self._wide())
        where = history.country and f"{history.country}{f'-{history.subdivision}' if history.subdivision else ''}"
        days = f"public holidays of {where}" if where else "no public holidays: the pack names no country"
        sky = f"weather ({', '.join(sorted(history.weather.values))})" if history.weather else "no weather"
        found.append(f"Offered to the model: {days}; {sky}.")
        if self.week_shape is not None:
            found.append(f"Shape of the week from the pack's history: {self.week_shape}.")
        if self._shape_is_later():
            found.append("That is later than some of the days judged here: the record may flatter.")
        if self.asked.kind:
            found.append("Only calls of this kind were counted; those of other kinds are not in these figures.")
        return found

    def _wide(self) -> str:
        if self.ordinary_days is None:
            return "Less than one full week seen: the level comes from a wide prior."
        days = floor(10 * self.ordinary_days) / 10  # never 7 where it is less
        return (
            f"Less than one full week seen, {days:.1f} of 7 days: the level comes from a wide prior. Hours count up to "
            "the last local midnight; those of public holidays and their eves, and those not known, do not."
        )


def look_ahead(name: str, asked: Asked, *, seed: int, progress: Progress = lambda _done, _of: None) -> Outlook:
    """The forecast of a pack with its rolling record.

    Raises: BadPack; BadSettings for a time, area, kind or model that is not there; NeverDone for a kind that is never
    forecast.
    """
    pack = load_pack(find_pack(name))
    city = pack.city
    model = get_forecaster(asked.model, city.week_shape)
    if asked.hours is not None and asked.days is not None:
        raise BadSettings("--hours and --days: name one of the two")
    step, horizon = (DAY, asked.days) if asked.days is not None else (HOUR, asked.hours or HOURS)
    area = _area(city, asked.area)
    _check_kind(pack, asked.kind)
    real = _now(pack, asked.at)
    history = history_of_pack(pack, real, step=step, kind=asked.kind)
    now = real if step == HOUR else _local_midnight(real, city)
    try:
        demand = model.learn(history).forecast(now, horizon)
    except ValueError as error:
        raise BadSettings(f"--model {asked.model}: {error}") from error
    row = None if area is None else history.areas.index(area)
    back = look_back(model, history, now, horizon, row=row, seed=seed, progress=progress)
    usual = rival_means(history, demand.start, len(demand.city_mean))
    sums = back.city if row is None else back.areas[row]
    return Outlook(
        asked=asked if asked.area is None else replace(asked, area=str(area)),
        city=city,
        now=now,
        history=history,
        demand=demand,
        area=area,
        steps=steps_of(demand, row, usual.sum(axis=1) if row is None else usual[:, row]),
        back=back,
        row=row_of("city" if row is None else "area", str(area or "city"), sums),
        whole=row_of("all", "all", back.areas.sum(axis=0)),
        losses=_losses(back, history),
        shape=city.week_shape if step == HOUR and hasattr(model, "week_shape") else None,
        ordinary_days=_ordinary_days(history.before(now)) if step == HOUR and hasattr(model, "week_shape") else None,
    )


def _ordinary_days(known: History) -> float:
    """What the count model asks for a week of (`forecasting.demand.seen`)."""
    return 7.0 * extended(Seen.nothing(len(known.areas) + 1), known).weeks


def _losses(back: LookBack, history: History) -> list[Row]:
    rows = [row_of("area", str(a), sums) for a, sums in zip(history.areas, back.areas, strict=True)]
    worse = [row for row in rows if row.cells >= LOSSES_FROM and row.gain is not None and row.gain < 0]
    return sorted(worse, key=lambda row: row.gain or 0.0)


def _area(city: City, asked: str | None) -> AreaId | None:
    """By id, else by name in any case."""
    if asked is None:
        return None
    named = {area.name.casefold(): key for key, area in city.areas.items()}
    found = AreaId(asked) if AreaId(asked) in city.areas else named.get(asked.casefold())
    if found is None:
        known = ", ".join(f"{key} ({area.name})" if key != area.name else key for key, area in city.areas.items())
        raise BadSettings(f"--area: there is no {asked!r}; there are: {known}")
    return found


def _check_kind(pack: Pack, asked: str | None) -> None:
    if asked is None:
        return
    why = refusal(asked)
    if why is not None:
        raise NeverDone(f"--kind {asked!r} is never forecast: {why}")
    known = sorted({str(k) for k in pack.calls["kind"].unique()} | {card.kind for card in pack.city.call_kinds})
    if asked not in known:
        raise BadSettings(f"--kind: there is no {asked!r}; there are: {', '.join(known)}")


def _now(pack: Pack, asked: str | None) -> datetime:
    """The time to stand at: the end of the hour in which the record ends, which counts as seen to its end."""
    told = local_time(asked, pack.city, "--at")
    return first_hour(record_span(pack)[1]) if told is None else told


def _local_midnight(now: datetime, city: City) -> datetime:
    """The local date as midnight of UTC, which is how daily counts are written."""
    day = now.astimezone(ZoneInfo(city.timezone)).date()
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day(time: datetime | None) -> str:
    return "an unknown day" if time is None else f"{time:%Y-%m-%d}"
