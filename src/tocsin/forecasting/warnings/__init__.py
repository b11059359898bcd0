"""What would be worth a warning: pure looks at the picture, the forecast and the pack's protocols.

Nothing here decides. `desk.warnings` turns what is found into proposals, and a named role decides.
"""
