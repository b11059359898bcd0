"""The city's nouns, the commands that people and feeds give, and the events that happened.

Frozen, slotted, no behaviour beyond what follows from their own fields.
"""
