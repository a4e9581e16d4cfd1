"""What more repeats, or more anchors, would tell."""

import numpy as np
import pytest

from eng5.stats.design_study import DesignStudy, design_study
from eng5.stats.interval import IntervalResult
from eng5.stats.two_readings import TwoReadings


def study(value: float, limit: float | None, *, again: float = 0.3, varies: bool = True) -> DesignStudy:
    """Of a figure with a standard deviation of 0.5 over essays, 12 of them."""
    found = TwoReadings(
        IntervalResult(value - 2 * again, value + 2 * again, 0.95, "test"),
        IntervalResult(value - 1.0, value + 1.0, 0.95, "test"),
        again,
        0.5,
    )
    return design_study(found, value, limit, 12, varies=varies)


def test_variances_by_hand() -> None:
    """0.5² = 0.4² between essays and 0.3² over reruns: repeats halve the second part, anchors both."""
    found = study(2.0, None)
    assert found.pairs_twice_repeats == pytest.approx(0.3 / 2**0.5)
    assert found.essays_twice_repeats == pytest.approx((0.16 + 0.045) ** 0.5)
    assert found.essays_twice_anchors == pytest.approx(0.5 / 2**0.5)
    assert (found.repeats, found.anchors) == (None, None)


def test_repeats_and_anchors_that_would_decide() -> None:
    """0.25 from the limit: (2.80 · 0.3 / 0.25)² = 11.3 times the repeats, 12 (2.80 · 0.5 / 0.25)² = 376.7 anchors."""
    found = study(2.0, 2.25)
    assert (found.repeats, found.anchors) == (12, 377)
    for error in (0.3 / 12**0.5, 0.5 * (12 / 377) ** 0.5):
        later = np.random.default_rng(0).normal(2.0, error, 2_000)
        assert 0.78 < np.mean(later + 1.96 * error < 2.25) < 0.86, "that often the limit then lies outside"


def test_what_is_decided_needs_nothing() -> None:
    """A limit outside both intervals is decided with what there is."""
    found = study(2.0, 4.0)
    assert (found.repeats, found.anchors) == (1, 12)


def test_never_is_said() -> None:
    """At the limit itself, too near to it, or where repeats cannot be told from copies, no number is given."""
    assert (study(2.0, 2.0).repeats, study(2.0, 2.0).anchors) == (None, None)
    assert study(2.0, 2.01).repeats is None
    assert study(2.0, 2.25, varies=False).repeats is None
