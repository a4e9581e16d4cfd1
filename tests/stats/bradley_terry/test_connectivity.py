"""Components of the graph of wins, dense and sparse."""

import numpy as np
import pytest

from eng5.stats.bradley_terry.connectivity import members, strong_components, weak_components


def _reachable(n: int, source: list[int], target: list[int]) -> list[set[int]]:
    """What each essay reaches, itself included, by walking."""
    following: list[set[int]] = [set() for _ in range(n)]
    for i, j in zip(source, target, strict=True):
        following[i].add(j)
    reached = []
    for start in range(n):
        seen, todo = {start}, [start]
        while todo:
            new = following[todo.pop()] - seen
            seen |= new
            todo += new
        reached.append(seen)
    return reached


@pytest.mark.parametrize("n", [6, 40, 200])
@pytest.mark.parametrize("edges_per_essay", [0.5, 1.2, 3.0])
def test_components_are_what_walking_finds(n: int, edges_per_essay: float) -> None:
    """Essays share a strong component when each reaches the other, a weak one when any path joins them;
    below and above the size where storage changes."""
    rng = np.random.default_rng(n)
    m = int(n * edges_per_essay)
    source, target = rng.integers(0, n, m), rng.integers(0, n, m)
    forward = _reachable(n, source.tolist(), target.tolist())
    both_ways = np.append(source, target).tolist(), np.append(target, source).tolist()
    strong = {tuple(j for j in range(n) if j in forward[i] and i in forward[j]) for i in range(n)}
    weak = {tuple(sorted(part)) for part in _reachable(n, *both_ways)}
    assert set(members(strong_components(n, source, target))) == strong
    assert set(members(weak_components(n, source, target))) == weak


def test_label_is_the_lowest_member() -> None:
    """0 → 1 → 2 → 1 and a lone 3: essays 1 and 2 share the label 1."""
    source, target = np.array([0, 1, 2]), np.array([1, 2, 1])
    assert strong_components(4, source, target).tolist() == [0, 1, 1, 3]
    assert weak_components(4, source, target).tolist() == [0, 0, 0, 3]


def test_members_come_largest_first() -> None:
    """Components are listed by size, then by lowest member."""
    assert members(np.array([0, 1, 1, 3])) == ((1, 2), (0,), (3,))


def test_no_essays_no_components() -> None:
    """An empty graph has no component."""
    none = np.array([], dtype=np.int64)
    assert members(strong_components(0, none, none)) == ()
