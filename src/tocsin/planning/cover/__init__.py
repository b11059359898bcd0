"""How well free units cover the city: which corners they reach, and how many calls would be late."""
