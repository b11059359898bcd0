"""Tests of Tocsin. A package, since some libraries install one of the same name."""
