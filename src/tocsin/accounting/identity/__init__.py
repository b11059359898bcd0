"""Who asks: accounts, sessions, second factors, as values and pure rules. What keeps them is `adapters/accounts`."""
