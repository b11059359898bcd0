"""The ledger, the policy and the gate, timed as they run in a house."""
