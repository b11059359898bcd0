"""When units are on duty: how many each hour needs, and shifts that cover that at least cost."""
