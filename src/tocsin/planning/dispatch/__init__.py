"""Who goes to a call: looking ahead at what the choice leaves uncovered, its price, and help from neighbours."""
