"""Runs among the same essays, row beside row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.stats.comparisons import Comparisons
from eng5.stats.matching import match


def one_way(*rows: tuple[int, int, int]) -> Comparisons:
    """Comparisons among three essays by (first, second, outcome)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Comparisons(3, table[:, 0], table[:, 1], table[:, 2])


def test_repeats_of_one_order_are_matched_first_and_others_across_orders() -> None:
    """0:1 0:1 1:0 beside 1:0 1:0 0:1 and 0:2: one repeat crosses, one has no counterpart."""
    reference = one_way((0, 1, 1), (0, 1, -1), (1, 0, 1))
    variant = one_way((1, 0, 1), (1, 0, -1), (0, 1, 1), (0, 2, 1))
    ours = match([reference], [variant])
    assert (ours.first.tolist(), ours.second.tolist()) == ([0, 0, 1], [1, 1, 0])
    assert ours.outcomes.tolist() == [[1, -1, 1], [1, 1, 1]]
    assert ours.unit.tolist() == [0, 0, 0] and ours.of_reference == 1
    assert match([reference], [variant], exchange="comparison").unit.tolist() == [0, 1, 2]


def test_what_one_of_several_runs_lacks_is_left_out() -> None:
    """Two runs against one: only the pair that all three judged stays, in its own orientation."""
    whole = one_way((0, 1, 1), (1, 2, -1))
    ours = match([whole, one_way((1, 0, 1))], [whole])
    assert (ours.first.tolist(), ours.second.tolist()) == ([0], [1])
    assert ours.outcomes.tolist() == [[1], [-1], [1]]
    assert ours.apart(np.array([1.0, 2.0, 5.0])) == pytest.approx(3.5)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 40), min_size=2, max_size=4))
def test_as_many_as_possible_are_matched_and_winners_are_kept(seed: int, sizes: list[int]) -> None:
    """Of every pair as many as the run with the fewest has; and each run keeps its wins, which are enough."""
    rng = np.random.default_rng(seed)

    def some(size: int) -> Comparisons:
        first = rng.integers(0, 4, size)
        return Comparisons(4, first, (first + rng.integers(1, 4, size)) % 4, rng.integers(-1, 2, size))

    runs = [some(size) for size in sizes]
    ours = match(runs[:1], runs[1:])
    met = [run.win_matrix + run.win_matrix.T + run.tie_matrix for run in runs]
    fewest = np.min(met, axis=0)
    assert len(ours.unit) == int(np.triu(fewest, 1).sum())
    for run, outcome in zip(runs, ours.outcomes, strict=True):
        kept = Comparisons(4, ours.first, ours.second, outcome)
        assert (kept.win_matrix <= run.win_matrix).all() and (kept.tie_matrix <= run.tie_matrix).all()


def test_different_essays_cannot_be_matched() -> None:
    """Runs must have judged the same essays."""
    with pytest.raises(ValueError, match="3 and 4"):
        match([one_way((0, 1, 1))], [Comparisons(4, np.array([0]), np.array([1]), np.array([1]))])
