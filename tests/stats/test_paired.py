"""Paired comparison of two variants."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import binomtest

from eng5.stats import paired_metrics as metrics
from eng5.stats.comparisons import Comparisons, IntArray
from eng5.stats.matching import match
from eng5.stats.multiplicity import holm
from eng5.stats.paired import PairedDifference, PairedVerdict, adjust, paired_difference

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
    outcomes = match([two_essays(baseline)], [two_essays(variant)], exchange="comparison")
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
    assert ours.pairs.p_value == pytest.approx(expected)
    assert ours.differing == gained + lost
    interval = ours.pairs.interval
    assert interval is not None and interval.seed is None and interval.resamples == 2 ** (gained + lost)


def test_difference_and_interval_by_hand() -> None:
    """10 repeats, 6 gained and 1 lost: difference 5 / 10, standard error sqrt(7) / 10; p = 2 (1 + 7) / 128."""
    ours = rates("LLLLLLHHHH", "HHHHHHLHHH")
    assert ours.difference == pytest.approx(0.5)
    assert ours.pairs.standard_error == pytest.approx(7**0.5 / 10)
    assert ours.pairs.interval is not None
    assert ours.pairs.interval.low == pytest.approx(0.5 - 1.959964 * 7**0.5 / 10, abs=1e-6)
    assert ours.pairs.p_value == pytest.approx(0.125)
    assert ours.pairs.verdict is PairedVerdict.CANNOT_TELL


def test_random_exchanges_agree_with_enumeration() -> None:
    """With fewer resamples than patterns the p-value is the enumerated one within its error."""
    drawn, exact = rates("L" * 10 + "H" * 4, "H" * 10 + "L" * 4).pairs, binomtest(4, 14).pvalue
    assert drawn.interval is not None and (drawn.interval.seed, drawn.interval.resamples) == (0, 1000)
    assert drawn.p_value == pytest.approx(exact, abs=0.05)


def test_a_better_variant_of_two_essays_is_better_on_these_and_unknown_for_others() -> None:
    """Twelve repeats all turned from wrong to right: known of this pair, and two essays say nothing of others."""
    better, worse = rates("L" * 12, "H" * 12), rates("H" * 12, "L" * 12)
    assert (better.pairs.verdict, worse.pairs.verdict) == (PairedVerdict.BETTER, PairedVerdict.WORSE)
    for each in (better, worse):
        assert (each.essays.interval, each.essays.p_value) == (None, None)
        assert each.essays.verdict is PairedVerdict.CANNOT_TELL


def test_fewer_inversions_are_better() -> None:
    """For a count of errors the verdict looks at the other direction."""
    right = Comparisons(N, FIRST, SECOND, np.ones(66, dtype=np.int64))
    wrong = Comparisons(N, FIRST, SECOND, np.where(np.arange(66) % 2, 1, -1))
    ours = paired_difference(match([wrong], [right]), metrics.direct_inversions(LEVEL))
    assert ours.difference == -33
    assert (ours.pairs.verdict, ours.essays.verdict) == (PairedVerdict.BETTER, PairedVerdict.BETTER)


QUICK_AND_SLOW = [
    metrics.win_rate,
    *(pytest.param(one, marks=pytest.mark.slow) for one in (metrics.tau_b, metrics.direct_inversions)),
]


@pytest.mark.parametrize("make", [*QUICK_AND_SLOW, metrics.zero_wins])
def test_two_runs_of_one_prompt_are_rarely_told_apart(
    make: Callable[[IntArray], metrics.PairedMetric],
) -> None:
    """Of 120 pairs of runs with the same truth at most 13, 5 % and three standard errors, in either reading."""
    rng = np.random.default_rng(3)
    metric = make(LEVEL)
    found = [
        paired_difference(match([judged(rng, 1.0)], [judged(rng, 1.0)]), metric, resamples=200)
        for _ in range(120)
    ]
    for reading in ("pairs", "essays"):
        assert sum(getattr(each, reading).verdict is not PairedVerdict.CANNOT_TELL for each in found) <= 13


@pytest.mark.parametrize("make", QUICK_AND_SLOW)
@pytest.mark.parametrize("runs", [(1, 1), (1, 3)])
def test_equally_good_judges_with_other_opinions_are_no_different_for_other_essays(
    make: Callable[[IntArray], metrics.PairedMetric], runs: tuple[int, int]
) -> None:
    """Opinions of sd 1.5 about every essay, drawn for each judge: of 100 at most 11 are told apart."""
    rng, metric, told = np.random.default_rng(8), make(LEVEL), 0
    for _ in range(100):
        sides = []
        for count in runs:
            opinion = rng.normal(0, 1.5, N)
            chance = expit(0.9 * (SECOND - FIRST) + opinion[FIRST] - opinion[SECOND])
            sides.append(
                [
                    Comparisons(N, FIRST, SECOND, np.where(rng.random(66) < chance, 1, -1))
                    for _ in range(count)
                ]
            )
        ours = paired_difference(match(*sides), metric, resamples=200)
        told += ours.essays.verdict is not PairedVerdict.CANNOT_TELL
    assert told <= 11


def test_replicates_count_for_both_and_are_pooled() -> None:
    """The figure of a variant is the mean over its runs, and one run against three leaves none out."""
    rng = np.random.default_rng(9)
    one, three = [judged(rng, 1.0)], [judged(rng, 1.0) for _ in range(3)]
    metric = metrics.tau_b(LEVEL)
    each = [float(metric.evaluate(N, FIRST, SECOND, run.outcome[None])[0]) for run in (*one, *three)]
    ours = paired_difference(match(one, three), metric, resamples=50)
    assert ours.reference == pytest.approx(each[0])
    assert ours.variant == pytest.approx(sum(each[1:]) / 3)


def test_what_is_known_of_other_essays_is_never_more_than_of_these() -> None:
    """The p-value for other essays is at least that on these pairs; nobody is better for others alone."""
    rng = np.random.default_rng(10)
    for strength in np.linspace(0, 3, 20):
        ours = paired_difference(
            match([judged(rng, 0.3)], [judged(rng, strength)]), metrics.tau_b(LEVEL), resamples=99
        )
        assert (ours.essays.p_value or 0.0) >= (ours.pairs.p_value or 0.0)


def test_a_difference_within_the_noise_of_one_prompt_is_chance() -> None:
    """In either reading: better, and no farther apart than two runs of one prompt may lie, cannot be."""
    right = Comparisons(N, FIRST, SECOND, np.ones(66, dtype=np.int64))
    wrong = Comparisons(N, FIRST, SECOND, -np.ones(66, dtype=np.int64))
    ours = paired_difference(match([wrong], [right]), metrics.win_rate(LEVEL))
    assert ours.difference == 1.0
    for band, verdict in (
        (None, PairedVerdict.BETTER),
        (0.9, PairedVerdict.BETTER),
        (1.0, PairedVerdict.CANNOT_TELL),
    ):
        (found,) = adjust([ours], [band])
        assert (found.pairs.verdict, found.essays.verdict) == (verdict, verdict)


@given(st.integers(0, 2**32 - 1), st.floats(0, 2), st.floats(0, 2))
def test_no_interval_or_p_value_contradicts_the_verdict(seed: int, one: float, other: float) -> None:
    """A variant is called better or worse only with p of at most 5 % and an interval on that side of 0."""
    rng = np.random.default_rng(seed)
    ours = paired_difference(
        match([judged(rng, one)], [judged(rng, other)]), metrics.win_rate(LEVEL), resamples=99
    )
    for reading in (ours.pairs, ours.essays):
        assert reading.interval is not None and reading.p_value is not None and ours.difference is not None
        told = reading.p_value <= 0.05 and 0 not in reading.interval
        assert (reading.verdict is not PairedVerdict.CANNOT_TELL) == told
        if told:
            assert (reading.verdict is PairedVerdict.BETTER) == (reading.interval.low > 0)


def test_a_much_better_judge_is_found() -> None:
    """A judge of twice the discrimination against a coin is called better on the win rate every time."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        ours = paired_difference(match([judged(rng, 0.0)], [judged(rng, 2.0)]), metrics.win_rate(LEVEL))
        assert (ours.pairs.verdict, ours.essays.verdict) == (PairedVerdict.BETTER, PairedVerdict.BETTER)


