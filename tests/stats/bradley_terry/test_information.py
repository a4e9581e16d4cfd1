"""The information: sums over pairs, solved against and inverted, dense and sparse."""

import numpy as np
import pytest

from eng5.stats.bradley_terry.design import pair_design
from eng5.stats.bradley_terry.information import Information, inverse_diagonal, sparse_diagonal
from eng5.stats.bradley_terry.likelihood import PairCounts, decided_terms, tie_terms


@pytest.mark.parametrize("size", [3, 127, 200])
def test_inverse_diagonal(size: int) -> None:
    """The diagonal is that of the inverse, below and above the size where the method changes."""
    root = np.random.default_rng(size).normal(size=(size, size))
    matrix = root @ root.T + np.eye(size)
    assert inverse_diagonal(matrix) == pytest.approx(np.diagonal(np.linalg.inv(matrix)), rel=1e-8)


def test_inverse_diagonal_of_what_rounding_made_indefinite() -> None:
    """A matrix that Cholesky refuses is inverted all the same."""
    matrix = np.diag(np.append(np.ones(199), -1e-3))
    assert inverse_diagonal(matrix)[-1] == pytest.approx(-1e3)


@pytest.mark.parametrize("position", [False, True])
@pytest.mark.parametrize("ties", [False, True])
def test_information_is_the_sum_over_pairs(position: bool, ties: bool) -> None:
    """Each ordered pair adds the outer product of its design row, weighted by the information in d."""
    rng = np.random.default_rng(0)
    i, j = np.array([0, 1, 1, 2]), np.array([1, 0, 2, 0])
    won, lost, tied = rng.integers(1, 9, (3, 4)).astype(float)
    counts, d = PairCounts(i, j, won, lost, tied), rng.normal(size=4)
    terms = tie_terms(counts, d, 0.3) if ties else decided_terms(counts, d)
    rows = np.zeros((4, 3 + position))
    rows[np.arange(4), i], rows[np.arange(4), j] = 1, -1
    rows[:, 3:] = 1
    expected = rows.T @ np.diag(terms.information) @ rows
    if ties:
        border = rows.T @ terms.cross_information
        expected = np.block(
            [[expected, border[:, None]], [border[None, :], np.array([[terms.tie_information]])]]
        )
    information = Information(pair_design(counts, 3, position=position), terms, ties)
    assert information.dense() == pytest.approx(expected)
    score = expected @ rng.normal(size=len(expected))
    penalty = sparse_diagonal(np.full(len(score), 0.1))
    direct = np.linalg.solve(expected + penalty.toarray(), score)
    for precision in (penalty, penalty.toarray()):
        assert information.solve(score, precision, 1e-12) == pytest.approx(direct)
