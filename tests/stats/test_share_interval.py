"""Wilson's interval on an effective number of trials."""

import pytest

from eng5.stats.share_interval import share_interval
from eng5.stats.win_rate import wilson


@pytest.mark.parametrize(("successes", "trials"), [(3, 10), (50, 100), (9, 10)])
def test_with_the_variance_of_independent_trials_it_is_wilsons(successes: int, trials: int) -> None:
    """p (1 - p) / n is the variance of n independent trials."""
    share = successes / trials
    found, expected = share_interval(share, share * (1 - share) / trials, "test"), wilson(successes, trials)
    assert expected is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_without_variance_it_is_the_share() -> None:
    """What would come out the same every time leaves nothing open."""
    assert (share_interval(0.3, 0.0, "test").low, share_interval(0.3, 0.0, "test").high) == (0.3, 0.3)


def test_a_typical_share_stands_in_where_nothing_was_observed() -> None:
    """No success in what counts as 20 trials is Wilson's interval of 0 of 20."""
    expected = wilson(0, 20)
    found = share_interval(0.0, 0.1 * 0.9 / 20, "test", typical=0.1)
    assert expected is not None
    assert (found.low, found.high) == pytest.approx((0.0, expected.high))


def test_few_degrees_of_freedom_widen_it() -> None:
    """Student's t with four degrees of freedom reaches further than the normal distribution."""
    usual, few = share_interval(0.4, 0.01, "test"), share_interval(0.4, 0.01, "test", freedom=4)
    assert few.low < usual.low and few.high > usual.high
