"""Farrington flexible and EARS beside R's `surveillance`, on series simulated here: `python -m benchmarks.outbreaks`.

240 series, daily and weekly, with season, trend, overdispersion, past and present outbreaks, from one count a month to
thousands a week; half of them with the default rules, the others with each rule changed in turn. Needs R with the
packages surveillance and jsonlite (Debian: r-cran-surveillance, r-cran-jsonlite). `--fixtures` writes the golden
vectors of the tests instead. Simulation after Noufaily et al. 2013, section 4.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import ROOT, about, keep
from tocsin.forecasting.outbreaks.ears import EarsRules, ears
from tocsin.forecasting.outbreaks.farrington import DAILY, Rules, farrington
from tocsin.forecasting.outbreaks.rows import Row

SEED = 20
WEEKLY_SERIES, DAILY_SERIES = 192, 48
WEEKLY_STEPS, DAILY_STEPS = 7 * 52 + 20, 6 * 365
LOOKED_AT = {52: 60, 365: 50}
START = date(2018, 1, 1)
FIXTURES = ROOT / "tests" / "unit" / "forecasting" / "outbreaks_golden.json"

CHANGES: tuple[dict[str, Any], ...] = (
    {"method": "muan"},
    {"method": "delta"},
    {"method": "delta", "power": "1/2", "alpha": 0.01},
    {"method": "delta", "power": "none", "reweight": False},
    {"trend_p": 0.05},
    {"trend_p": 0.05, "method": "muan", "alpha": 0.005},
    {"trend": False},
    {"parts": 1, "outlying": 1.0, "trend_p": 0.05, "method": "delta"},
    {"parts": 5, "left_out": 3},
    {"reweight": False, "method": "muan"},
    {"years": 3},
    {"least_cases": 0, "in_steps": 1},
)


@dataclass(frozen=True)
class Series:
    """One made-up series. `outbreaks`: [first, past the last) steps of each, by place in `counts`."""

    counts: NDArray[np.int64]
    outbreaks: tuple[tuple[int, int], ...]
    steps_per_year: int
    rules: Rules
    by_date: bool
    population: NDArray[np.float64] | None
    plain: bool
    looked_at: int

    @property
    def first(self) -> int:
        """The first step looked at."""
        return len(self.counts) - self.looked_at

    @property
    def dates(self) -> list[date]:
        step = timedelta(days=7 if self.steps_per_year == 52 else 1)
        return [START + n * step for n in range(len(self.counts))]

    def rows(self) -> list[Row]:
        dates = self.dates if self.by_date else None
        return farrington(
            self.counts.astype(np.float64),
            self.rules,
            steps_per_year=self.steps_per_year,
            dates=dates,
            population=self.population,
            first=self.first,
        )


def simulate(number: int, steps_per_year: int, steps: int) -> Series:
    """One series, the same for the same number."""
    rng = np.random.default_rng([SEED, steps_per_year, number])
    t = np.arange(steps)
    level = np.exp(rng.uniform(np.log(0.1), np.log(1000.0 if number % 4 == 0 else 40.0)))
    waves = rng.integers(0, 3)
    season = sum(
        rng.uniform(0.1, 0.6) * np.cos(2 * np.pi * (k + 1) * (t / steps_per_year - rng.random())) for k in range(waves)
    )
    trend = rng.choice([0.0, 0.1, -0.1]) * (t / steps_per_year)
    mean = level * np.exp(season + trend)
    phi = rng.choice([1.0, 1.2, 2.0, 5.0])
    counts = rng.poisson(mean) if phi == 1.0 else rng.negative_binomial(mean / (phi - 1.0), 1.0 / phi)
    outbreaks = _outbreaks(rng, steps, steps_per_year, number)
    for first, _ in outbreaks:
        _add(rng, counts, first, mean, phi)
    return _dressed(number, rng, counts, outbreaks, steps_per_year)


def _outbreaks(rng: np.random.Generator, steps: int, per_year: int, number: int) -> tuple[tuple[int, int], ...]:
    """Where outbreaks begin: four in the past, and in two series of three one among the steps looked at."""
    firsts = rng.integers(0, steps - 2 * LOOKED_AT[per_year], 4).tolist()
    if number % 3:
        firsts.append(int(rng.integers(steps - LOOKED_AT[per_year] + 5, steps - 12)))
    return tuple((first, first) for first in firsts)


def _add(
    rng: np.random.Generator, counts: NDArray[np.int64], first: int, mean: NDArray[np.float64], phi: float
) -> None:
    """Cases of one outbreak, spread over the next steps by a lognormal law."""
    size = rng.poisson(rng.uniform(3, 10) * np.sqrt(phi * mean[first]) + 3)
    delays = np.floor(rng.lognormal(0.7, 0.5, size)).astype(np.int64)
    np.add.at(counts, np.minimum(first + delays, len(counts) - 1), 1)


def _dressed(
    number: int,
    rng: np.random.Generator,
    counts: NDArray[np.int64],
    outbreaks: Sequence[tuple[int, int]],
    steps_per_year: int,
) -> Series:
    """The series with its rules: every second one plain, the others with one change in turn."""
    change = {} if number % 2 else CHANGES[number // 2 % len(CHANGES)]
    base: dict[str, Any] = {} if steps_per_year == 52 else {"window": DAILY.window, "left_out": DAILY.left_out}
    population = None
    if number % 14 == 12:
        population = np.linspace(1e5, 2e5, len(counts)) * rng.uniform(0.9, 1.1, len(counts))
    ends = tuple((first, min(first + 5, len(counts))) for first, _ in outbreaks)
    rules = Rules(**{**base, **change})
    plain = not change and population is None
    looked_at = LOOKED_AT[steps_per_year]
    return Series(counts, ends, steps_per_year, rules, number % 3 == 1, population, plain, looked_at)


def for_r(series: Series) -> dict[str, Any]:
    """What outbreaks.R is asked."""
    rules = series.rules
    return {
        "counts": series.counts.tolist(),
        "start": START.isoformat(),
        "freq": series.steps_per_year,
        "by_date": series.by_date,
        "population": None if series.population is None else series.population.tolist(),
        "first": series.first + 1,
        "farrington": {
            "b": rules.years,
            "w": rules.window,
            "noPeriods": rules.parts,
            "pastWeeksNotIncluded": rules.left_out,
            "thresholdMethod": rules.method,
            "alpha": rules.alpha,
            "trend": rules.trend,
            "pThresholdTrend": rules.trend_p,
            "reweight": rules.reweight,
            "weightsThreshold": rules.outlying,
            "powertrans": rules.power,
            "limit54": [rules.least_cases, rules.in_steps],
            "populationOffset": series.population is not None,
        },
        "ears": [{"method": r.method, "minSigma": r.least_spread, "baseline": r.baseline} for r in EARS],
    }


EARS = tuple(
    EarsRules(method, least_spread=least, as_surveillance=True) for method in ("C1", "C2", "C3") for least in (0.0, 0.5)
)


def ask_r(series: Sequence[Series]) -> dict[str, Any]:
    """Run R on all series; its answers."""
    with TemporaryDirectory() as folder:
        asked, told = Path(folder) / "in.json", Path(folder) / "out.json"
        asked.write_text(json.dumps([for_r(one) for one in series]), encoding="utf-8")
        script = Path(__file__).with_suffix(".R")
        subprocess.run(["Rscript", "--vanilla", str(script), str(asked), str(told)], check=True, capture_output=True)
        return dict(json.loads(told.read_text(encoding="utf-8")))


def differences(ours: Sequence[float | None], theirs: Sequence[float | None]) -> tuple[float, int, int]:
    """Largest relative difference (absolute below 1), values compared, steps where only one of both says a value."""
    pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if a is not None and _number(b) is not None]
    one_sided = sum((a is None) != (_number(b) is None) for a, b in zip(ours, theirs, strict=True))
    largest = max((abs(a - float(b)) / max(1.0, abs(float(b))) for a, b in pairs), default=0.0)
    return largest, len(pairs), one_sided


def _number(value: Any) -> float | None:
    """R writes "NaN" and "Inf" as words."""
    return float(value) if isinstance(value, int | float) else None


def score_of_r(row: Row, count: float, method: str) -> float | None:
    """The score as `surveillance` 1.20.3 computes it: for nbPlugin and muan with the logarithm of what is expected."""
    if row.expected is None or row.upper is None:
        return None
    expected = row.expected if method == "delta" else float(np.log(row.expected))
    return (count - expected) / (row.upper - expected)


def compare(series: Sequence[Series], told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Largest differences of all columns over all series, and alarms that differ."""
    worst: dict[str, float] = {}
    counted = {"values": 0, "one_sided": 0, "alarms": 0, "alarms_that_differ": 0}

    def note(name: str, ours: Sequence[float | None], theirs: Sequence[float | None]) -> None:
        largest, values, one_sided = differences(ours, theirs)
        worst[name] = max(worst.get(name, 0.0), largest)
        counted["values"] += values
        counted["one_sided"] += one_sided

    def note_alarms(ours: Sequence[Row], theirs: Sequence[bool | None]) -> None:
        counted["alarms"] += sum(row.alarm for row in ours)
        counted["alarms_that_differ"] += sum(row.alarm != bool(b) for row, b in zip(ours, theirs, strict=True))

    for one, answer in zip(series, told, strict=True):
        rows, r = one.rows()[one.first :], answer["farrington"]
        said = [row.upper is not None for row in rows]
        note("farrington_upper", [row.upper for row in rows], r["upper"])
        note("farrington_expected", [row.expected for row in rows], r["expected"])
        for name, ours in (("p", [row.p for row in rows]), ("score", _scores_of_r(one, rows))):
            # R gives p and score below `limit54` too, where it gives no bound.
            note(f"farrington_{name}", ours, [b if s else None for b, s in zip(r[name], said, strict=True)])
        note_alarms(rows, r["alarm"])
        for rules, r_ears in zip(EARS, answer["ears"], strict=True):
            c = ears(one.counts.astype(np.float64), rules)[one.first :]
            note(f"ears_{rules.method.lower()}_upper", [row.upper for row in c], r_ears["upper"])
            note_alarms(c, r_ears["alarm"])
    return {"largest_difference": {k: float(f"{v:.3g}") for k, v in sorted(worst.items())}, **counted}


