"""What comes next: expected calls per area and hour, how sure that is, and how often it held.

`protocol` is the contract; `counts.CountModel` is the model that the desk runs; `climatology` is the plain rival;
`laws` is the negative binomial law; `scores` and `record` say how good it was. Pure: no clock, no chance, no files.
"""
