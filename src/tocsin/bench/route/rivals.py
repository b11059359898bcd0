"""Seconds from one node to all others by the libraries that people would pick instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tocsin.geography.arcs import Arcs
from tocsin.geography.metric import Floats
from tocsin.geography.searches import Nodes

OneToAll = Callable[[int], object]
"""From a node: seconds to every node, in whatever form the library gives them."""


def list_rivals(arcs: Arcs, seconds: Floats) -> Mapping[str, OneToAll]:
    """One search each by those that are installed. `seconds`: of each arc, float64 (M,), infinite where closed."""
    owner, leads_to, kept_s = least_arcs(arcs, seconds)
    found: dict[str, OneToAll] = {"scipy": by_scipy(len(arcs.first) - 1, owner, leads_to, kept_s)}
    if find_spec("igraph") is not None:
        found["igraph"] = _by_igraph(len(arcs.first) - 1, owner, leads_to, kept_s)
    if find_spec("networkx") is not None:
        found["networkx"] = _by_networkx(len(arcs.first) - 1, owner, leads_to, kept_s)
    return found


def least_arcs(arcs: Arcs, seconds: Floats) -> tuple[Nodes, Nodes, Floats]:
    """Owner, end and seconds of the quickest open arc of each pair of nodes: sparse matrices hold one a pair."""
    open_ = np.flatnonzero(np.isfinite(seconds))
    order = open_[np.lexsort((seconds[open_], arcs.leads_to[open_], arcs.owner[open_]))]
    owner, leads_to = arcs.owner[order], arcs.leads_to[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (owner[1:] != owner[:-1]) | (leads_to[1:] != leads_to[:-1])
    return owner[first], leads_to[first], seconds[order][first]


def by_scipy(nodes: int, owner: Nodes, leads_to: Nodes, seconds: Floats) -> Callable[[int], Floats]:
    """scipy.sparse.csgraph.dijkstra. Nodes out of reach are infinite."""
    first = np.zeros(nodes + 1, dtype=np.int32)
    np.cumsum(np.bincount(owner.astype(np.int64), minlength=nodes), out=first[1:])
    matrix = csr_array((seconds, leads_to.astype(np.int32), first), shape=(nodes, nodes))

    def search(source: int) -> Floats:
        found: Floats = dijkstra(matrix, indices=source)
        return found

    return search


def _by_igraph(nodes: int, owner: Nodes, leads_to: Nodes, seconds: Floats) -> OneToAll:
    from igraph import Graph

    graph = Graph(n=nodes, edges=np.column_stack((owner, leads_to)), directed=True)
    weights = seconds.tolist()
    return lambda source: graph.distances(source, weights=weights)[0]


def _by_networkx(nodes: int, owner: Nodes, leads_to: Nodes, seconds: Floats) -> OneToAll:
    from networkx import DiGraph, single_source_dijkstra_path_length

    graph = DiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_weighted_edges_from(zip(owner.tolist(), leads_to.tolist(), seconds.tolist(), strict=True))
    return lambda source: single_source_dijkstra_path_length(graph, source)


def as_seconds(found: object, nodes: int) -> Floats:
    """What a library gave as float64 (N,), infinite out of reach."""
    if isinstance(found, Mapping):
        seconds = np.full(nodes, np.inf)
        seconds[list(found.keys())] = list(found.values())
        return seconds
    return np.asarray(found, dtype=np.float64)
