"""Comparisons by experts that a wanted width takes, against panels that are simulated and fitted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.expected_precision import comparisons_needed
from eng5.stats.expert_prior import expert_scores

ABILITY = np.linspace(-2.4, 2.4, 12)


def fitted(ability: FloatArray, count: int, scatter: float | None, seed: int) -> float:
    """Mean width of the intervals of one panel; every pair as often as any other."""
    rng = np.random.default_rng(seed)
    n = len(ability)
    pairs = np.stack(np.triu_indices(n, 1), axis=1)
    first, second = np.concatenate([rng.permutation(pairs) for _ in range(-(-count // len(pairs)))])[:count].T
    won = rng.random(count) < expit(ability[first] - ability[second])
    said = Comparisons(n, first, second, np.where(won, 1, -1))
    found = expert_scores(said, None if scatter is None else ability + rng.normal(0, scatter, n))
    return float((found.high - found.low).mean())


FIVE = ABILITY[[0, 3, 6, 8, 11]]


@pytest.mark.parametrize(
    ("ability", "scatter"),
    [
        pytest.param(ABILITY, None, id="12 essays"),
        pytest.param(FIVE, 0.3, id="5 essays and a scale"),
        pytest.param(FIVE, None, id="5 essays", marks=pytest.mark.slow),
        pytest.param(ABILITY, 0.3, id="12 essays and a scale", marks=pytest.mark.slow),
    ],
)
def test_the_number_reaches_the_width(ability: FloatArray, scatter: float | None) -> None:
    """With as many comparisons as are said, panels of other seeds have the wanted width, within a tenth."""
    count = comparisons_needed(ability, 1.5, scatter)
    assert count is not None
    found = np.mean([fitted(ability, count, scatter, seed) for seed in range(100, 124)])
    assert found == pytest.approx(1.5, rel=0.1)


def test_a_scale_that_agrees_saves_comparisons() -> None:
    """A judge that is off by 0.3 logits spares more than a quarter of them for 12 essays."""
    alone, helped = comparisons_needed(ABILITY, 1.5), comparisons_needed(ABILITY, 1.5, 0.3)
    assert alone is not None and helped is not None
    assert helped < 0.75 * alone


def test_a_wider_interval_takes_fewer_and_the_impossible_is_none() -> None:
    """Monotone, beyond what is simulated too; a width of a millionth of a logit is not reached."""
    counts = [comparisons_needed(ABILITY, width) for width in (2.5, 1.5, 0.5)]
    assert counts == sorted(counts, key=lambda count: count or 0)
    assert comparisons_needed(ABILITY, 1e-6) is None


@pytest.mark.slow
def test_many_essays_take_as_many_an_essay() -> None:
    """60 essays over the same range: about five times what 12 take."""
    few, many = (comparisons_needed(np.linspace(-2.4, 2.4, n), 1.5, 0.3) for n in (12, 60))
    assert few is not None and many is not None
    assert 2 < many / few < 8
