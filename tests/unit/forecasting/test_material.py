"""When new figures of a warning are worth a new version."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.scene import NOON
from tocsin.forecasting.warnings.material import is_material
from tocsin.model.ids import WarningId
from tocsin.model.warnings import Figures, Impact, Threshold, Warned, WarningKind

ENDS = NOON + timedelta(hours=6)
IMPACT = Impact(50.0, 40, 60, 30.0)
WARNED = Warned(
    WarningId("w"), WarningKind.DEMAND, NOON, NOON, ENDS, 0.45, Threshold(0.4), impact=IMPACT
)  # fmt: skip
SAME = Figures(0.45, ENDS, None, IMPACT)


@pytest.mark.parametrize(
    ("figures", "worth_it"),
    [
        (SAME, False),
        (replace(SAME, chance=0.54), False),
        (replace(SAME, chance=0.56), True),
        (replace(SAME, chance=0.39), True),  # under the threshold now
        (replace(SAME, impact=replace(IMPACT, calls=59.0)), False),
        (replace(SAME, impact=replace(IMPACT, calls=61.0)), True),
        (replace(SAME, impact=replace(IMPACT, calls=39.0)), True),
        (replace(SAME, impact=None), True),
        (replace(SAME, ends=ENDS + timedelta(minutes=59)), False),
        (replace(SAME, ends=ENDS - timedelta(hours=1)), True),
    ],
)
def test_material(figures: Figures, worth_it: bool) -> None:
    assert is_material(WARNED, figures) is worth_it


def test_a_few_calls_more_are_nothing_new() -> None:
    few = replace(WARNED, impact=replace(IMPACT, calls=4.0))
    assert not is_material(few, replace(SAME, impact=replace(IMPACT, calls=6.9)))
    assert is_material(few, replace(SAME, impact=replace(IMPACT, calls=7.0)))
