"""One event-driven city: calls wait for units, units drive, strategies choose."""
