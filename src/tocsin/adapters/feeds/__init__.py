"""Feeds: a folder each, with a manifest, a pure `parse.py` and a `feed.py` that only queues."""
