"""Win rates of essays, were the same comparisons asked again."""

import numpy as np

from eng5.stats.asked_again import reruns
from eng5.stats.comparisons import Comparisons
from eng5.stats.expected_win_rate import win_rate_intervals
from eng5.stats.posterior import draw
from eng5.stats.win_rate import wilson


def test_ties_do_not_count() -> None:
    """A tied comparison is in no rate, and an essay that only tied has no interval."""
    comparisons = Comparisons(3, np.array([0, 0]), np.array([1, 2]), np.array([1, 0]))
    found = win_rate_intervals(comparisons, reruns(draw(comparisons, np.arange(3), resamples=50)))
    assert found[2] is None and found[0] is not None


def test_knowing_the_opponents_narrows_the_interval() -> None:
    """In a round-robin in grade order every interval is narrower than Wilson's, and holds the observed rate."""
    i, j = np.triu_indices(8, 1)
    comparisons = Comparisons.from_decided(8, i, j)
    found = win_rate_intervals(comparisons, reruns(draw(comparisons, np.arange(8)[::-1], resamples=500)))
    for essay in range(8):
        ours, theirs = found[essay], wilson(int(comparisons.wins[essay]), 7)
        assert ours is not None and theirs is not None
        assert ours.high - ours.low < theirs.high - theirs.low
        assert comparisons.wins[essay] / 7 in ours


def test_a_judge_that_repeats_itself_leaves_nothing_open() -> None:
    """The same verdict on every pair twelve times over: the rates would come out the same again."""
    i, j = np.triu_indices(8, 1)
    comparisons = Comparisons.from_decided(8, np.tile(i, 12), np.tile(j, 12))
    found = win_rate_intervals(comparisons, reruns(draw(comparisons, np.arange(8)[::-1], resamples=500)))
    assert all(span is not None and span.high - span.low < 0.1 for span in found)
