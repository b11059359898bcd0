"""The compiled city. `tocsin.rehearsal.simulation.plain` says the same again in plain Python."""
