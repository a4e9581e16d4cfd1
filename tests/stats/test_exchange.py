"""Exchange of what two variants said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import permutation_test

from eng5.stats.exchange import arrangements, exchange_essays
from eng5.stats.kendall import tau_b_many

LEVEL = np.arange(6)


def test_two_runs_of_few_units_are_enumerated() -> None:
    """Three units: eight patterns, each place holding one run or the other, all different."""
    found = arrangements(2, 3, 1000, 0)
    assert found.enumerated and found.places.shape == (8, 2, 3)
    assert (found.places.sum(axis=1) == 1).all()
    assert len({each.tobytes() for each in found.places}) == 8


def test_runs_of_more_units_are_drawn_and_the_observed_counts() -> None:
    """Every unit holds every run once; the p-value is never 0."""
    found = arrangements(3, 40, 99, 1)
    assert not found.enumerated and found.places.shape == (99, 3, 40)
    assert (np.sort(found.places, axis=1) == np.arange(3)[:, None]).all()
    assert found.p_value(np.zeros(99), 1.0) == pytest.approx(0.01)


def test_exchange_of_essays_is_the_paired_permutation_test_of_scipy() -> None:
    """The same p-value as scipy's exact permutation of paired samples, on standardised scores."""
    rng = np.random.default_rng(2)
    one, other = rng.normal(LEVEL, 2.0), rng.normal(LEVEL, 0.3)
    a, b = ((each - each.mean()) / each.std() for each in (one, other))

    def apart(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
        x, y = (np.moveaxis(each, axis, -1) for each in (x, y))
        shape = x.shape[:-1]
        flat = [tau_b_many(LEVEL, each.reshape(-1, len(LEVEL))).reshape(shape) for each in (x, y)]
        return np.asarray(flat[1] - flat[0])

    theirs = permutation_test((a, b), apart, permutation_type="samples", vectorized=True, axis=-1)
    ours = exchange_essays(one[None], other[None], lambda scores: tau_b_many(LEVEL, scores))
    assert ours == pytest.approx(theirs.pvalue)


def test_the_unit_of_scores_and_the_side_do_not_matter() -> None:
    """Scores times ten, or the two exchanged: the same p-value."""
    rng = np.random.default_rng(3)
    one, other = rng.normal(LEVEL, 2.0)[None], rng.normal(LEVEL, 0.3)[None]

    def figure(scores: np.ndarray) -> np.ndarray:
        return tau_b_many(LEVEL, scores)

    expected = exchange_essays(one, other, figure)
    assert exchange_essays(10 * one, other, figure) == pytest.approx(expected)
    assert exchange_essays(other, one, figure) == pytest.approx(expected)