def _scores_of_r(one: Series, rows: Sequence[Row]) -> list[float | None]:
    pairs = zip(rows, one.counts[one.first :].tolist(), strict=True)
    return [score_of_r(row, count, one.rules.method) for row, count in pairs]


def detection(series: Sequence[Series], method: str) -> dict[str, Any]:
    """How well a method finds the outbreaks among the steps looked at, over the series with plain rules.

    POD: outbreaks with an alarm in their first five steps. Sensitivity: their steps with an alarm. Specificity:
    steps of no outbreak without one. Delay: steps from the beginning to the first alarm, median of those found.
    """
    inside: list[bool] = []
    outside: list[bool] = []
    delays: list[int | None] = []
    for one in series:
        alarms = np.array([row.alarm for row in _rows(one, method)])
        in_outbreak = np.zeros(len(alarms), bool)
        for first, past in one.outbreaks:
            in_outbreak[first : past + 5] = True
            if first >= one.first:
                delays.append(next((n for n in range(past - first) if alarms[first + n]), None))
                inside += alarms[first:past].tolist()
        outside += alarms[one.first :][~in_outbreak[one.first :]].tolist()
    found = [delay for delay in delays if delay is not None]
    return {
        "outbreaks": len(delays),
        "pod": round(len(found) / len(delays), 3),
        "sensitivity": round(float(np.mean(inside)), 3),
        "specificity": round(1.0 - float(np.mean(outside)), 4),
        "delay_steps_median": float(np.median(found)),
        "alarms": int(np.sum(inside) + np.sum(outside)),
        "false_alarms": int(np.sum(outside)),
        "steps": len(inside) + len(outside),
    }


