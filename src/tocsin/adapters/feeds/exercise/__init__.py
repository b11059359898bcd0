"""The feed of an exercise: calls of its course, and marks from its made-up world."""

from tocsin.adapters.feeds.exercise.feed import ExerciseFeed

__all__ = ["ExerciseFeed"]
