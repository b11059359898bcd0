"""Where stations stand and units wait: p-median, maximal cover, expected cover."""
