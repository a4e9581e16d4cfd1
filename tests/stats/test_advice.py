"""What would decide between two variants."""

from __future__ import annotations

from math import ceil, inf

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import ndtri

from eng5.stats.advice import (
    FARTHEST,
    Kind,
    advise,
    design_study,
    error_behind,
    more_of_the_same,
    replicates_beyond_noise,
)
from eng5.stats.interval import IntervalResult
from eng5.stats.paired import PairedReading

Z = float(ndtri(0.975) + ndtri(0.8))


def test_comparisons_are_named_where_noise_is_all() -> None:
    """All variance is chance: it must fall to (d / 2.80)², so 264 comparisons times 0.05² (2.80 / 0.1)², less 264."""
    found = advise(0.1, 0.05, 0.05, comparisons=264, essays=12)
    assert found.kind is Kind.COMPARISONS
    assert found.more == ceil(264 * ((0.05 * Z / 0.1) ** 2 - 1))


def test_comparisons_are_never_named_without_replicates() -> None:
    """One run each does not tell chance from opinions about pairs: anchors, and replicates would tell more."""
    found = advise(0.1, 0.05, None, comparisons=264, essays=12)
    assert (found.kind, found.repeats_known) == (Kind.ANCHORS, False)
    assert found.more == ceil(12 * ((0.05 * Z / 0.1) ** 2 - 1))


def test_a_judge_that_never_varies_needs_other_anchors() -> None:
    """No chance in it at all: no number of comparisons helps."""
    assert advise(0.1, 0.05, 0.0, comparisons=264, essays=12).kind is Kind.ANCHORS


def test_never_and_nothing() -> None:
    """A difference of a hundredth of its error is out of reach; without a difference nothing was seen."""
    assert advise(0.001, 0.1, 0.01, comparisons=66, essays=12).kind is Kind.NEVER
    assert advise(0.0, 0.1, 0.01, comparisons=66, essays=12).kind is Kind.NOTHING_SEEN


@given(st.floats(0.001, 1), st.floats(0.001, 1), st.floats(0, 1), st.integers(1, 5000), st.integers(5, 200))
def test_what_is_named_would_decide(d: float, error: float, share: float, m: int, n: int) -> None:
    """With that many more, the standard error is small enough for 80 % power; and the number is within reach."""
    noise = error * share**0.5
    found = advise(d, error, noise, comparisons=m, essays=n)
    if found.kind is Kind.COMPARISONS:
        assert found.more is not None and found.more <= FARTHEST * m
        after = error**2 - noise**2 + noise**2 * m / (m + found.more)
        assert after**0.5 * Z <= d * (1 + 1e-9)
    if found.kind is Kind.ANCHORS:
        assert found.more is not None and found.more <= FARTHEST * n
        after = error**2 * n / (n + found.more)
        assert after**0.5 * Z <= d * (1 + 1e-9)


@pytest.mark.parametrize("level", [0.95, 0.99])
def test_a_stricter_level_needs_more(level: float) -> None:
    """What is named for one of several tests is never less than for a single one."""
    alone = advise(0.1, 0.05, 0.05, comparisons=100, essays=12)
    among = advise(0.1, 0.05, 0.05, comparisons=100, essays=12, level=level)
    assert (among.more or 0) >= (alone.more or 0)


def test_twice_the_anchors_or_the_comparisons_by_hand() -> None:
    """Error 0.1 with noise 0.08: twice the anchors 0.1 / sqrt 2, twice the comparisons sqrt(0.01 - 0.0032)."""
    found = design_study(0.1, 0.08)
    assert found.twice_anchors == pytest.approx(0.1 / 2**0.5)
    assert found.twice_comparisons == pytest.approx((0.01 - 0.0032) ** 0.5)
    assert design_study(0.1, None).twice_comparisons is None
    assert design_study(0.1, 0.0).twice_comparisons == pytest.approx(0.1), (
        "nothing varies: repeats tell nothing"
    )


def test_askings_that_decide_on_these_pairs() -> None:
    """Four times the information halves the error: (1.96 + 0.84)² = 7.85 standard errors' worth of askings."""
    assert more_of_the_same(0.1, 0.1, 10) == 69  # 10 · (7.849 - 1), rounded up
    assert more_of_the_same(0.5, 0.1, 10) == 1
    assert more_of_the_same(0.01, 0.1, 10) is None, "785 times as many is no advice"
    assert more_of_the_same(0.1, 0.0, 10) is None, "a judge that repeats itself says the same again"


@given(st.floats(0.01, 1), st.floats(0.05, 1), st.floats(0.001, 1), st.booleans())
@example(1.0, 1.0, 0.25, False)
def test_what_is_open_is_never_one_anchor_away(d: float, p_value: float, error: float, wide: bool) -> None:
    """A p-value of at least 0.05, or an interval that holds 0: half the power is there at most, and 0.8 takes more."""
    half = d if wide else error * 1.96
    reading = PairedReading(
        standard_error=error,
        interval=IntervalResult(d - half, d + half, 0.95, "t"),
        p_value=0.001 if wide else p_value,
    )
    behind = error_behind(d, reading)
    assert behind is not None and behind >= error
    found = advise(d, behind, None, comparisons=66, essays=12)
    assert found.more is None or found.more >= 12


def test_a_difference_that_every_exchange_reaches_is_never_decided() -> None:
    """A p-value of 1 is no evidence at all, however narrow the interval is."""
    reading = PairedReading(standard_error=0.25, interval=IntervalResult(0.51, 1.49, 0.95, "t"), p_value=1.0)
    behind = error_behind(1.0, reading)
    assert behind == inf
    assert advise(1.0, behind, None, comparisons=66, essays=12).kind is Kind.NEVER
    assert error_behind(0.0, reading) == pytest.approx(1.49 / 1.959964)


def test_an_error_that_is_not_known_stays_unknown() -> None:
    """Below five essays nothing is said of others."""
    assert error_behind(0.1, PairedReading()) is None


def test_replicates_leave_the_noise_where_their_band_is_narrower() -> None:
    """2.776 · 0.1 · sqrt(2 / 3) = 0.227 with three runs of each, 4.303 · 0.1 = 0.430 with two."""
    assert replicates_beyond_noise(0.43, 0.1) == 3
    assert replicates_beyond_noise(-0.431, 0.1) == 2
    assert replicates_beyond_noise(0.226, 0.1) == 4
    assert replicates_beyond_noise(0.001, 0.1) is None
    assert replicates_beyond_noise(0.25, 0.1, varying=1) == 3, "2 degrees: 4.303 · 0.1 / sqrt 3 = 0.248"
