"""Every built-in strategy, for tests."""

from __future__ import annotations

import numpy as np

from tocsin.rehearsal.simulation import builtin
from tocsin.rehearsal.town import Relocate, Strategy, Town


def strategies(town: Town) -> list[Strategy]:
    smooth = builtin.smooth(np.linspace(0.1, 0.6, 24), 0.001)
    return [
        builtin.closest(),
        builtin.dmexclp(0.3),
        builtin.dmexclp_dispatch(0.4),
        builtin.dmexclp_dispatch(0.4, relocate=Relocate.HOME, name="dmexclp-dispatch-home"),
        builtin.compliance(builtin.table_of(town, 0.3)),
        smooth,
        builtin.smooth_with_moves(0.3, 0.001, moves_per_h=3, empty_s_per_h=900.0),
        builtin.smooth_with_moves(0.3, 0.0005, turn=True, moves_per_h=5, name="smooth-lateness-turns"),
        builtin.looking_ahead(smooth, weight_s=900.0, eps_s=60.0, eps_low_s=400.0),
    ]
