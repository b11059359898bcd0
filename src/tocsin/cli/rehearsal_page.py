"""The page of `tocsin rehearse --report`."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.adapters.report import Bar, Part, Table, Text, bars, page
from tocsin.cli.rehearsals import Rehearsed
from tocsin.model.city import City
from tocsin.rehearsal.exercise.effects import list_effects


def rehearsal_page(found: Rehearsed, city: City, made: datetime) -> str:
    """One HTML page that needs nothing from outside. `made`: when, UTC."""
    parts: list[Part] = [_head(found, city), _late(found), _table(found)]
    parts += _pairs(found)
    parts += _scenario(found, city)
    parts += [_tuned(found), _notes(found)]
    title = f"Rehearsal of {city.title}"
    return page(title, parts, made=f"Made by Tocsin on {made:%Y-%m-%d %H:%M} UTC: tocsin rehearse {city.name}")


def _head(found: Rehearsed, city: City) -> Text:
    zone = ZoneInfo(city.timezone)
    split = found.case.split
    if found.start is None or found.until is None or found.asked.days is not None:
        span = "days that might come, by the learned law"
    else:
        span = f"{found.start.astimezone(zone):%Y-%m-%d %H:%M} to {found.until.astimezone(zone):%Y-%m-%d %H:%M} local"
    said = [
        f"{found.town.units} units, {found.calls:,} calls a seed, {found.asked.seeds} seeds: {span}.",
        (
            f"A call is late when its first unit is there later than {found.town.target_s / 60:g} minutes after it; "
            "priorities 1 and 2 count. Every strategy faces the same calls and the same luck."
        ),
    ]
    if split is not None:
        learn = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (split.learn.start, split.learn.end))
        said.append(f"Speeds, services and rates were learned from {' to '.join(learn)} alone, which lies before.")
    return Text(said)


def _late(found: Rehearsed) -> Part:
    shown = [
        Bar(s.strategy, 100 * s.late_share, _percent(s.late_low), _percent(s.late_high), ours=s.strategy == "tocsin")
        for s in found.spreads
        if s.late_share is not None
    ]
    for name, row in (("as recorded", found.recorded), ("bound", found.bound)):
        if row is not None and row.late_share is not None:
            shown.append(Bar(name, 100 * row.late_share))
    caption = "Late calls of 100, with the 80 % band of single seeds"
    return bars(shown, caption, unit="of 100 calls", lower_is_better=True)


def _table(found: Rehearsed) -> Table:
    columns = ["strategy", "late of 100", "80 % of seeds", "mean", "9 of 10 within", "busy", "moves", "empty min"]
    rows: list[tuple[str | float | int | None, ...]] = [
        (
            s.strategy,
            _tenth(s.late_share),
            f"{_tenth(s.late_low)} to {_tenth(s.late_high)}",
            _mss(s.mean_s),
            _mss(s.p90_s),
            _tenth(s.utilisation),
            s.moves_per_unit_hour,
            s.empty_min_per_unit_hour,
        )
        for s in found.spreads
    ]
    if found.recorded is not None:
        r = found.recorded
        rows.append(("as recorded", _tenth(r.late_share), None, _mss(r.mean_s), _mss(r.p90_s), None, None, None))
    if found.bound is not None:
        rows.append(("clairvoyant bound", _tenth(found.bound.late_share), None, None, None, None, None, None))
    return Table(columns, rows, "Strategies; moves and empty minutes are per unit and hour")


def _pairs(found: Rehearsed) -> list[Part]:
    rows = [
        (p.one, p.other, _signed(p.relative), f"{_signed(p.low)} to {_signed(p.high)}", p.fewer_in, p.more_in)
        for p in found.pairs
        if p.relative is not None
    ]
    columns = ["strategy", "beside", "late calls", "80 % of seeds", "seeds with fewer", "seeds with more"]
    return [Table(columns, rows, "Paired by seed")] if rows else []


def _scenario(found: Rehearsed, city: City) -> list[Part]:
    if found.scenario is None:
        return []
    zone = ZoneInfo(city.timezone)
    rows = [
        (f"{e.period.start.astimezone(zone):%Y-%m-%d %H:%M}", f"{e.period.end.astimezone(zone):%Y-%m-%d %H:%M}", e.text)
        for e in list_effects(found.scenario)
    ]
    return [Table(["from", "until", "what"], rows, f"Scenario: {found.scenario.title}")] if rows else []


def _tuned(found: Rehearsed) -> Part:
    rows = [
        (t.name, ", ".join(f"{k} {v}" for k, v in t.parameters.items() if k != "homes") or None, t.tries)
        for t in found.tuned
    ]
    return Table(["strategy", "parameters", "tries"], rows, "Tuned on generated days that are not scored")


def _notes(found: Rehearsed) -> Part:
    return Table(["what", "how"], [(name, value) for name, value in found.notes.items()], "What the figures rest on")


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _tenth(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.1f}"


def _signed(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:+.1f} %"


def _mss(seconds: float | None) -> str | None:
    return None if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02}"
