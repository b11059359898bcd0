"""`tocsin bench route`: the quickest ways on a pack's streets, beside scipy, igraph and networkx."""
