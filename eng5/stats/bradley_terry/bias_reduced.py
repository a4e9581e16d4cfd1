"""Bradley-Terry scores without the bias that maximum likelihood has when comparisons are few."""

from __future__ import annotations

import numpy as np

from eng5.stats.bradley_terry.design import pair_design
from eng5.stats.bradley_terry.likelihood import PairCounts, logistic_parts
from eng5.stats.bradley_terry.newton import ConvergenceError
from eng5.stats.comparisons import FloatArray

MAX_ITERATIONS = 500
STEP_TOLERANCE = 1e-7
LONGEST = 2.0
"""Bound on a step, logits."""


def bias_reduced(counts: PairCounts, n: int, *, position: bool) -> tuple[FloatArray, float]:
    """Scores of n connected essays, mean 0, and the advantage of the first place, 0 unless ``position``.

    Maximum likelihood puts scores too far out, the more so the less a comparison tells. The maximum of the likelihood
    times Jeffreys' prior has no bias of the first order and is finite whatever the verdicts: its score of a pair is
    w - N p + h (1/2 - p), h the pair's leverage.

    Args:
        counts: decided comparisons; with ``position`` the first of each pair was shown as Essay A.
        n: number of essays.
        position: whether the first place has an advantage; it is taken as 0 where scores alone can explain every
            verdict, as those on a tree of pairs can.

    Raises:
        ConvergenceError: after MAX_ITERATIONS.

    Source: D. Firth (1993), Biometrika 80, 27-38.
    """
    design = pair_design(counts, n, position=position)
    level = np.zeros((design.size, design.size))
    level[:n, :n] = 1.0 / n
    games, x = counts.won + counts.lost, np.zeros(design.size)
    if position and np.linalg.matrix_rank(design.information(games) + level) < design.size:
        return bias_reduced(counts, n, position=False)
    i, j = counts.i, counts.j
    for _ in range(MAX_ITERATIONS):
        p, variance, _ = logistic_parts(design.logits(x))
        weight = games * variance
        inverse = np.linalg.inv(design.information(weight) + level)
        own = np.diagonal(inverse)
        spread = own[i] + own[j] - 2.0 * inverse[i, j]
        if position:
            spread = spread + own[n] + 2.0 * (inverse[i, n] - inverse[j, n])
        leverage = weight * spread
        score = design.gradient(counts.won - games * p + leverage * (0.5 - p))
        step = np.linalg.solve(design.information(weight + leverage * variance) + level, score)
        longest = float(np.abs(step).max(initial=0.0))
        x = x + step * (LONGEST / max(longest, LONGEST))
        if longest < STEP_TOLERANCE:
            return x[:n] - x[:n].mean(), float(x[n]) if position else 0.0
    raise ConvergenceError("a bias-reduced fit", MAX_ITERATIONS, longest)
