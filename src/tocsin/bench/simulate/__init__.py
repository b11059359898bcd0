"""How fast the simulated city runs, and whether its plain twin says the same."""
