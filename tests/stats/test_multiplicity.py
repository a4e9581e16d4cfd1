"""Holm's adjustment."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.stats.multiplicity import holm


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_adjusted_values_equal_the_closed_test(p_values: list[float]) -> None:
    """Holm's is the closure of Bonferroni's test: the worst of all intersections that hold the hypothesis."""
    members = range(len(p_values))
    for each, adjusted in enumerate(holm(p_values)):
        worst = max(
            min(1.0, size * min(p_values[k] for k in chosen))
            for size in range(1, len(p_values) + 1)
            for chosen in combinations(members, size)
            if each in chosen
        )
        assert adjusted == pytest.approx(worst)


def test_adjusted_values_equal_statsmodels() -> None:
    """Values of statsmodels 0.15.0, multipletests(..., method="holm")."""
    expected = [0.06, 0.4, 0.0024, 0.06, 0.147, 0.8]
    assert holm([0.012, 0.2, 0.0004, 0.012, 0.049, 0.8]) == pytest.approx(expected)


def test_three_values_by_hand() -> None:
    """0.01 · 3 = 0.03; 0.02 · 2 = 0.04; 0.03 · 1 = 0.03, raised to the 0.04 before it."""
    assert holm([0.03, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])


def test_a_test_that_was_not_possible_does_not_count() -> None:
    """None stays None and leaves the others as if it were not there."""
    assert holm([None, 0.03, 0.01]) == [None, 0.03, 0.02]
    assert holm([]) == []
