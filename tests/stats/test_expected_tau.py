"""The expected width of tau's interval."""

from itertools import combinations

import numpy as np
import pytest

from eng5.stats.asked_again import reruns
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons
from eng5.stats.expected_tau import expected_tau
from eng5.stats.posterior import draw
from eng5.stats.two_readings import of_tau

GRADE = np.array([0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 8])
PAIRS = np.array(list(combinations(range(12), 2)))


def width(times: int) -> float:
    found = expected_tau(GRADE, np.tile(PAIRS[:, 0], times), np.tile(PAIRS[:, 1], times), datasets=4)
    assert found is not None
    return found


def test_more_comparisons_make_it_narrower() -> None:
    """Twenty times the comparisons leave less than two thirds of the width."""
    assert 0 < width(20) < width(1) * 2 / 3


def test_it_is_of_the_size_that_runs_then_have() -> None:
    """Within a third of the mean interval of six runs by judges of the assumed quality, simulated here."""
    rng, widths = np.random.default_rng(5), []
    for seed in range(6):
        theta = 2.5 * (GRADE - GRADE.mean()) / GRADE.std() + rng.normal(0, 0.75, 12)
        chance = 1 / (1 + np.exp(theta[PAIRS[:, 1]] - theta[PAIRS[:, 0]]))
        outcome = np.where(rng.random(len(PAIRS)) < chance, 1, -1)
        comparisons = Comparisons(12, PAIRS[:, 0], PAIRS[:, 1], outcome)
        again = reruns(draw(comparisons, GRADE, resamples=500, seed=seed))
        found = of_tau(GRADE, fit(comparisons).theta, again)
        assert found is not None
        widths.append(found.these_pairs.high - found.these_pairs.low)
    assert 2 / 3 < width(1) / np.mean(widths) < 3 / 2


@pytest.mark.parametrize("grade", [np.array([3, 3, 3]), np.array([-1, -1, -1])])
def test_without_grades_to_tell_apart_there_is_none(grade: np.ndarray) -> None:
    """All equal, or all unknown: tau is undefined."""
    assert expected_tau(grade, np.array([0, 1]), np.array([1, 2])) is None


def test_without_comparisons_there_is_none() -> None:
    """Nothing to simulate."""
    assert expected_tau(GRADE, np.array([], dtype=int), np.array([], dtype=int)) is None
