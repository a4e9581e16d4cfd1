"""Connected parts of the graph of comparisons: what the data can and cannot place on one scale."""

from __future__ import annotations

import numpy as np

from eng5.stats.comparisons import BoolArray, IntArray

DENSE_LIMIT = 128


def weak_components(n: int, source: IntArray, target: IntArray) -> IntArray:
    """Shape (n,), the component of each essay when directions are ignored, numbered by lowest member."""
    return _components(n, source, target, strong=False)


def strong_components(n: int, source: IntArray, target: IntArray) -> IntArray:
    """Shape (n,), the strongly connected component of each essay, numbered by lowest member.

    Two essays share a component when a chain of wins leads from each to the other. The maximum
    likelihood estimate of Bradley-Terry is finite exactly when there is one component
    (Ford 1957, Amer. Math. Monthly 64(8)).
    """
    return _components(n, source, target, strong=True)


def members(labels: IntArray) -> tuple[tuple[int, ...], ...]:
    """The essays of each component, largest component first, then by lowest member."""
    if not labels.any():
        return (tuple(range(len(labels))),) if len(labels) else ()
    groups: dict[int, list[int]] = {}
    for essay, label in enumerate(labels.tolist()):
        groups.setdefault(label, []).append(essay)
    return tuple(tuple(group) for group in sorted(groups.values(), key=lambda group: (-len(group), group[0])))


def _components(n: int, source: IntArray, target: IntArray, *, strong: bool) -> IntArray:
    if n == 0:
        return np.empty(0, dtype=np.int64)
    if n > DENSE_LIMIT:
        return _sparse_components(n, source, target, strong=strong)
    reach: BoolArray = np.eye(n, dtype=np.bool_)
    reach[source, target] = True
    if not strong:
        reach |= reach.T
    steps = 1
    while steps < n and not reach.all():
        count = reach.astype(np.float32)
        reach = (count @ count) > 0
        steps *= 2
    return np.asarray((reach & reach.T).argmax(axis=1), dtype=np.int64)


def _sparse_components(n: int, source: IntArray, target: IntArray, *, strong: bool) -> IntArray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(n, n)).tocsr()
    _, labels = connected_components(graph, directed=True, connection="strong" if strong else "weak")
    _, lowest = np.unique(labels, return_index=True)
    return np.asarray(lowest[labels], dtype=np.int64)
