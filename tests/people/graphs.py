"""Graphs of comparisons, for tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def unordered(pair: tuple[str, str]) -> tuple[str, str]:
    """The pair whichever was on the left."""
    return min(pair), max(pair)


def connected(essays: Collection[str], pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether one comes from any essay to any other."""
    edges = list(pairs)
    reached = {next(iter(essays))}
    while more := {b for a, b in [*edges, *((b, a) for a, b in edges)] if a in reached} - reached:
        reached |= more
    return reached == set(essays)
