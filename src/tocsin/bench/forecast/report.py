"""The page of `tocsin bench forecast --report`: for a mayor from the top, for a statistician to the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from tocsin.adapters.report import (
    Band,
    Bar,
    Figure,
    Part,
    Spread,
    Table,
    Text,
    accuracy_and_cost,
    bars,
    fan_chart,
    page,
    pit_histogram,
    reliability,
)
from tocsin.bench.forecast.bench import Result
from tocsin.bench.forecast.results import best_head
from tocsin.bench.forecast.said import Said

OURS = "tocsin"
WORST = 10
"""Series listed in the table of those that lose most."""
SHOWN = 1.5
"""Models that lose more than this times the best are left out of the picture of cost."""


def written(result: Result, title: str | None = None) -> str:
    """The whole page as HTML."""
    report = result.report
    data, run = report["data"], report["run"]
    parts: list[Part] = [_summary(report), *_accuracy(report), *_calibration(report), *_cost(report)]
    parts += [*_fan(result), *_fairness(report), *_all_rows(report), _method(report)]
    made = (
        f"Made by tocsin bench forecast from {data['file']} on {run['when']}, commit {run['commit'] or 'unknown'}, "
        f"seed {run['seed']}, {run['machine']['cpu']}, {run['machine']['cores']} cores, load before "
        f"{run['machine']['load_before'][0]}."
    )
    return page(title or f"Forecasts compared: {data['file']}", parts, made=made)


def _best(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The best head of each model that ran, the best model first."""
    told = [row for row in report["models"] if row["best_head"] and row["pinball"] is not None]
    return sorted(told, key=lambda row: float(row["pinball"]))


def _percent(share: float | None, digits: int = 1) -> str:
    return "unknown" if share is None else f"{100 * share:.{digits}f} %"


def _summary(report: dict[str, Any]) -> Text:
    data, verdict = report["data"], report["verdict"]
    first, last = (moment[:10] for moment in data["span"])
    step = "hour" if data["freq"] == "1h" else "day"
    what = (
        f"{len(_best(report))} models forecast counts per {step} in {data['series']} series, {first} to {last}. "
        f"{len(data['origins'])} times each model was given the past and asked for the next "
        f"{data['horizon']} {step}s, which it had not seen. {data['cells']:,} counts judge it."
    )
    if "rivals" not in verdict:
        return Text([what, verdict["note"]], "In short")
    return Text([what, *_sentences(verdict), _where_it_loses(report)], "In short")


def _sentences(verdict: dict[str, Any]) -> list[str]:
    found = {"better": "is better than", "worse": "is worse than", "tie": "cannot be told apart from"}
    by = {result: [r["rival"] for r in verdict["rivals"] if r["result"] == result] for result in found}
    told = "; ".join(f"{found[result]} {_names(names)}" for result, names in by.items() if names)
    out = [f"{OURS} {told}. A difference counts only when whole weeks, drawn again and again, leave it on one side."]
    if verdict["bootstrap"].get("note"):
        out.append(f"Here there are {verdict['bootstrap']['note']}.")
    plain = verdict["week_quantiles"]
    if plain is not None and plain["difference"] is not None:
        out.append(
            f"Against the plain record of the same hours of past weeks ({plain['rival']}) it loses "
            f"{_percent(-plain['difference'])} less (95 % interval {_percent(-plain['high'])} to "
            f"{_percent(-plain['low'])})."
        )
    return out


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "none"


def _where_it_loses(report: dict[str, Any]) -> str:
    fair = report["fairness"]
    if fair is None:
        return "Series are not compared one by one: the plain record did not run."
    if not fair["lose"]:
        return f"In every one of the {len(fair['relative_pinball'])} series it loses less than the plain record."
    return (
        f"In {len(fair['lose'])} of {len(fair['relative_pinball'])} series it does worse than the plain record: "
        f"{_names(fair['lose'][:WORST])}{' and others' if len(fair['lose']) > WORST else ''}."
    )


