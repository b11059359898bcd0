"""Exercises: a scenario, a course of calls, a world in which units do as they are told, and what came of it."""
