"""A boundary as other essays of the same grades would show it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from eng5.stats.boundary_essays import over_essays
from eng5.stats.comparisons import FloatArray, IntArray


def complete(higher: int, lower: int) -> tuple[IntArray, IntArray]:
    """Every essay of one grade with every essay of the other."""
    one, other = np.divmod(np.arange(higher * lower), lower)
    return one, higher + other


def rates(kind: str, one: IntArray, other: IntArray, rng: np.random.Generator) -> FloatArray:
    """Win rates of ten iterations in both orders, of a judge to whom the two grades are alike."""
    essay = rng.normal(0, 1.1, int(other.max()) + 1) if "essay" in kind else np.zeros(int(other.max()) + 1)
    logit = essay[one] - essay[other] + (rng.normal(0, 1.5, len(one)) if "pair" in kind else 0.0)
    if "always" in kind:
        return np.asarray(logit > 0, dtype=np.float64)
    return np.asarray(rng.binomial(20, expit(logit)) / 20)


@pytest.mark.parametrize("kind", ["pair", "essay", "always pair", "always essay", "plain"])
@pytest.mark.parametrize(("higher", "lower"), [(2, 2), (4, 4), (4, 8), (8, 8)])
def test_grades_alike_in_the_population_are_rarely_told_apart(kind: str, higher: int, lower: int) -> None:
    """Of 200 boundaries at most 18 (5 %, and 2.6 standard errors) get a verdict, whatever the judge's opinions."""
    rng, (one, other) = np.random.default_rng(5), complete(higher, lower)
    told = 0
    for _ in range(200):
        found = over_essays(rates(kind, one, other, rng), one, other)
        assert found is not None and found.p_value is not None
        told += found.p_value <= 0.05
    assert told <= 18


def test_grades_that_are_apart_in_the_population_are_found() -> None:
    """Six essays of either grade, one and a half logits apart with small opinions: found in 45 of 50 at least."""
    rng, (one, other) = np.random.default_rng(6), complete(6, 6)
    found = 0
    for _ in range(50):
        logit = 1.5 + rng.normal(0, 0.5, 36)
        seen = over_essays(np.asarray(rng.binomial(20, expit(logit)) / 20), one, other)
        found += seen is not None and seen.p_value is not None and seen.p_value <= 0.05 and seen.rate > 0.5
    assert found >= 45


def test_the_least_p_value_is_that_of_an_order_by_chance() -> None:
    """All of 3 essays before all of 3 others by chance: 1 of C(6, 3) = 20 orders, either way 0.1; four can tell."""
    one, other = complete(3, 3)
    found = over_essays(np.ones(9), one, other)
    assert found is not None
    assert found.least_p == pytest.approx(0.1, abs=0.01)
    assert found.p_value == found.least_p and found.wanted == 4
    four = over_essays(np.ones(16), *complete(4, 4))
    assert four is not None and four.wanted is None
    assert four.least_p == pytest.approx(2 / 70, abs=0.006) and (four.p_value or 1.0) <= 0.05


def test_a_single_essay_on_one_side_says_nothing_of_others() -> None:
    """The rate is there, and neither interval nor p-value; without a pair there is nothing at all."""
    found = over_essays(np.array([0.9, 0.8]), np.array([0, 0]), np.array([1, 2]))
    assert found is not None
    assert found.rate == pytest.approx(0.85) and (found.interval, found.p_value) == (None, None)
    nobody = np.array([], dtype=np.int64)
    assert over_essays(np.array([]), nobody, nobody) is None


def test_repeats_are_no_further_evidence() -> None:
    """The interval looks at the rates of pairs and not at how often they were asked; it holds the mean."""
    one, other = complete(4, 4)
    found = over_essays(np.linspace(0.3, 0.9, 16), one, other)
    assert found is not None and found.interval is not None
    assert found.rate in found.interval and found.interval.high - found.interval.low > 0.3
