"""A made-up city, stepped purely: what would have happened if."""
