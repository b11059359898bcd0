"""`tocsin bench warn`: are surges found early, and how often is an ordinary week disturbed, on anybody's calls."""
