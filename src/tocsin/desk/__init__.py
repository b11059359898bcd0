"""The desk: the verbs, and the one writer. It puts the pure core to work; nothing else changes anything."""
