"""Who used which data for what: policy, ledger, proofs. Pure: no I/O, no clock, no dice."""