@given(st.integers(0, 2**32 - 1))
def test_exchanging_the_variants_turns_the_difference_round(seed: int) -> None:
    """Reference and variant exchanged: opposite difference, mirrored intervals, same p-values for other essays."""
    rng = np.random.default_rng(seed)
    a, b = judged(rng, 1.0), judged(rng, 1.5)
    metric = metrics.tau_b(LEVEL)
    ours = paired_difference(match([a], [b]), metric, resamples=50)
    theirs = paired_difference(match([b], [a]), metric, resamples=50)
    assert ours.difference is not None and theirs.difference is not None
    assert theirs.difference == pytest.approx(-ours.difference)
    for one, other in ((ours.pairs, theirs.pairs), (ours.essays, theirs.essays)):
        assert other.p_value == pytest.approx(one.p_value)
        assert one.interval is not None and other.interval is not None
        assert (other.interval.low, other.interval.high) == pytest.approx(
            (-one.interval.high, -one.interval.low)
        )


def test_identical_verdicts_say_nothing_about_a_difference() -> None:
    """The same run twice: difference 0 and p = 1 in both readings."""
    same = Comparisons(N, FIRST, SECOND, np.where(np.arange(66) % 7, 1, -1))
    ours = paired_difference(match([same], [same]), metrics.tau_b(LEVEL))
    assert (ours.difference, ours.differing) == (0.0, 0)
    for reading in (ours.pairs, ours.essays):
        assert (reading.p_value, reading.verdict) == (1.0, PairedVerdict.CANNOT_TELL)


@pytest.mark.parametrize("outcomes", ["", "TTTT"])
def test_nothing_decided_has_no_difference(outcomes: str) -> None:
    """No common comparison, or ties only: None throughout."""
    ours = rates(outcomes, outcomes)
    assert (ours.reference, ours.difference) == (None, None)
    for reading in (ours.pairs, ours.essays):
        assert (reading.interval, reading.p_value, reading.verdict) == (None, None, PairedVerdict.CANNOT_TELL)


def test_verdicts_of_several_variants_are_adjusted() -> None:
    """p = 0.03125 alone is better on these pairs; beside two others it is not."""
    first, second = rates("L" * 6, "H" * 6), rates("H" * 6, "H" * 6)
    assert first.pairs.verdict is PairedVerdict.BETTER
    ours = adjust([first, second, rates("", "")])
    assert [each.pairs.p_adjusted for each in ours] == holm([first.pairs.p_value, second.pairs.p_value, None])
    assert ours[0].pairs.verdict is PairedVerdict.CANNOT_TELL


def test_the_interval_of_a_difference_of_shares_ends_at_one() -> None:
    """Two pairs, both put right: the spread of exchanges reaches beyond 1, and no difference of shares does."""
    ours = rates("LL", "HH")
    error, interval = ours.pairs.standard_error, ours.pairs.interval
    assert ours.difference == 1.0 and interval is not None and error is not None
    assert ours.difference + 1.9 * error > 1
    assert interval.high == 1.0 and -1 <= interval.low < 1