def _rows(one: Series, method: str) -> list[Row]:
    if method == "farrington":
        return one.rows()
    return ears(one.counts.astype(np.float64), EarsRules(method.upper(), least_spread=0.5))  # type: ignore[arg-type]


def fixtures(series: Sequence[Series]) -> None:
    """Golden vectors for the tests: few series, with what R was asked and what it said."""
    short = [replace(one, looked_at=12) for one in series]
    told = ask_r(short)
    kept = [{"asked": for_r(one), "told": answer} for one, answer in zip(short, told["series"], strict=True)]
    about_it = {"made_by": "python -m benchmarks.outbreaks --fixtures", "script": "benchmarks/outbreaks.R"}
    text = json.dumps({**about_it, **told["about"], "series": kept}, separators=(",", ":"))
    FIXTURES.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Compare, measure, keep."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--fixtures", action="store_true")
    weekly = [simulate(n, 52, WEEKLY_STEPS) for n in range(WEEKLY_SERIES)]
    daily = [simulate(n, 365, DAILY_STEPS) for n in range(DAILY_SERIES)]
    if asked.parse_args().fixtures:
        fixtures([*(weekly[n] for n in (1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24)), daily[1]])
        return
    facts = about(SEED)
    started = time.process_time()
    steps = sum(sum(row.upper is not None for row in one.rows()) for one in [*weekly, *daily])
    cost_ms = (time.process_time() - started) / steps * 1000
    told = ask_r([*weekly, *daily])
    plain = {"weekly": [one for one in weekly if one.plain], "daily": [one for one in daily if one.plain]}
    keep(
        "outbreaks",
        {
            **facts,
            "rival": told["about"],
            "series": {"weekly": len(weekly), "daily": len(daily)},
            **compare([*weekly, *daily], told["series"]),
            "farrington_ms_per_step": round(cost_ms, 2),
            "detection": {
                every: {name: detection(some, name) for name in ("farrington", "c1", "c2", "c3")}
                for every, some in plain.items()
            },
        },
    )


if __name__ == "__main__":
    main()
