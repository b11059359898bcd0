"""The compiled city. `tocsin.rehearsal.simulation.plain` says the same again in plain Python.

Every function has one explicit signature, so that it is compiled once and then loaded from the cache. The cache looks
at a function's own file alone: after a change in one of these files, or in `planning.relocation.kernels`, touch the
files that call it (`touch src/tocsin/rehearsal/simulation/kernels/*.py`), or they go on running the old code.
"""
