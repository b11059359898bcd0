"""Crisis resources: who gets what, by which route, what is short by when, and which reserves to call."""
