"""River gauges: how good the outlook is, beside persistence and the line: `python -m benchmarks.gauges --data FOLDER`.

FOLDER holds parquet files with `dateTime` and `value`, one a gauge, `level` or `rain` in each name. Everything is
learned and judged on the way. The first half of the span is for development (`--develop` scores its second half and
keeps nothing); what is reported is the second half. Every level gauge is forecast twice: alone, and with all others and
the rain leading. Rivals: persistence and the line (Sen's slope of two hours), each with the quantiles of its own
errors of the two weeks before.

The threshold of a gauge is the 90 % quantile of its first half. An event: the level reaches it after six hours below.
A warning: while the level is below, the stated probability of reaching it within six hours is 0.5 or more; warnings
less than an hour apart are one. It is a hit where the level reaches the threshold within six hours of its beginning.
Probability of detection: events with a warning in the six hours before; lead time: from the first of them to it.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.machine import about, keep
from tocsin.forecasting.streams.gauges import GaugeWatch
from tocsin.forecasting.streams.own_errors import OwnErrors
from tocsin.forecasting.streams.signals import Leading
from tocsin.forecasting.streams.slopes import robust_slope
from tocsin.model.forecast import LEVELS

Floats = NDArray[np.float64]
STEP = timedelta(minutes=15)
AHEAD = (4, 8, 12, 24)
"""Steps that are scored: 1, 2, 3 and 6 hours."""
KEPT = 1344
WARNS_AT = 0.5
QUANTILES = np.array(LEVELS)


@dataclass
class Said:
    """What one model said of one gauge: origin by horizon."""

    expected: Floats
    quantiles: Floats
    passes: Floats
    seconds: float = 0.0

    @classmethod
    def empty(cls, steps: int) -> Said:
        return cls(np.full((steps, 4), np.nan), np.full((steps, 4, 9), np.nan), np.full((steps, 4), np.nan))


@dataclass(frozen=True)
class Gauges:
    """All series of a folder on one grid of 15 minutes, NaN where nothing was read."""

    start: datetime
    levels: dict[str, Floats]
    rain: dict[str, Floats] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        return len(next(iter(self.levels.values())))


def read(folder: Path) -> Gauges:
    """Every parquet file of the folder. Stamps without a zone are read as UTC."""
    tables = {re.sub(r"-(level|rain).*", "", path.stem): (path.stem, _table(path)) for path in sorted(folder.glob("*"))}
    start = min(table["at"].min() for _, table in tables.values())
    steps = max(int((table["at"].max() - start) / STEP) for _, table in tables.values()) + 1
    found: dict[bool, dict[str, Floats]] = {True: {}, False: {}}
    for name, (stem, table) in tables.items():
        grid = np.full(steps, np.nan)
        grid[[round((at - start) / STEP) for at in table["at"]]] = table["value"].to_numpy()
        found["rain" in stem][name] = grid
    return Gauges(start, found[False], found[True])


def _table(path: Path) -> pl.DataFrame:
    table = pl.read_parquet(path, columns=["dateTime", "value"])
    return table.select(pl.col("dateTime").str.to_datetime(time_zone="UTC").alias("at"), "value")


def ours(gauges: Gauges, name: str, threshold: float, led: bool) -> Said:
    """Our outlook at every step, with or without the other series."""
    others = {n: "level" for n in gauges.levels if n != name} | dict.fromkeys(gauges.rain, "rain") if led else {}
    series = {n: (gauges.levels | gauges.rain)[n].tolist() for n in others}
    watch = GaugeWatch(STEP, leading=[Leading(n, kind) for n, kind in others.items()])  # type: ignore[arg-type]
    said = Said.empty(gauges.steps)
    started = time.process_time()
    for step, level in enumerate(gauges.levels[name].tolist()):
        at = gauges.start + step * STEP
        if np.isnan(level):
            continue
        watch.take(at, level, {n: None if np.isnan(v[step]) else v[step] for n, v in series.items()})
        outlook = watch.outlook(threshold)
        if outlook is not None and outlook.levels is not None and outlook.passes is not None:
            for k, h in enumerate(AHEAD):
                said.expected[step, k] = outlook.expected[h - 1]
                said.quantiles[step, k] = outlook.levels[h - 1]
                said.passes[step, k] = outlook.passes[h - 1]
    said.seconds = time.process_time() - started
    return said


def rival(gauges: Gauges, name: str, threshold: float, line: bool) -> Said:
    """Persistence or the line, with the quantiles of its own errors."""
    level = gauges.levels[name]
    said = Said.empty(gauges.steps)
    ends, peaks = OwnErrors(24, KEPT), OwnErrors(24, KEPT)
    rise = np.array([_slope(level, step) if line else 0.0 for step in range(gauges.steps)])
    for step in range(gauges.steps):
        if np.isnan(level[step]):
            continue
        _judge(level, rise, step, ends, peaks)
        _speak(said, step, level[step], rise[step], threshold, ends, peaks)
    return said


def _judge(level: Floats, rise: Floats, step: int, ends: OwnErrors, peaks: OwnErrors) -> None:
    """Hold what was said in the last six hours against this level."""
    then = level[max(0, step - 24) : step][::-1]
    h = np.arange(1, len(then) + 1)
    tops = np.fmax.accumulate(np.append(level[step], then))[:-1]
    rises = h * rise[step - h]
    known = np.flatnonzero(np.isfinite(then))
    ends.add(known, (level[step] - then - rises)[known])
    peaks.add(known, (np.maximum(tops - then, 0.0) - np.maximum(rises, 0.0))[known])


def _speak(
    said: Said, step: int, level: float, rise: float, threshold: float, ends: OwnErrors, peaks: OwnErrors
) -> None:
    if ends.counted[-1] < 48:
        return
    rises = np.arange(1, 25) * rise
    way = threshold - level
    passes = peaks.law().exceedance(way - np.maximum(rises, 0.0)) if way > 0 else np.ones(24)
    quantiles = level + rises[:, None] + ends.law().quantiles(QUANTILES)
    at = np.array(AHEAD) - 1
    said.expected[step], said.quantiles[step], said.passes[step] = level + rises[at], quantiles[at], passes[at]


def _slope(level: Floats, step: int) -> float:
    values = level[max(0, step - 8) : step + 1]
    slope = robust_slope(np.arange(len(values)) * 0.25, values)
    return 0.0 if slope is None else slope.per_h * 0.25


def scores(said: Said, level: Floats, first: int, past: int, threshold: float) -> dict[str, Any]:
    """Scores of the origins [first, past), by hours ahead, and of the warnings."""
    out: dict[str, Any] = {}
    for k, h in enumerate(AHEAD):
        origins = np.arange(first, past - h)
        truth, now = level[origins + h], level[origins]
        fine = np.isfinite(truth) & np.isfinite(now) & np.isfinite(said.expected[origins, k])
        miss = truth[fine] - said.expected[origins[fine], k]
        q = said.quantiles[origins[fine], k]
        gap = truth[fine][:, None] - q
        came = np.array([_reached(level, o, h, threshold) for o in origins[fine]], float)
        below = now[fine] < threshold
        out[f"{h // 4} h"] = {
            "n": int(fine.sum()),
            "mae": float(np.mean(np.abs(miss))),
            "mse": float(np.mean(miss**2)),
            "mse_persistence": float(np.mean((truth[fine] - now[fine]) ** 2)),
            "crps": 2.0 * float(np.mean(np.maximum(QUANTILES * gap, (QUANTILES - 1.0) * gap))),
            "coverage_80": float(np.mean((truth[fine] >= q[:, 0]) & (truth[fine] <= q[:, -1]))),
            "brier": float(np.mean((said.passes[origins[fine], k] - came)[below] ** 2)),
        }
    return out | {"warnings": warned(said.passes[:, -1], level, first, past, threshold)}


def _reached(level: Floats, origin: int, h: int, threshold: float) -> bool:
    return bool(np.any(level[origin + 1 : origin + h + 1] >= threshold))


def warned(passes: Floats, level: Floats, first: int, past: int, threshold: float) -> dict[str, Any]:
    """Events, hits and false alarms of the span, lead times in hours."""
    high = level >= threshold
    events = [t for t in range(first + 24, past) if high[t] and not high[t - 24 : t].any()]
    warns = np.zeros(len(level), bool)
    warns[first:past] = (
        (np.nan_to_num(passes[first:past]) >= WARNS_AT) & ~high[first:past] & np.isfinite(level[first:past])
    )
    leads = [next((t - o for o in range(t - 24, t) if warns[o]), None) for t in events]
    begins = [o for o in np.flatnonzero(warns).tolist() if not warns[max(0, o - 4) : o].any()]
    begins = [o for o in begins if o + 24 < past and not high[max(0, o - 4) : o].any()]
    false = sum(not _reached(level, o, 24, threshold) for o in begins)
    return {
        "events": len(events),
        "detected": sum(lead is not None for lead in leads),
        "lead_h": [lead / 4 for lead in leads if lead is not None],
        "warnings": len(begins),
        "false": false,
    }


def overall(by_gauge: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Means over the gauges; skill is 1 − MSE / MSE of persistence, its median and range over the gauges."""
    out: dict[str, Any] = {}
    for h in ("1 h", "2 h", "3 h", "6 h"):
        skills = [1.0 - one[h]["mse"] / one[h]["mse_persistence"] for one in by_gauge]
        out[h] = {
            **{name: round(float(np.mean([one[h][name] for one in by_gauge])), 5) for name in ("mae", "crps", "brier")},
            "coverage_80": round(float(np.mean([one[h]["coverage_80"] for one in by_gauge])), 3),
            "nse_against_persistence": {
                "median": round(float(np.median(skills)), 3),
                "least": round(min(skills), 3),
                "most": round(max(skills), 3),
            },
        }
    warnings = [one["warnings"] for one in by_gauge]
    total = {name: sum(w[name] for w in warnings) for name in ("events", "detected", "warnings", "false")}
    leads = [lead for w in warnings for lead in w["lead_h"]]
    out["warnings"] = {
        **total,
        "pod": round(total["detected"] / total["events"], 3) if total["events"] else None,
        "far": round(total["false"] / total["warnings"], 3) if total["warnings"] else None,
        "lead_h_median": float(np.median(leads)) if leads else None,
    }
    return out


