"""Who goes where: proposals with their reasons, and what they leave uncovered. Pure."""
