"""Variance of means over pairs that share essays."""

import numpy as np
import pytest

from eng5.stats.dyadic import dyadic_variance

ONE, OTHER = np.triu_indices(10, 1)


def by_definition(value: np.ndarray, one: np.ndarray, other: np.ndarray) -> float:
    """The double sum over couples of pairs that share an essay, written out."""
    residual = (value - value.mean()) / len(value)
    shared = sum(
        residual[a] * residual[b]
        for a in range(len(value))
        for b in range(len(value))
        if {one[a], other[a]} & {one[b], other[b]}
    )
    essays = len(set(one) | set(other))
    return float(max(shared * essays / (essays - 2), residual @ residual))


def test_it_is_the_double_sum_over_pairs_that_share_an_essay() -> None:
    """The fast sums by essay agree with the definition of Aronow, Samii and Assenova."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        value = rng.random(len(ONE)) + rng.normal(0, 1, 10)[ONE]
        assert dyadic_variance(value, ONE, OTHER) == pytest.approx(by_definition(value, ONE, OTHER))


def test_repeats_of_a_pair_count_once() -> None:
    """The same pairs thrice, with the same values, tell no more than once."""
    value = np.random.default_rng(1).random(len(ONE))
    assert dyadic_variance(np.tile(value, 3), np.tile(ONE, 3), np.tile(OTHER, 3)) == pytest.approx(
        dyadic_variance(value, ONE, OTHER)
    )


def test_weights_stand_for_repeats() -> None:
    """A pair of weight two is a pair that occurs twice."""
    value = np.random.default_rng(2).random(len(ONE))
    weight = np.where(np.arange(len(ONE)) < 5, 2.0, 1.0)
    twice = np.concatenate([np.arange(len(ONE)), np.arange(5)])
    assert dyadic_variance(value, ONE, OTHER, weight) == pytest.approx(
        dyadic_variance(value[twice], ONE[twice], OTHER[twice])
    )


def test_it_finds_the_variance_of_a_mean_over_essays() -> None:
    """Values that are sums of essay effects have the variance 4 σ² / n, which pairs taken as independent miss."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(200):
        effect = rng.normal(0, 1, 40)
        one, other = np.triu_indices(40, 1)
        found.append(dyadic_variance(effect[one] + effect[other], one, other))
    assert np.mean(found) == pytest.approx(4 / 40, rel=0.15)


def test_two_essays_have_no_variance_over_essays() -> None:
    """Below three essays nothing can be said."""
    assert np.isnan(dyadic_variance(np.array([1.0]), np.array([0]), np.array([1])))
