"""Kendall's tau against a reference that is known pair by pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from eng5.stats.pairwise_tau import pairwise_tau, signs

VALUES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=2, max_size=12)


@given(VALUES)
def test_of_two_orders_with_ties_it_is_tau_b(pairs: list[tuple[int, int]]) -> None:
    """scipy's tau_b, and None where that is not a number."""
    x, y = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    found = pairwise_tau(signs(x), signs(y))
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(kendalltau(x, y).statistic)


def test_an_unknown_value_orders_nothing() -> None:
    """NaN stands in no order to anything."""
    assert signs(np.array([1.0, np.nan, 3.0])).tolist() == [[0, 0, -1], [0, 0, 0], [1, 0, 0]]


def test_overruled_pairs_count_as_they_were_decided() -> None:
    """Of three pairs in perfect agreement one is turned round: (2 - 1) / 3."""
    order = signs(np.array([3.0, 2.0, 1.0]))
    reference = order.copy()
    reference[0, 2], reference[2, 0] = -1, 1
    assert pairwise_tau(reference, order) == pytest.approx(1 / 3)
