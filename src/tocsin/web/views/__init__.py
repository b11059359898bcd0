"""Pure functions that turn a board into what the API says."""
