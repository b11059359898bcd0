"""Daily or weekly counts that lie above what season and trend explain: Farrington flexible and EARS C1, C2, C3.

`watch.watch_series` is the door; `farrington` and `ears` are the methods, `glm` the fit that the first one needs.
"""
