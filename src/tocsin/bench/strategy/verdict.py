"""Pairs of strategies, by fleet and pooled, and whether the goals are reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin.bench.strategy.jobs import Done
from tocsin.rehearsal.strategies.pairs import LEAST_BLOCKS, Difference, Paired, difference

PAIRS = (
    ("tocsin", "static_tuned"),
    ("tocsin", "dmexclp"),
    ("tocsin", "recorded_homes"),
    ("tocsin", "dmexclp_dispatch"),
    ("tocsin", "compliance_table"),
    ("tocsin_capped", "static_tuned"),
    ("tocsin_capped", "dmexclp"),
    ("dmexclp", "static_tuned"),
    ("static_tuned", "recorded_homes"),
)
LOW, HIGH = 0.45, 0.55
BANDS = (f"under {LOW}", f"{LOW} to {HIGH}", f"{HIGH} and over")
"""Of the static plan's utilisation."""


def band_of(done: Done) -> str:
    """The band that a fleet falls into."""
    used = done.strategies["static_tuned"].score.utilisation or 0.0
    return BANDS[0] if used < LOW else BANDS[1] if used < HIGH else BANDS[2]


def pairs_of(fleets: Sequence[Done]) -> list[dict[str, Any]]:
    """Each pair on every fleet, pooled by city, by band of utilisation, and over everything."""
    scopes: list[tuple[str, str | None, int | None, str | None, list[Done]]] = [
        ("fleet", d.job.pack, d.job.fleet, band_of(d), [d]) for d in fleets
    ]
    packs = dict.fromkeys(d.job.pack for d in fleets)
    scopes += [("pack", pack, None, None, [d for d in fleets if d.job.pack == pack]) for pack in packs]
    scopes += [("band", None, None, band, [d for d in fleets if band_of(d) == band]) for band in BANDS]
    scopes.append(("all", None, None, None, list(fleets)))
    rows = []
    for scope, pack, fleet, band, chosen in scopes:
        for one, other in PAIRS if chosen else ():
            row = _row(chosen, one, other)
            if row is not None:
                rows.append({"a": one, "b": other, "scope": scope, "pack": pack, "fleet": fleet, "band": band, **row})
    return rows


def hard_pairs_of(fleets: Sequence[Done]) -> list[dict[str, Any]]:
    """The same for worlds that drive otherwise than believed, ours against static plan and DMEXCLP."""
    rows = []
    for done in fleets:
        for variant, by_name in done.hard.items():
            for other in ("static_tuned", "dmexclp"):
                found = difference([Paired(done.job.pack, by_name["tocsin"][1], by_name[other][1])])
                if found is not None:
                    head = {"a": "tocsin", "b": other, "variant": variant, "pack": done.job.pack}
                    rows.append({**head, **_fields(found)})
    return rows


def _row(chosen: Sequence[Done], one: str, other: str) -> dict[str, Any] | None:
    found = difference([Paired(d.job.pack, d.strategies[one].run, d.strategies[other].run) for d in chosen])
    if found is None:
        return None
    worst, slowest = (_unfair(chosen, one, other, f"worst_decile_{name}") for name in ("late", "mean_s"))
    return {
        **_fields(found),
        "worst_decile_late_difference": worst,
        "worst_decile_mean_s_difference": slowest,
        "bought_by_the_worst_decile": bool(
            found.late_one < found.late_other and ((worst or 0.0) > 0.0 or (slowest or 0.0) > 0.0)
        ),
    }


def _unfair(chosen: Sequence[Done], one: str, other: str, name: str) -> float | None:
    """Mean difference over the fleets, by their calls."""
    total, calls = 0.0, 0
    for done in chosen:
        ours, theirs = (getattr(done.strategies[n].score, name) for n in (one, other))
        if ours is not None and theirs is not None:
            n = done.strategies[one].score.calls
            total, calls = total + n * (ours - theirs), calls + n
    return total / calls if calls else None


def _fields(found: Difference) -> dict[str, Any]:
    return {
        "calls": found.calls,
        "days": found.days,
        "late_a": found.late_one,
        "late_b": found.late_other,
        "late_relative": found.relative,
        "low": found.low,
        "high": found.high,
        "late_share_difference": found.absolute,
        "late_share_low": found.absolute_low,
        "late_share_high": found.absolute_high,
        "mean_s_difference": found.mean_s,
        "mean_s_low": found.mean_low_s,
        "mean_s_high": found.mean_high_s,
        "p90_s_difference": found.p90_s,
        "result": found.result,
    }


def goals_of(pairs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was asked for and what was measured. A goal without fleets in its band, or that asks for an interval where
    there are too few days for one, is neither reached nor missed."""
    found = [
        _pooled(pairs, BANDS[0], -0.05),
        _pooled(pairs, BANDS[1], -0.03),
    ]
    mine = [p for p in pairs if (p["a"], p["b"]) == ("tocsin", "dmexclp")]
    worse = [p for p in mine if p["scope"] == "fleet" and p["result"] == "more"]
    each = any(p["scope"] == "fleet" for p in mine)
    found.append(
        {
            "goal": "against tuned DMEXCLP on no fleet more late calls (interval over 0)",
            "measured": len(worse),
            "reached": not worse if each else None,
        }
    )
    whole = next((p for p in mine if p["scope"] == "all"), None)
    found.append(
        {
            "goal": "against tuned DMEXCLP fewer late calls pooled, interval under 0",
            "measured": None if whole is None else [whole["late_relative"], whole["low"], whole["high"]],
            "reached": None if whole is None or whole["days"] < LEAST_BLOCKS else whole["result"] == "fewer",
        }
    )
    for other in ("static_tuned", "dmexclp"):
        row = next((p for p in pairs if (p["a"], p["b"], p["scope"]) == ("tocsin", other, "all")), None)
        names = ("mean_s_difference", "p90_s_difference", "worst_decile_late_difference")
        values = None if row is None else [row[name] for name in names]
        found.append(
            {
                "goal": f"mean, p90 and worst decile not worse than {other}, pooled",
                "measured": values,
                "reached": None if values is None else all((value or 0.0) <= 0.0 for value in values),
            }
        )
    return found


def _pooled(pairs: Sequence[dict[str, Any]], band: str, wanted: float) -> dict[str, Any]:
    key = ("tocsin", "static_tuned", "band", band)
    row = next((p for p in pairs if (p["a"], p["b"], p["scope"], p["band"]) == key), None)
    relative = None if row is None else row["late_relative"]
    return {
        "goal": f"late calls {100 * wanted:g} % against the tuned static plan, pooled, utilisation {band}",
        "measured": None if row is None else [relative, row["low"], row["high"]],
        "reached": None if relative is None else relative <= wanted,
    }
