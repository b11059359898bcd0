"""A witness of logs: what it keeps, and how it looks."""

from tocsin.adapters.witness.folder import WitnessFolder
from tocsin.adapters.witness.look import Look, look_once

__all__ = ["Look", "WitnessFolder", "look_once"]
