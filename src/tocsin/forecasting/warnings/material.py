"""When new figures are worth a new version of a warning: rarely enough to read, often enough to act on."""

from __future__ import annotations

from datetime import timedelta

from tocsin.model.warnings import Figures, Impact, Warned

CHANCE_STEP = 0.1
CALLS_STEP = 3.0
CALLS_SHARE = 0.2
PROLONGED = timedelta(hours=1)


def is_material(warned: Warned, figures: Figures) -> bool:
    """Whether the chance moved by 10 points or passed the threshold, the expected calls moved by a fifth and by 3 at
    least, or the end moved by an hour."""
    passed = (warned.chance >= warned.threshold.probability) != (figures.chance >= warned.threshold.probability)
    if passed or abs(figures.chance - warned.chance) >= CHANCE_STEP:
        return True
    return _other_calls(warned.impact, figures.impact) or abs(figures.ends - warned.ends) >= PROLONGED


def _other_calls(before: Impact | None, after: Impact | None) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(after.calls - before.calls) >= max(CALLS_STEP, CALLS_SHARE * before.calls)
