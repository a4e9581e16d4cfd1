"""Paired comparison of two variants."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, ndtri
from scipy.stats import binomtest

from eng5.stats import paired_metrics as metrics
from eng5.stats.comparisons import Comparisons, IntArray
from eng5.stats.multiplicity import holm
from eng5.stats.paired import PairedDifference, Verdict, adjust, match, paired_difference

N = 12
FIRST, SECOND = np.triu_indices(N, 1)
LEVEL = np.arange(N)[::-1]


def judged(rng: np.random.Generator, discrimination: float) -> Comparisons:
    """A round-robin by a judge whose logits are 0.35 times the discrimination and the distance in rank."""
    wins = rng.random(len(FIRST)) < expit(0.35 * discrimination * (SECOND - FIRST))
    return Comparisons(N, FIRST, SECOND, np.where(wins, 1, -1))


def two_essays(outcomes: str) -> Comparisons:
    """Comparisons of essay 0, the better, with essay 1: H the better wins, L the worse, T a tie."""
    code = {"H": 1, "L": -1, "T": 0}
    m = len(outcomes)
    return Comparisons(2, np.zeros(m, int), np.ones(m, int), np.array([code[each] for each in outcomes]))


def rates(baseline: str, variant: str, **options: int) -> PairedDifference:
    """Paired difference of the win rate over repeats of one pair."""
    outcomes = match(two_essays(baseline), two_essays(variant), exchange="comparison")
    return paired_difference(outcomes, metrics.win_rate(np.array([1, 0])), **options)


@given(
    st.text("HL", min_size=1, max_size=9).flatmap(
        lambda s: st.tuples(st.just(s), st.text("HL", min_size=len(s), max_size=len(s)))
    )
)
def test_win_rates_are_tested_as_by_mcnemar(strings: tuple[str, str]) -> None:
    """The p-value is that of McNemar's exact test: binomial on the repeats that differ."""
    baseline, variant = strings
    gained = sum(pair == ("L", "H") for pair in zip(baseline, variant, strict=True))
    lost = sum(pair == ("H", "L") for pair in zip(baseline, variant, strict=True))
    expected = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    ours = rates(baseline, variant)
    assert ours.p_value == pytest.approx(expected)
    assert ours.differing == gained + lost
    assert ours.seed is None and ours.resamples == 2 ** (gained + lost)


def test_difference_and_interval_by_hand() -> None:
    """10 repeats, 6 gained and 1 lost: difference 5 / 10, standard error sqrt(7) / 10.

    Enumerated p = 2 (1 + 7) / 128 = 0.125; 10 ((1.959964 + 0.841621)² · 7 / 25 - 1) = 11.98 more.
    """
    ours = rates("LLLLLLHHHH", "HHHHHHLHHH")
    assert ours.difference == pytest.approx(0.5)
    assert ours.standard_error == pytest.approx(7**0.5 / 10)
    assert ours.interval is not None
    assert ours.interval.low == pytest.approx(0.5 - 1.959964 * 7**0.5 / 10, abs=1e-6)
    assert ours.p_value == pytest.approx(0.125)
    assert ours.verdict is Verdict.CANNOT_TELL
    assert ours.needed == 12


def test_random_exchanges_agree_with_enumeration() -> None:
    """With fewer resamples than patterns the p-value is the enumerated one within its error."""
    drawn, exact = rates("L" * 10 + "H" * 4, "H" * 10 + "L" * 4), binomtest(4, 14).pvalue
    assert drawn.seed == 0 and drawn.resamples == 1000
    assert drawn.p_value == pytest.approx(exact, abs=0.05)


def test_a_clearly_better_variant_is_better_and_its_baseline_worse() -> None:
    """Twelve repeats all turned from wrong to right."""
    assert rates("L" * 12, "H" * 12).verdict is Verdict.BETTER
    assert rates("H" * 12, "L" * 12).verdict is Verdict.WORSE


