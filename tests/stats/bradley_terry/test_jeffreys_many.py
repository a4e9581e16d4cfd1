"""Levels of separated groups, of many sets at once."""

from __future__ import annotations

import numpy as np
import pytest

from eng5.stats.bradley_terry.design import PairDesign
from eng5.stats.bradley_terry.jeffreys_many import place_many


def test_two_groups_have_the_distance_that_can_be_worked_out_by_hand() -> None:
    """With w wins of w of one essay over another, Jeffreys' prior leaves a distance of log(2w + 1).

    The modified score of the pair is w - w p + (1/2 - p), zero at p = (w + 1/2) / (w + 1).
    """
    design = PairDesign(np.array([0]), np.array([1]), None, 2)
    won = np.array([[1.0], [4.0]])
    apart = np.zeros((2, 2))
    level, found = place_many(design, won, 0 * won, apart, np.stack([np.eye(2, dtype=bool)] * 2))
    assert found.all()
    assert level[:, 0] - level[:, 1] == pytest.approx(np.log([3, 9]))


def test_a_long_chain_of_groups_is_found_or_left_to_the_other_method() -> None:
    """What did not converge says so and is never handed on as a result."""
    n = 12
    i, j = np.triu_indices(n, 1)
    same = np.eye(n, dtype=bool)[None]
    level, found = place_many(
        PairDesign(i, j, None, n), np.ones((1, len(i))), np.zeros((1, len(i))), np.zeros((1, n)), same
    )
    assert not found[0] or (np.diff(level[0]) < 0).all()