def _accuracy(report: dict[str, Any]) -> list[Part]:
    best = _best(report)
    if not best:
        return []
    values = [Bar(_name(row), float(row["pinball"]), ours=row["name"].startswith(OURS)) for row in best]
    shown: list[Part] = [bars(values, "Mean pinball loss, best head of each model", unit="calls", lower_is_better=True)]
    told = [r for r in report["verdict"].get("rivals", []) if r["difference"] is not None]
    if told:
        apart = [
            Bar(f"{r['rival']} ({r['head']})", -100 * r["difference"], -100 * r["high"], -100 * r["low"])
            for r in sorted(told, key=lambda r: -float(r["difference"]))
        ]
        caption = f"How much less {OURS} loses than each model, with 95 % intervals; left of zero it loses more"
        shown.append(bars(apart, caption, unit="% of the rival's loss"))
    return [
        Text(["Pinball loss is how far nine quantiles were from what came, in calls; less is better."], "Accuracy"),
        *shown,
    ]


def _name(row: dict[str, Any]) -> str:
    return str(row["name"]) if row["head"] == "own" else f"{row['name']} ({row['head']})"


def _calibration(report: dict[str, Any]) -> list[Part]:
    ours = next((row for row in _best(report) if row["name"] == OURS), None)
    rows = [
        [_name(row), *(_share(row[key]) for key in ("coverage_80", "coverage_80_raw", "coverage_80_expected"))]
        for row in _best(report)
    ]
    said = (
        "An 80 % band of whole calls cannot hold exactly 80 %: on quiet series it must hold more. Three figures tell a "
        "right band from a wrong one: how often it held, how often it says itself that it will, and the share by the "
        "randomised PIT, which is 80 % for every right law. Models that give quantiles alone have one figure."
    )
    columns = ["Model", "Randomised PIT", "Held", "Promised by itself"]
    parts: list[Part] = [Text([said], "How often the band holds"), Table(columns, rows, "80 % band, share of counts")]
    if ours is None or not ours["pit_bins"]:
        return parts
    bins = ours["pit_bins"]
    total = max(1, sum(bins))
    upto = [float(sum(bins[: i + 1])) / total for i in range(len(bins) - 1)]
    levels = [(i + 1) / len(bins) for i in range(len(bins) - 1)]
    chance = f"Reliability of {OURS}: share of counts at or below each quantile, randomised"
    return [
        *parts,
        pit_histogram(bins, f"Where what came fell in the forecasts of {OURS}: bars of one height are right"),
        reliability(levels, upto, [total] * len(levels), chance),
    ]


def _share(value: float | None) -> str | None:
    return None if value is None else f"{100 * value:.1f} %"


def _fixed(value: float | None, digits: int) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


def _cost(report: dict[str, Any]) -> list[Part]:
    points = [
        (str(row["name"]), float(row["cpu_s"]), float(row["pinball"]), str(row["name"]).startswith(OURS))
        for row in _best(report)
        if row["cpu_s"] is not None and row["pinball"] <= SHOWN * _best(report)[0]["pinball"]
    ]
    if not points:
        return []
    caption = f"Accuracy and cost: to the left is cheap, low is good; models that lose up to {SHOWN} times the least"
    said = "CPU seconds of one process to learn from all history and forecast once, median of several runs."
    drawn = accuracy_and_cost(points, caption, cost="CPU seconds an origin", score="pinball loss")
    return [Text([said], "Cost"), drawn]


def _fan(result: Result) -> list[Part]:
    ours = next((o for o in result.outcomes if o.name == OURS and o.error is None), None)
    head = None if ours is None else best_head(ours)
    if ours is None or head is None:
        return []
    task, said = result.tasks[-1], ours.fan[head]
    counts = np.where(task.history.which_known(), task.history.counts, 0).sum(axis=0)
    busiest = int(np.argmax(counts))
    steps = min(said.mean.shape[1], result.report["data"]["horizon"], 168)
    figure = _fan_of(said, task.truth[busiest], task.known[busiest], _times(result, steps), busiest)
    name = str(task.history.areas[busiest])
    return [Text([f"The last origin, the busiest series ({name}): what {OURS} said, and what came."], "A week"), figure]