def test_fewer_inversions_are_better() -> None:
    """For a count of errors the verdict looks at the other direction."""
    right = Comparisons(N, FIRST, SECOND, np.ones(66, dtype=np.int64))
    wrong = Comparisons(N, FIRST, SECOND, np.where(np.arange(66) % 2, 1, -1))
    ours = paired_difference(match(wrong, right), metrics.direct_inversions(LEVEL))
    assert ours.difference == -33 and ours.verdict is Verdict.BETTER
    assert ours.needed is None


@pytest.mark.parametrize(
    "make", [metrics.tau_b, metrics.direct_inversions, metrics.zero_wins, metrics.win_rate]
)
def test_two_runs_of_one_prompt_are_rarely_told_apart(make: Callable[[IntArray], metrics.Metric]) -> None:
    """Of 120 pairs of runs with the same truth at most 13, 5 % and three standard errors, get a verdict."""
    rng = np.random.default_rng(3)
    metric = make(LEVEL)
    verdicts = [
        paired_difference(match(judged(rng, 1.0), judged(rng, 1.0)), metric, resamples=200).verdict
        for _ in range(120)
    ]
    assert sum(each is not Verdict.CANNOT_TELL for each in verdicts) <= 13


@given(st.integers(0, 2**32 - 1), st.floats(0, 2), st.floats(0, 2))
def test_no_interval_or_p_value_contradicts_the_verdict(seed: int, one: float, other: float) -> None:
    """A variant is called better or worse only with p of at most 5 % and an interval on that side of 0."""
    rng = np.random.default_rng(seed)
    ours = paired_difference(
        match(judged(rng, one), judged(rng, other)), metrics.win_rate(LEVEL), resamples=99
    )
    assert ours.interval is not None and ours.p_value is not None and ours.difference is not None
    told = ours.p_value <= 0.05 and 0 not in ours.interval
    assert (ours.verdict is not Verdict.CANNOT_TELL) == told
    if told:
        assert (ours.verdict is Verdict.BETTER) == (ours.interval.low > 0)


