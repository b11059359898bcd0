"""Doors through which messages leave: one for the real world, one for exercises, and no way from one to the other."""

from tocsin.adapters.outlets.exercise import ExerciseFileOutlet
from tocsin.adapters.outlets.file import FileOutlet

__all__ = ["ExerciseFileOutlet", "FileOutlet"]
