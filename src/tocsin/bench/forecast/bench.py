"""The whole of `tocsin bench forecast`: from a file to its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from tocsin.bench import machine
from tocsin.bench.forecast.contenders import LeftOut, contenders
from tocsin.bench.forecast.data import Panel, read_panel
from tocsin.bench.forecast.origins import Task, tasks
from tocsin.bench.forecast.question import Question, Source
from tocsin.bench.forecast.results import rows
from tocsin.bench.forecast.run import Outcome, run
from tocsin.bench.forecast.verdict import fairness, verdict
from tocsin.bench.progress import Tell, silent
from tocsin.forecasting.demand.calendar import knows
from tocsin.forecasting.protocol import DAY


@dataclass(frozen=True, slots=True)
class Result:
    """What was found: `report` for JSON, and what its pictures are drawn from."""

    report: dict[str, Any]
    outcomes: list[Outcome]
    tasks: list[Task]


def bench(
    source: Source, question: Question, now: datetime, *, models: Sequence[str] = (), tell: Tell = silent
) -> Result:
    """Read, forecast, score, judge. Raises: BadSettings, BadReport for what cannot be."""
    facts = machine.about(now, question.seed)
    panel = read_panel(source, question)
    asked = tasks(panel.history, question)
    taking_part, left_out = contenders(asked[0].history, models)
    with machine.one_thread() as single:
        outcomes = run(taking_part, asked, question.seed, tell)
    report = {
        "data": _data(source, question, panel, asked),
        "models": rows(outcomes, asked),
        "left_out": [_left_out(one) for one in left_out],
        "verdict": verdict(outcomes, asked, question.seed),
        "fairness": fairness(outcomes, asked),
        "run": {**facts, "one_thread": single},
    }
    return Result(report, outcomes, asked)


def _left_out(one: LeftOut) -> dict[str, Any]:
    return {"name": one.name, "why": one.why, "add": one.add}


def _data(source: Source, question: Question, panel: Panel, asked: Sequence[Task]) -> dict[str, Any]:
    known = np.stack([task.known for task in asked])
    truth = np.stack([task.truth for task in asked])
    last = asked[-1]
    return {
        "file": source.path.name,
        "rows": panel.rows,
        "series": len(last.history.areas),
        "series_in_file": len(panel.history.areas),
        "span": [panel.history.start.isoformat(), panel.history.until.isoformat()],
        "freq": "1d" if question.step == DAY else "1h",
        "horizon": question.horizon,
        "origins": [task.origin.isoformat() for task in asked],
        "every": f"{question.every // question.step} steps",
        "window_days": None if question.window is None else question.window // DAY,
        "tz": question.zone,
        "country": question.country,
        "subdivision": question.subdivision,
        "holidays_unknown": _holidays_unknown(question),
        "cells": int(known.sum()),
        "missing_share": float(1.0 - known.mean()),
        "missing_share_history": float(1.0 - last.history.which_known().mean()),
        "mean_count": float(truth[known].mean()) if known.any() else None,
        "zero_share": float((truth[known] == 0).mean()) if known.any() else None,
        **panel.notes,
    }


def _holidays_unknown(question: Question) -> str | None:
    """What was said of the country that leads to no public holidays, or to those of the whole country alone."""
    country, part = question.country, question.subdivision
    if country is None:
        return None if part is None else "--subdivision stands without --country: models know no public holidays"
    if not knows(country):
        return f"--country: no public holidays are known of {country!r}; write a code of ISO 3166 such as US"
    if part is not None and not knows(country, part):
        return f"--subdivision: {part!r} is no known part of {country!r}; only holidays of the whole country count"
    return None
