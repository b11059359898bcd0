"""Forecasters by name: every installed distribution may bring its own under the entry points `tocsin.forecasters`."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from typing import Final, cast

from tocsin.errors import BadSettings
from tocsin.forecasting.protocol import Forecaster
from tocsin.model.city import WeekShape

GROUP: Final = "tocsin.forecasters"


def list_forecasters() -> dict[str, EntryPoint]:
    """Name to entry point, ours first, then by name."""
    found = sorted(entry_points(group=GROUP), key=lambda p: (not p.name.startswith("tocsin"), p.name))
    return {point.name: point for point in found}


def get_forecaster(name: str, week_shape: WeekShape | None = None) -> Forecaster:
    """A forecaster that has learned nothing yet, with the pack's shape of the week where it takes one.

    Raises: BadSettings for a name that nobody brings, and where what it needs is not installed.
    """
    known = list_forecasters()
    if name not in known:
        raise BadSettings(f"there is no model {name!r}; there are: {', '.join(known)}")
    try:
        made = known[name].load()
        takes = "week_shape" in signature(made).parameters
        return cast("Forecaster", made(week_shape=week_shape) if takes else made())
    except (ImportError, AttributeError) as error:
        raise BadSettings(
            f"the model {name!r} cannot be loaded ({error}): install what it needs, such as tocsin[rivals]"
        ) from error
