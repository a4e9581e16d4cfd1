"""What the next comparison is expected to tell about all abilities together."""

from __future__ import annotations

import numpy as np

from eng5.stats.comparisons import FloatArray

PRIOR_VARIANCE = 4.0
"""Of an ability before anything is known about it, squared logits."""


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
    difference = ability[:, None] - ability[None, :]
    p = 1 / (1 + np.exp(-np.clip(difference, -700, 700)))
    open_outcome = p * (1 - p)
    weight = games * open_outcome
    information = np.diag(weight.sum(axis=1) + 1 / PRIOR_VARIANCE) - weight
    covariance = np.linalg.inv(information)
    variance = np.diagonal(covariance)
    gain: FloatArray = np.log1p(open_outcome * (variance[:, None] + variance[None, :] - 2 * covariance))
    np.fill_diagonal(gain, 0.0)
    return gain
