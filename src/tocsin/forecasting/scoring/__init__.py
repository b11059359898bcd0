"""How good it was, once the truth is known: scores of laws, and how often a band held."""
