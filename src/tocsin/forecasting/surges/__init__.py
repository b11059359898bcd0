"""Surges: what comes in is no longer an ordinary night. How likely, since when, how it goes on, what drives it.

`SurgeDetector` learns what is usual; `look` compares the last hours with it, for the city, each kind and each area;
`once` keeps an alarm from being told twice. Pure: no clock, no chance, no files.
"""

from tocsin.forecasting.surges.detector import SurgeDetector
from tocsin.forecasting.surges.once import Told, follow
from tocsin.forecasting.surges.scan import look
from tocsin.forecasting.surges.shape import Course, Driver, Recent, Surge, Usual

__all__ = ["Course", "Driver", "Recent", "Surge", "SurgeDetector", "Told", "Usual", "follow", "look"]
