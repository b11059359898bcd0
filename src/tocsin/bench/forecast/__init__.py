"""`tocsin bench forecast`: every model forecasts from the same origins, and the same cells score them all."""
