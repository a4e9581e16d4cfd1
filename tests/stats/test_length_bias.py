"""Length against verdicts and scores."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau

from eng5.stats.comparisons import Comparisons
from eng5.stats.length_bias import length_bias

FIRST, SECOND = np.triu_indices(6, 1)
WORDS = np.array([300, 250, 320, 200, 310, 100])
GRADE = np.array([5, 4, 3, 2, 1, 0])


def test_a_judge_of_length_alone_takes_the_longer_essay_always() -> None:
    """Won by the longer in 15 of 15; experts put it higher in 10, all but 5 pairs with 320 or 310 words."""
    outcome = np.sign(WORDS[FIRST] - WORDS[SECOND])
    beyond = WORDS.argsort().argsort() - GRADE.astype(float)
    found = length_bias(Comparisons(6, FIRST, SECOND, outcome), WORDS, GRADE, beyond)
    assert (found.longer_won.rate, found.longer_won.decided) == (1.0, 15)
    assert found.graded_higher == pytest.approx(10 / 15)
    assert found.tendency == pytest.approx(kendalltau(WORDS, beyond).statistic)
    assert found.interval is not None and found.tendency is not None
    assert found.interval.low <= found.tendency <= found.interval.high


def test_ties_equal_lengths_and_unknown_lengths_say_nothing() -> None:
    """They are in no count; with too few essays there is a tendency without an interval, or none."""
    words = np.array([100, 100, -1, 120])
    first, second = np.triu_indices(4, 1)
    comparisons = Comparisons(4, first, second, np.array([1, 1, 0, 1, 1, 1]))
    found = length_bias(comparisons, words, np.array([3, 2, 1, 0]), np.array([0.5, np.nan, 1.0, -0.5]))
    assert found.longer_won.decided == 1, "0 : 3 is a tie, 1 : 3 decided, 0 : 1 of equal length, 2 unknown"
    assert found.interval is None and found.tendency == pytest.approx(-1.0)
    none = length_bias(comparisons, np.full(4, -1), np.array([3, 2, 1, 0]), np.full(4, np.nan))
    assert (none.longer_won.rate, none.graded_higher, none.tendency) == (None, None, None)
