"""Forecasters of other people's libraries as plug-ins: a city can run them beside ours and see which is better."""
