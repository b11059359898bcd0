"""Decisions as pure functions: which events a command becomes (`intake`), what needs a person (`watch`)."""
