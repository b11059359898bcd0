"""Towns and calls: what the simulator needs, made of a pack, of its record or of laws."""
