"""The picture of the city: what you get when you fold the events. Immutable, shared by all readers."""
