"""Solvers of libraries, each behind an extra."""
