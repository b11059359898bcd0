"""How many calls come: models of counts per area and step, each a `Forecaster`."""
