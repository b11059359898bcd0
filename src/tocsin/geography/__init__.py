"""Areas, streets as arrays, ways and travel times. Pure: no I/O, no clock."""
