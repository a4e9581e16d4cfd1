"""Comparisons by experts that a wanted width takes, against panels that are simulated and fitted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from eng5.stats.comparisons import Comparisons
from eng5.stats.expected_precision import comparisons_needed, comparisons_with_scale, expected_width
from eng5.stats.expert_prior import expert_scores

ABILITY = np.linspace(-2.4, 2.4, 12)


def fitted(count: int, scatter: float | None, seed: int) -> float:
    """Mean width of the intervals of one panel; every pair as often as any other."""
    rng = np.random.default_rng(seed)
    pairs = np.stack(np.triu_indices(12, 1), axis=1)
    first, second = np.concatenate([rng.permutation(pairs) for _ in range(-(-count // 66))])[:count].T
    won = rng.random(count) < expit(ABILITY[first] - ABILITY[second])
    said = Comparisons(12, first, second, np.where(won, 1, -1))
    found = expert_scores(said, None if scatter is None else ABILITY + rng.normal(0, scatter, 12))
    return float((found.high - found.low).mean())


def test_the_width_is_that_of_fitted_panels() -> None:
    """Within a tenth, at two numbers of comparisons."""
    for count in (132, 396):
        found = np.mean([fitted(count, None, seed) for seed in range(8)])
        assert expected_width(ABILITY, count) == pytest.approx(found, rel=0.1)


def test_the_number_reaches_the_width_with_and_without_a_scale() -> None:
    """With as many comparisons as are said, panels of other seeds have the wanted width, within a sixth."""
    alone, helped = comparisons_needed(ABILITY, 1.5), comparisons_with_scale(ABILITY, 1.5, 0.3)
    assert alone is not None and helped is not None
    assert helped < alone
    assert np.mean([fitted(alone, None, seed) for seed in range(100, 108)]) == pytest.approx(1.5, rel=1 / 6)
    assert np.mean([fitted(helped, 0.3, seed) for seed in range(100, 108)]) == pytest.approx(1.5, rel=1 / 6)


def test_a_wider_interval_takes_fewer_and_the_impossible_is_none() -> None:
    """Monotone; a width of a millionth of a logit is not reached."""
    counts = [comparisons_needed(ABILITY, width) for width in (2.5, 2.0, 1.5, 1.0)]
    assert counts == sorted(counts, key=lambda count: count or 0)
    assert comparisons_needed(ABILITY, 1e-6) is None
    assert comparisons_with_scale(ABILITY, 1e-6, 0.3) is None


def test_many_essays_take_as_many_an_essay() -> None:
    """60 essays over the same range: about five times what 12 take."""
    few, many = (comparisons_with_scale(np.linspace(-2.4, 2.4, n), 1.5, 0.3) for n in (12, 60))
    assert few is not None and many is not None
    assert 2 < many / few < 8
