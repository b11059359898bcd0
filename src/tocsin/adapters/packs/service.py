"""Reads `[service.KIND]` and `[calls]` of pack.toml: how long calls bind units, and how many come in."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from tocsin.adapters.packs.codes import FaultCode
from tocsin.adapters.packs.keys import Keys
from tocsin.model.service import CallRate, Duration, DurationLaw, ServiceLaw

_KEYS: Mapping[Duration, tuple[str, ...]] = {
    Duration.CONSTANT: ("seconds",),
    Duration.EXPONENTIAL: ("mean_s",),
    Duration.LOGNORMAL: ("median_s", "sigma"),
    Duration.WEIBULL: ("scale_s", "shape"),
    Duration.GAMMA: ("scale_s", "shape"),
    Duration.EMPIRICAL: ("values_s",),
}
LONGEST_S = 48 * 3600.0
"""No single step of a call takes longer; a mean or median above it is a slip of the unit."""
_NOTHING = DurationLaw.constant(0.0)


def read_service(keys: Keys, unit_kinds: Collection[str], call_kinds: Collection[str]) -> dict[str, ServiceLaw]:
    """`[service.KIND]` by kind of unit or of call; faulty ones are left out."""
    laws: dict[str, ServiceLaw] = {}
    known = {*unit_kinds, *call_kinds}
    for kind, inner in keys.each_inner("service"):
        if known and kind not in known:
            message = f"{kind!r} is a kind neither of units nor of calls: add [unit_kinds.{kind}] or correct it"
            keys.fault(f"service.{kind}", FaultCode.UNKNOWN_UNIT_KIND, message)
        law = _read_law_of_kind(inner)
        inner.close()
        if law is not None:
            laws[kind] = law
    return laws


def read_call_rate(keys: Keys) -> CallRate | None:
    """`[calls] per_day, priorities`; None where the table is not there or faulty."""
    if keys.take("calls") is None:
        return None
    inner = keys.inner("calls")
    per_day = inner.number("per_day", above=0.0)
    if "per_day" not in inner.table:
        inner.missing("per_day", "write per_day = 100.0, the calls of an ordinary day")
    priorities = _read_priorities(inner)
    inner.close()
    return CallRate(per_day, priorities) if per_day is not None and priorities is not None else None


def _read_priorities(keys: Keys) -> tuple[float, ...] | None:
    """Shares by priority, made to sum to 1."""
    values = keys.take("priorities")
    if values is None:
        return (1.0,)
    if not _numbers(values) or len(values) > 9 or min(values) < 0.0 or not sum(values) > 0.0:
        keys.bad("priorities", f"{values!r} is no list of up to nine shares for priority 1, 2, … with a sum above 0")
        return None
    return tuple(float(value) / sum(values) for value in values)


def _read_law_of_kind(keys: Keys) -> ServiceLaw | None:
    delay, on_scene = _read_duration(keys, "delay_s"), _read_duration(keys, "on_scene")
    handover = _read_duration(keys, "handover")
    share = keys.number("transport_share")
    if "on_scene" not in keys.table:
        keys.missing(
            "on_scene", 'write on_scene = 900, or a law such as on_scene = { law = "exponential", mean_s = 900 }'
        )
    if share is not None and not 0.0 <= share <= 1.0:
        keys.bad("transport_share", f"{share!r} is no share from 0 to 1")
        return None
    if on_scene is None:
        return None
    return ServiceLaw(delay or _NOTHING, on_scene, share or 0.0, handover or _NOTHING)


def _read_duration(keys: Keys, key: str) -> DurationLaw | None:
    """A number of seconds, or a table `{ law = …, … }`."""
    value = keys.table.get(key)
    if not isinstance(value, dict):
        seconds = keys.number(key)
        if seconds is None:
            return None
        return _checked(keys, key, DurationLaw.constant(seconds))
    inner = keys.inner(key)
    name = inner.text("law", required=True)
    if name is None:
        return None
    if name not in tuple(Duration):
        inner.bad("law", f"{name!r} is no law of a duration: use one of {', '.join(Duration)}")
        return None
    law = _read_law(inner, Duration(name))
    inner.close()
    return None if law is None else _checked(keys, key, law)


def _read_law(keys: Keys, law: Duration) -> DurationLaw | None:
    if law is Duration.EMPIRICAL:
        values = keys.take("values_s")
        if not _numbers(values) or not all(0.0 <= v <= LONGEST_S for v in values):
            keys.bad("values_s", f"is no list of seconds from 0 to {LONGEST_S:g} with at least one")
            return None
        return DurationLaw(law, values_s=tuple(sorted(float(v) for v in values)))
    numbers = [_read_number(keys, key, least=law is Duration.CONSTANT) for key in _KEYS[law]]
    if any(number is None for number in numbers):
        return None
    scale_s, shape = (*(number or 0.0 for number in numbers), 1.0)[:2]
    return DurationLaw(law, scale_s, shape)


def _read_number(keys: Keys, key: str, *, least: bool) -> float | None:
    if key not in keys.table:
        keys.missing(key, f"the law needs {key}")
        return None
    return keys.number(key) if least else keys.number(key, above=0.0)


def _checked(keys: Keys, key: str, law: DurationLaw) -> DurationLaw | None:
    mean_s = law.mean_s()
    if math.isfinite(mean_s) and 0.0 <= mean_s <= LONGEST_S:
        return law
    keys.bad(key, f"means {mean_s:g} s on average, not between 0 and {LONGEST_S:g}: are the units seconds?")
    return None


def _numbers(values: Any) -> bool:
    return (
        isinstance(values, list)
        and bool(values)
        and all(type(value) in (int, float) and math.isfinite(value) for value in values)
    )
