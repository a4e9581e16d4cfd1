"""What the next comparison is expected to tell about all abilities together."""

from __future__ import annotations

import numpy as np

from eng5.stats.comparisons import FloatArray

PRIOR_VARIANCE = 4.0
"""Of an ability before anything is known about it, squared logits."""
MOST_STEPS = 50
LONGEST_STEP = 2.0
TOLERANCE = 1e-6


def likeliest_abilities(wins: FloatArray) -> FloatArray:
    """Shape (n,): the mode of the abilities' posterior, with a normal prior of PRIOR_VARIANCE; Newton's method.

    The prior makes it one point also where essays won or lost everything, or were not compared at all.

    Args:
        wins: shape (n, n), how often the row's essay beat the column's; a tie is half a win of each.
    """
    ability: FloatArray = np.zeros(len(wins))
    games = wins + wins.T
    for _ in range(MOST_STEPS):
        p = _probability(ability)
        score = (wins - games * p).sum(axis=1) - ability / PRIOR_VARIANCE
        step = np.linalg.solve(_information(p, games), score)
        ability += step * min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < TOLERANCE:
            break
    return ability


def expected_gain(ability: FloatArray, games: FloatArray) -> FloatArray:
    """Gain in the logarithm of the determinant of the information when two essays are compared once more.

    With information I = Σ games p (1 - p) (e_i - e_j)(e_i - e_j)' + 1 / PRIOR_VARIANCE and C = I⁻¹, a comparison of
    i and j adds log(1 + p_ij (1 - p_ij) (C_ii + C_jj - 2 C_ij)): it tells most where the outcome is open and the
    difference is not yet known. D-optimality; M. E. Glickman and S. T. Jensen (2005), "Adaptive paired comparison
    design", Journal of Statistical Planning and Inference 127, 279-293.

    Args:
        ability: shape (n,), logits.
        games: shape (n, n), symmetric, comparisons so far.

    Returns:
        Shape (n, n), symmetric, 0 on the diagonal.
    """
    p = _probability(ability)
    covariance = np.linalg.inv(_information(p, games))
    variance = np.diagonal(covariance)
    gain: FloatArray = np.log1p(p * (1 - p) * (variance[:, None] + variance[None, :] - 2 * covariance))
    np.fill_diagonal(gain, 0.0)
    return gain


def _probability(ability: FloatArray) -> FloatArray:
    """Shape (n, n): that the row's essay beats the column's."""
    difference = ability[:, None] - ability[None, :]
    p: FloatArray = 1 / (1 + np.exp(-np.clip(difference, -700, 700)))
    return p


def _information(p: FloatArray, games: FloatArray) -> FloatArray:
    weight = games * p * (1 - p)
    information: FloatArray = np.diag(weight.sum(axis=1) + 1 / PRIOR_VARIANCE) - weight
    return information
