"""Who is better, by how much, whether it was luck; and who pays: series and volumes where ours does badly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.bench import bootstrap
from tocsin.bench.forecast.origins import Task
from tocsin.bench.forecast.results import best_head, mean
from tocsin.bench.forecast.run import Outcome
from tocsin.bench.forecast.said import Cells

Floats = NDArray[np.float64]
GROUPS = 4
"""Volume groups of the bias: a quarter of the series each."""


def verdict(outcomes: Sequence[Outcome], tasks: Sequence[Task], seed: int, judged: str = "tocsin") -> dict[str, Any]:
    """`judged` against the best head of each other model. Differences are relative: below 0 `judged` loses less.

    `rivals`: one entry a model. `no_rival_better_by_over_1_percent`: over all that are not ours. None without `judged`.
    """
    ran = {outcome.name: outcome for outcome in outcomes if outcome.error is None}
    ours = ran.pop(judged, None)
    if ours is None:
        return {"of": judged, "note": f"{judged} did not run: nothing is compared"}
    rivals = [_against(ours, other, tasks, seed) for other in ran.values()]
    plain = next((entry for entry in rivals if entry["rival"].endswith("-of-week-quantiles")), None)
    others = [entry for entry in rivals if not entry["rival"].startswith("tocsin-") and entry["difference"] is not None]
    return {
        "of": judged,
        "head": best_head(ours),
        "bootstrap": _bootstrap(tasks, seed),
        "no_rival_better_by_over_1_percent": all(entry["not_worse_1_percent"] for entry in others) if others else None,
        "better_than_all": all(entry["result"] == "better" for entry in others) if others else None,
        "week_quantiles": plain,
        "rivals": rivals,
    }


def _against(ours: Outcome, other: Outcome, tasks: Sequence[Task], seed: int) -> dict[str, Any]:
    head, own = best_head(other), best_head(ours)
    found = None
    if head is not None and own is not None:
        drawn = bootstrap.draws(len(_weeks(tasks)), seed)
        one, two = ours.cells[own], other.cells[head]
        both = [np.isfinite(a.pinball) & np.isfinite(b.pinball) for a, b in zip(one, two, strict=True)]
        found = bootstrap.difference(_by_week(one, both, tasks), _by_week(two, both, tasks), drawn)
    return {
        "rival": other.name,
        "head": head,
        "difference": None if found is None else found.relative,
        "low": None if found is None else found.low,
        "high": None if found is None else found.high,
        "result": None if found is None else found.result,
        "not_worse_1_percent": None if found is None else found.not_worse,
        "cpu_ratio": other.cpu_s / ours.cpu_s if ours.cpu_s and other.cpu_s is not None else None,
    }


def _bootstrap(tasks: Sequence[Task], seed: int) -> dict[str, Any]:
    blocks = len(_weeks(tasks))
    few = f"fewer than {bootstrap.LEAST_BLOCKS} weeks: nothing is called better or worse, ask for more --origins"
    note = few if blocks < bootstrap.LEAST_BLOCKS else None
    return {"draws": bootstrap.DRAWS, "block": "week", "blocks": blocks, "seed": seed, "note": note}


def _weeks(tasks: Sequence[Task]) -> NDArray[np.int64]:
    """The weeks of the test span that anything is forecast for, in order."""
    return np.unique(np.concatenate([task.week for task in tasks]))


def _by_week(cells: Sequence[Cells], both: Sequence[NDArray[np.bool_]], tasks: Sequence[Task]) -> Floats:
    """Sum of the pinball loss in each week of the test span, float64 (B,)."""
    weeks = _weeks(tasks)
    sums = np.zeros(len(weeks))
    for one, known, task in zip(cells, both, tasks, strict=True):
        np.add.at(sums, np.searchsorted(weeks, task.week), np.where(known, one.pinball, 0.0).sum(axis=0))
    return sums


def fairness(outcomes: Sequence[Outcome], tasks: Sequence[Task], judged: str = "tocsin") -> dict[str, Any] | None:
    """Pinball loss of each series relative to climatology, its worst decile, the series that lose, bias by volume.

    Climatology: the quantiles of the same step of the week, with its best head. None where either did not run.
    """
    ran = {outcome.name: outcome for outcome in outcomes if outcome.error is None}
    plain = next((name for name in ran if name.endswith("-of-week-quantiles")), None)
    if judged not in ran or plain is None:
        return None
    relative = _per_series(ran[judged]) / _per_series(ran[plain])
    told = relative[np.isfinite(relative)]
    names = tasks[0].history.areas
    order = [i for i in np.argsort(-relative) if np.isfinite(relative[i])]
    return {
        "climatology": plain,
        "relative_pinball": {str(names[i]): float(relative[i]) for i in order},
        "worst_decile": float(np.sort(told)[-max(1, len(told) // 10) :].mean()) if len(told) else None,
        "lose": [str(names[i]) for i in order if relative[i] > 1.0],
        "bias_by_volume": _bias(ran[judged], tasks),
    }


def _per_series(outcome: Outcome) -> Floats:
    head = best_head(outcome)
    table = np.concatenate([one.pinball for one in outcome.cells[str(head)]], axis=1)
    sums, known = np.nansum(table, axis=1), np.isfinite(table).sum(axis=1)
    return np.where((known > 0) & (sums > 0), sums / np.maximum(known, 1), np.nan)


def _bias(outcome: Outcome, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """Mean forecast against what came, in groups of series of equal number, the quiet ones first."""
    cells = outcome.cells[str(best_head(outcome))]
    bias = np.concatenate([one.bias for one in cells], axis=1)
    truth = np.concatenate([np.where(t.known, t.truth, np.nan) for t in tasks], axis=1)
    first = tasks[0].history
    volume = np.where(first.which_known(), first.counts, 0).sum(axis=0)
    out = []
    for group in np.array_split(np.argsort(volume, kind="stable"), min(GROUPS, len(volume))):
        came, apart = mean(truth[group]), mean(bias[group])
        out.append(
            {
                "series": len(group),
                "mean_count": came,
                "bias": apart,
                "relative_bias": apart / came if apart is not None and came else None,
            }
        )
    return out
