"""Metered streams: what is wrong with a point, how unusual it is, and where a gauge is heading."""