def test_a_much_better_judge_is_found() -> None:
    """A judge of twice the discrimination against a coin is called better on the win rate every time."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        ours = paired_difference(match(judged(rng, 0.0), judged(rng, 2.0)), metrics.win_rate(LEVEL))
        assert ours.verdict is Verdict.BETTER


@given(st.integers(0, 2**32 - 1))
def test_exchanging_the_variants_turns_the_difference_round(seed: int) -> None:
    """Baseline and variant exchanged: opposite difference, mirrored interval, same p-value."""
    rng = np.random.default_rng(seed)
    a, b = judged(rng, 1.0), judged(rng, 1.5)
    metric = metrics.tau_b(LEVEL)
    ours = paired_difference(match(a, b), metric, resamples=50)
    theirs = paired_difference(match(b, a), metric, resamples=50)
    assert ours.difference is not None and theirs.difference is not None
    assert theirs.difference == pytest.approx(-ours.difference)
    assert theirs.p_value == pytest.approx(ours.p_value)
    assert ours.interval is not None and theirs.interval is not None
    assert (theirs.interval.low, theirs.interval.high) == pytest.approx(
        (-ours.interval.high, -ours.interval.low)
    )


def test_identical_verdicts_say_nothing_about_a_difference() -> None:
    """The same run twice: difference 0, p = 1, no number of comparisons named."""
    ours = rates("HLHH", "HLHH")
    assert (ours.difference, ours.p_value, ours.differing, ours.needed) == (0.0, 1.0, 0, None)
    assert ours.verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize("outcomes", ["", "TTTT"])
def test_nothing_decided_has_no_difference(outcomes: str) -> None:
    """No common comparison, or ties only: None throughout."""
    ours = rates(outcomes, outcomes)
    assert (ours.baseline, ours.difference, ours.interval, ours.p_value) == (None,) * 4
    assert ours.verdict is Verdict.CANNOT_TELL


def test_verdicts_of_several_variants_are_adjusted() -> None:
    """p = 0.03125 alone is better; beside two others it is not, and the missing comparisons are named."""
    first, second = rates("L" * 6, "H" * 6), rates("H" * 6, "H" * 6)
    assert first.verdict is Verdict.BETTER
    ours = adjust([first, second, rates("", "")])
    assert [each.p_adjusted for each in ours] == holm([first.p_value, second.p_value, None])
    assert ours[0].verdict is Verdict.CANNOT_TELL and ours[0].needed is not None


def test_the_interval_of_a_difference_of_shares_ends_at_one() -> None:
    """Two pairs, both put right: the spread of exchanges reaches beyond 1, and no difference of shares does."""
    ours = rates("LL", "HH")
    assert ours.difference == 1.0 and ours.interval is not None and ours.standard_error is not None
    assert ours.difference + 1.9 * ours.standard_error > 1
    assert ours.interval.high == 1.0 and -1 <= ours.interval.low < 1


def test_what_would_decide_among_several_variants_is_more() -> None:
    """Three of four verdicts put right: beside two others the level is a third, and more is needed than alone."""
    alone = rates("LLLH", "HHHL")
    together = adjust([alone, alone, alone])[0]
    assert alone.needed is not None and together.needed is not None and alone.standard_error is not None
    z = float(ndtri(1 - 0.05 / 6) + ndtri(0.8))
    assert together.needed == ceil(4 * ((z * alone.standard_error / (alone.difference or 0)) ** 2 - 1))
    assert together.needed > alone.needed


def test_repeats_of_one_order_are_matched_first_and_others_across_orders() -> None:
    """Baseline 0:1 0:1 1:0, variant 1:0 1:0 0:1 and 0:2: one repeat crosses, one has no counterpart."""
    baseline = Comparisons(3, np.array([0, 0, 1]), np.array([1, 1, 0]), np.array([1, -1, 1]))
    variant = Comparisons(3, np.array([1, 1, 0, 0]), np.array([0, 0, 1, 2]), np.array([1, -1, 1, 1]))
    ours = match(baseline, variant)
    assert ours.baseline_row.tolist() == [0, 1, 2]
    assert ours.variant_row.tolist() == [2, 1, 0]
    assert ours.variant.tolist() == [1, 1, 1]
    assert ours.flipped.tolist() == [False, True, False]
    assert ours.unmatched == 1
    assert ours.unit.tolist() == [0, 0, 0]
    assert match(baseline, variant, exchange="comparison").unit.tolist() == [0, 1, 2]


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(0, 40))
def test_every_comparison_is_matched_at_most_once_and_with_its_own_pair(seed: int, m: int, k: int) -> None:
    """Rows are used once, pairs agree, winners are kept, and as many as possible are matched."""
    rng = np.random.default_rng(seed)

    def some(size: int) -> Comparisons:
        first = rng.integers(0, 4, size)
        return Comparisons(4, first, (first + rng.integers(1, 4, size)) % 4, rng.integers(-1, 2, size))

    a, b = some(m), some(k)
    ours = match(a, b)
    assert len(set(ours.baseline_row.tolist())) == len(set(ours.variant_row.tolist())) == len(ours.unit)
    for row, (x, y) in enumerate(zip(ours.baseline_row, ours.variant_row, strict=True)):
        assert {a.first[x], a.second[x]} == {b.first[y], b.second[y]}
        winner = {1: ours.first[row], -1: ours.second[row], 0: -1}[int(ours.variant[row])]
        assert winner == {1: b.first[y], -1: b.second[y], 0: -1}[int(b.outcome[y])]
    pairs_a = np.sort([a.first, a.second], axis=0).T.tolist()
    pairs_b = np.sort([b.first, b.second], axis=0).T.tolist()
    assert len(ours.unit) == sum(
        min(pairs_a.count(p), pairs_b.count(p)) for p in ([0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3])
    )


def test_different_essays_cannot_be_matched() -> None:
    """Variants must have judged the same essays."""
    with pytest.raises(ValueError):
        match(two_essays("H"), Comparisons(3, np.array([0]), np.array([1]), np.array([1])))
