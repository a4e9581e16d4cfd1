"""Interval: closed at both ends."""

from eng5.stats.interval import IntervalResult


def test_interval_contains_its_ends() -> None:
    """Both bounds belong to the interval, values beyond them do not."""
    interval = IntervalResult(0.25, 0.75, 0.95, "any")
    assert 0.25 in interval and 0.75 in interval and 0.5 in interval
    assert 0.2499 not in interval and 0.7501 not in interval