def _times(result: Result, steps: int) -> list[datetime]:
    history = result.tasks[-1].history
    zone = ZoneInfo(history.timezone if history.step.days == 0 else "UTC")
    return [(history.until + i * history.step).astimezone(zone).replace(tzinfo=None) for i in range(steps)]


def _fan_of(said: Said, truth: Any, known: Any, times: list[datetime], series: int) -> Figure:
    steps = len(times)
    quantiles = said.quantiles[series, :steps]
    bands = [
        Band(share, quantiles[:, low].tolist(), quantiles[:, 8 - low].tolist())
        for share, low in ((0.8, 0), (0.6, 1), (0.4, 2))
    ]
    came = [float(truth[i]) if known[i] else None for i in range(steps)]
    fan = Spread(times, said.mean[series, :steps].tolist(), bands, came)
    return fan_chart(fan, "Expected, bands of 40, 60 and 80 %, and what came")


def _fairness(report: dict[str, Any]) -> list[Part]:
    fair = report["fairness"]
    if fair is None:
        return []
    worst = list(fair["relative_pinball"].items())[:WORST]
    said = (
        f"A mean hides who pays for it. Loss of each series relative to {fair['climatology']}: above 1 the series is "
        f"served worse than by a plain record. The worst tenth of the series averages {fair['worst_decile']:.3f}."
    )
    groups = [
        [group["series"], _fixed(group["mean_count"], 3), _fixed(group["bias"], 3), _share(group["relative_bias"])]
        for group in fair["bias_by_volume"]
    ]
    return [
        Text([said], "Who pays"),
        Table(
            ["Series", "Loss relative to the plain record"],
            [[n, _fixed(v, 3)] for n, v in worst],
            "Series served worst",
        ),
        Table(
            ["How many series", "Mean count", "Forecast minus count", "Relative"],
            groups,
            "Bias by volume, quiet series first",
        ),
    ]


def _all_rows(report: dict[str, Any]) -> list[Part]:
    columns = ["Model", "Head", "Pinball", "CRPS", "MASE", "CPU s"]
    rows = [
        [
            row["name"] + (" *" if row["best_head"] else ""),
            row.get("error") or row["head"],
            _fixed(row["pinball"], 4),
            _fixed(row["crps"], 4),
            _fixed(row["mase"], 3),
            row["cpu_s"],
        ]
        for row in report["models"]
    ]
    parts: list[Part] = [Table(columns, rows, "Every model and head; * the best head of a model")]
    if report["left_out"]:
        gone = [[one["name"], one["why"], one["add"]] for one in report["left_out"]]
        parts.append(Table(["Model", "Why it did not run", "What adds it"], gone, "Left out"))
    return parts


METHOD = (
    "Every model learns from nothing but the history before each origin and is scored on the same counts. A library's "
    "forecast is scored as it comes (raw), rounded to whole calls, and as a negative binomial law about its mean; its "
    "best head stands for it. CRPS is exact where a law is known, else twice the mean pinball loss of nine quantiles, "
    "which leaves the tails out. MASE divides the error of the median by the mean change from one week to the next in "
    "the history; of daily counts it is the mean over the first 7, 14, … days."
)


def _method(report: dict[str, Any]) -> Text:
    draws = report["verdict"].get("bootstrap", {}).get("draws", 0)
    missing = _percent(report["data"]["missing_share"], 2)
    intervals = (
        f"Intervals: paired block bootstrap, {draws:,} draws of whole weeks. Not known in the test span, and not "
        f"scored: {missing} of the counts."
    )
    return Text([METHOD, intervals], "How it was done")