def measure(gauges: Gauges, first: int, past: int) -> dict[str, Any]:
    """All models on all level gauges, scored on the origins [first, past)."""
    parts: dict[str, list[dict[str, Any]]] = {name: [] for name in ("persistence", "line", "tocsin", "tocsin-led")}
    thresholds = {name: float(np.nanquantile(level[: gauges.steps // 2], 0.9)) for name, level in gauges.levels.items()}
    seconds = 0.0
    for name, level in gauges.levels.items():
        threshold = thresholds[name]
        led = ours(gauges, name, threshold, True)
        seconds += led.seconds
        models = {
            "persistence": rival(gauges, name, threshold, False),
            "line": rival(gauges, name, threshold, True),
            "tocsin": ours(gauges, name, threshold, False),
            "tocsin-led": led,
        }
        for model, said in models.items():
            parts[model].append(scores(said, level, first, past, threshold))
    cost_ms = seconds / (gauges.steps * len(gauges.levels)) * 1000
    return {
        "thresholds": {k: round(v, 4) for k, v in thresholds.items()},
        "scored": [(gauges.start + n * STEP).isoformat() for n in (first, past)],
        "ms_per_reading_with_outlook": round(cost_ms, 3),
        "models": {model: overall(by_gauge) for model, by_gauge in parts.items()},
        "by_gauge": {
            name: {model: _rounded(parts[model][n]) for model in parts} for n, name in enumerate(gauges.levels)
        },
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value


def main() -> None:
    """Score, and keep unless it is for development."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--develop", action="store_true")
    arguments = asked.parse_args()
    gauges = read(arguments.data)
    half = gauges.steps // 2
    if arguments.develop:
        cut = Gauges(gauges.start, *({k: v[:half] for k, v in s.items()} for s in (gauges.levels, gauges.rain)))
        print(json.dumps(measure(cut, half // 2, half)["models"], indent=1))
        return
    facts = about()
    keep("gauges", {**facts, "data": arguments.data.name, **measure(gauges, half, gauges.steps)})


if __name__ == "__main__":
    main()
