"""The replay feed: a pack's recorded calls and unit marks, at their recorded times, on a virtual clock."""

from tocsin.adapters.feeds.replay.feed import ReplayFeed

__all__ = ["ReplayFeed"]
