"""What comes next: expected calls per area and hour, how sure that is, and how often it held.

`protocol` is the contract; `demand.chosen.ChosenModel` is the model that the desk runs; `demand.climatology` is the
plain rival; `laws` is the negative binomial law; `scoring` says how good it was. Pure: no clock, no chance, no files.
"""
