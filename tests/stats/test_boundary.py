"""Statistics of controlled boundary tests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.stats import exact_binomial
from eng5.stats.boundary import Discrimination, analyse
from eng5.stats.multiplicity import holm
from eng5.stats.repeats import PairOutcome, Repeats
from eng5.stats.win_rate import wilson

ROWS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.booleans(),
        st.sampled_from(list(PairOutcome)),
        st.sampled_from([1.0, 3.5, np.nan]),
    ),
    max_size=60,
)
Row = tuple[int, bool, PairOutcome, float]


def repeats(rows: list[Row]) -> Repeats:
    """The arrays of (pair, higher_first, outcome, confidence) rows."""
    return Repeats(
        np.array([r[0] for r in rows], dtype=np.int64),
        np.array([r[1] for r in rows], dtype=np.bool_),
        np.array([r[2] for r in rows], dtype=np.int64),
        np.array([r[3] for r in rows], dtype=np.float64),
    )


def judged(pair: int, first: str, second: str) -> list[Row]:
    """Interleaved iterations from two strings of H, L, T, F: higher shown first, and shown second."""
    code = {"H": PairOutcome.HIGHER, "L": PairOutcome.LOWER, "T": PairOutcome.TIE, "F": PairOutcome.FAILED}
    return [
        (pair, order, code[letter], 4.0)
        for ab, ba in zip(first, second, strict=True)
        for order, letter in ((True, ab), (False, ba))
    ]


def test_one_pair_by_hand() -> None:
    """First order 8 H 1 L 1 T, second 5 H 4 L 1 F.

    13 of 18 decided; corrected (8/9 + 5/9) / 2 = 13/18; A won 8 + 4 = 12 of 18. Swapped k beside k, both
    decided: positions 1 ... 8 (H beside HHHHHLLL: 5 of 8 agree) and L beside L: 6 of 9.
    """
    one = analyse(repeats(judged(0, "HHHHHHHHLT", "HHHHHLLLLF")), [0]).pairs[0]
    assert (one.asked, one.decided, one.ties, one.failures) == (20, 18, 1, 1)
    assert one.win_rate.interval == wilson(13, 18)
    assert one.corrected.rate == pytest.approx(13 / 18)
    assert one.position.a_wins == 12
    assert one.position.exact == exact_binomial.interval(12, 18)
    assert one.position.p_value == exact_binomial.test(12, 18)
    assert one.position.balanced.rate == pytest.approx(12 / 18)
    assert one.agreement.rate == pytest.approx(13 / 19)
    assert (one.swap.consistent_repeats, one.swap.repeats) == (6, 9)
    assert one.confidence.n == 19


def test_a_clear_judge_is_shown_to_discriminate() -> None:
    """20 of 20: exact p = 2^-19, nothing more is needed."""
    one = analyse(repeats(judged(0, "H" * 10, "H" * 10)), [0]).overall
    assert one.discrimination is Discrimination.SHOWN
    assert one.p_value == pytest.approx(2.0**-19)
    assert one.needed is None


def test_a_judge_that_prefers_the_lower_grade_is_reversed() -> None:
    """0 of 20 is as far from one half as 20 of 20, the other way."""
    one = analyse(repeats(judged(0, "L" * 10, "L" * 10)), [0]).overall
    assert one.discrimination is Discrimination.REVERSED


def test_a_judge_that_only_follows_the_position_is_excluded() -> None:
    """A wins always: raw rate one half as from a coin, but the corrected interval lies below 0.6."""
    one = analyse(repeats(judged(0, "H" * 10, "L" * 10)), [0]).overall
    assert one.corrected.rate == 0.5
    assert one.corrected.interval is not None and one.corrected.interval.high < 0.6
    assert one.win_rate.interval is not None and one.win_rate.interval.high > 0.6
    assert one.discrimination is Discrimination.EXCLUDED
    assert one.position.rate == 1.0


def test_an_undecided_pair_says_how_much_more() -> None:
    """13 of 20 leaves both open; the figure is for one pair asked in iterations of two."""
    one = analyse(repeats(judged(0, "HHHHHHHLLL", "HHHHHHLLLL")), [0]).pairs[0]
    assert one.discrimination is Discrimination.UNDECIDED
    assert one.needed is not None and one.needed.more is not None and one.needed.more > 10


def test_failures_in_one_order_do_not_pass_for_discrimination() -> None:
    """A judge that always picks A, failing mostly when the higher grade is B: raw 10 of 12, corrected 1/2."""
    one = analyse(repeats(judged(0, "H" * 10, "LL" + "F" * 8)), [0]).overall
    assert one.win_rate.rate == pytest.approx(10 / 12)
    assert one.corrected.rate == 0.5
    assert one.p_value == 1.0
    assert one.discrimination is not Discrimination.SHOWN


@pytest.mark.parametrize("letter", ["T", "F"])
def test_all_ties_or_all_failures_give_counts_and_no_numbers(letter: str) -> None:
    """Nothing decided: no rate, no interval, no p-value, no verdict."""
    one = analyse(repeats(judged(0, letter * 4, letter * 4)), [0]).overall
    assert (one.asked, one.decided, one.ties + one.failures) == (8, 0, 8)
    assert (one.win_rate.rate, one.corrected.rate, one.position.rate, one.p_value) == (None,) * 4
    assert one.discrimination is Discrimination.NO_DATA


def test_nothing_asked_is_no_error() -> None:
    """A pair without comparisons, and a run without pairs, have no data."""
    analysis = analyse(repeats([]), [0])
    assert analysis.pairs[0].discrimination is Discrimination.NO_DATA
    assert analyse(repeats([]), []).overall.asked == 0


def test_several_pairs_are_adjusted_as_a_family() -> None:
    """16 of 20 alone has p = 0.012; among three pairs the adjusted value decides."""
    rows = judged(0, "HHHHHHHHHL", "HHHHHHHLLL") + judged(1, "HHHHHLLLLL", "HHHHHLLLLL")
    rows += judged(2, "H" * 10, "HHHHHHHHLL")
    analysis = analyse(repeats(rows), [0, 0, 1])
    raw = [each.p_value for each in analysis.pairs]
    assert [each.p_adjusted for each in analysis.pairs] == holm(raw)
    assert len(analysis.boundaries) == 2
    assert analysis.boundaries[0].asked == 40 and analysis.boundaries[1].asked == 20
    assert analysis.overall.p_adjusted == analysis.overall.p_value


@given(ROWS)
def test_counts_add_up_over_pairs_and_boundaries(rows: list[Row]) -> None:
    """What was asked is decided, tied or failed; the parts add up to the whole."""
    analysis = analyse(repeats(rows), [0, 1, 0])
    for parts in (analysis.pairs, analysis.boundaries):
        for field in ("asked", "decided", "ties", "failures", "pairs"):
            assert sum(getattr(each, field) for each in parts) == getattr(analysis.overall, field)
    assert (
        analysis.overall.asked == analysis.overall.decided + analysis.overall.ties + analysis.overall.failures
    )


@given(ROWS)
def test_turning_higher_into_lower_mirrors_the_rates(rows: list[Row]) -> None:
    """With winners exchanged, the win rate becomes one minus it and position bias likewise."""
    data = repeats(rows)
    mirrored = Repeats(
        data.pair,
        data.higher_first,
        np.where(abs(data.outcome) == 1, -data.outcome, data.outcome),
        data.confidence,
    )
    ours, theirs = analyse(data, [0, 0, 0]).overall, analyse(mirrored, [0, 0, 0]).overall
    for mine, other in ((ours.win_rate, theirs.win_rate), (ours.corrected, theirs.corrected)):
        assert (mine.rate is None) == (other.rate is None)
        if mine.rate is not None and other.rate is not None:
            assert other.rate == pytest.approx(1 - mine.rate)
    assert theirs.position.a_wins == ours.decided - ours.position.a_wins
    assert theirs.p_value == (None if ours.p_value is None else pytest.approx(ours.p_value))


def test_bad_input_is_refused() -> None:
    """Unknown outcome codes, unequal lengths, pairs without a boundary, and a margin at or below 1/2."""
    with pytest.raises(ValueError, match="unknown outcomes"):
        repeats([(0, True, 3, 1.0)])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="one length"):
        Repeats(
            np.zeros(2, dtype=np.int64), np.zeros(1, dtype=np.bool_), np.zeros(2, dtype=np.int64), np.zeros(2)
        )
    with pytest.raises(ValueError, match="pairs must lie"):
        analyse(repeats(judged(1, "H", "H")), [0])
    with pytest.raises(ValueError, match="smallest_rate"):
        analyse(repeats([]), [0], smallest_rate=0.5)
