"""`tocsin bench locate`: sites on the OR-Library's networks, beside a plain greedy search."""
