"""From the scores of all cells to rows: plain values for JSON, None where nothing can be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.bench.forecast.origins import Task
from tocsin.bench.forecast.run import Outcome
from tocsin.bench.forecast.said import Cells
from tocsin.forecasting.protocol import DAY

OURS = "tocsin"
BINS = 10

Floats = NDArray[np.float64]


def rows(outcomes: Sequence[Outcome], tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """One row a model and head; `best_head`: the least pinball loss. A model that failed has one row, with `error`."""
    out: list[dict[str, Any]] = []
    for outcome in outcomes:
        if outcome.error is not None:
            out.append({"name": outcome.name, "head": None, "best_head": False, "error": outcome.error, **NOTHING})
            continue
        best = best_head(outcome)
        out += [
            {"name": outcome.name, "head": head, "best_head": head == best, **_row(outcome, cells, tasks)}
            for head, cells in outcome.cells.items()
        ]
    return out


NOTHING = dict.fromkeys(
    ("pinball", "crps", "crps_from", "mase", "coverage_80", "coverage_80_raw", "coverage_80_expected", "cpu_s")
)


def _row(outcome: Outcome, cells: Sequence[Cells], tasks: Sequence[Task]) -> dict[str, Any]:
    pit = _all(cells, "pit")
    law = bool(np.isfinite(pit).any())
    pinball = mean(_all(cells, "pinball"))
    raw = mean(_all(cells, "inside_raw"))
    return {
        "pinball": pinball,
        "crps": mean(_all(cells, "crps")) if law or pinball is None else 2.0 * pinball,
        "crps_from": "law" if law else "nine quantiles",
        **_mase(cells, tasks),
        "coverage_80": mean(_inside(pit)) if law else None,
        "coverage_80_raw": raw,
        "coverage_80_expected": mean(_all(cells, "promised")) if law else None,
        "bias": mean(_all(cells, "bias")),
        "pit_bins": _bins(pit) if law else None,
        "cpu_s": outcome.cpu_s,
        "cpu_runs": outcome.cpu_runs,
    }


def _mase(cells: Sequence[Cells], tasks: Sequence[Task]) -> dict[str, Any]:
    """MASE of all steps; of days the mean of the horizons of whole weeks, with the horizons beside it."""
    if tasks[0].history.step != DAY:
        return {"mase": mase(cells, tasks)}
    by_horizon = mase_by_horizon(cells, tasks)
    whole = by_horizon["mean"]
    return {"mase": mase(cells, tasks) if whole is None else whole, "mase_by_horizon": by_horizon}


def best_head(outcome: Outcome) -> str | None:
    """The head with the least mean pinball loss."""
    losses = {head: mean(_all(cells, "pinball")) for head, cells in outcome.cells.items()}
    told = {head: loss for head, loss in losses.items() if loss is not None}
    return min(told, key=lambda head: told[head]) if told else None


def mean(values: Floats) -> float | None:
    """Mean of what is known, or None."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _all(cells: Sequence[Cells], name: str) -> Floats:
    return np.stack([getattr(one, name) for one in cells])


def _inside(pit: Floats) -> Floats:
    return np.where(np.isfinite(pit), (pit >= 0.1) & (pit <= 0.9), np.nan)


def _bins(pit: Floats) -> list[int]:
    known = pit[np.isfinite(pit)]
    at = np.minimum((known * BINS).astype(np.int64), BINS - 1)
    return [int(n) for n in np.bincount(at, minlength=BINS)]


def mase(cells: Sequence[Cells], tasks: Sequence[Task], steps: int | None = None) -> float | None:
    """Mean over series and origins of mean |y - median| of the first `steps` steps / seasonal difference in sample."""
    scaled = [_row_means(one.error[:, :steps]) / task.scale for one, task in zip(cells, tasks, strict=True)]
    return mean(np.concatenate(scaled))


def _row_means(table: Floats) -> Floats:
    known = np.isfinite(table)
    total = np.where(known, table, 0.0).sum(axis=1)
    return np.where(known.any(axis=1), total / np.maximum(known.sum(axis=1), 1), np.nan)


def mase_by_horizon(cells: Sequence[Cells], tasks: Sequence[Task]) -> dict[str, float | None]:
    """MASE of the first 7, 14, … days and the mean of these, as Allen, Pearn and Monks 2023 report it."""
    horizons = range(7, tasks[0].truth.shape[1] + 1, 7)
    found: dict[str, float | None] = {str(days): mase(cells, tasks, days) for days in horizons}
    told = [value for value in found.values() if value is not None]
    return {**found, "mean": float(np.mean(told)) if told else None}
