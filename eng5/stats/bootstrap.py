"""Bootstrap over comparisons: how far the scores move when the comparisons are drawn again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.bradley_terry.batch_newton import modes, pair_design
from eng5.stats.bradley_terry.likelihood import aggregate
from eng5.stats.comparisons import Comparisons, FloatArray

RIDGE = 0.02
"""Precision of the penalty that keeps refits finite, sd 7 logits; as alpha = 0.01 in `choix`."""


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Refits to comparisons drawn with replacement.

    Attributes:
        theta: shape (b, n), abilities, each row with mean 0.
        standard_error: shape (n,), standard deviation over resamples; a check on the one from the Fisher
            information. Percentiles of ``theta`` are no confidence intervals: see ``posterior``.
        iterations: Newton steps of the slowest refit.
        resamples: number of resamples b.
        seed: seed of the generator.
        method: how they were made.
    """

    theta: FloatArray
    standard_error: FloatArray
    iterations: int
    resamples: int
    seed: int
    method: str


def bootstrap(
    comparisons: Comparisons, *, position_effect: bool = False, resamples: int = 1000, seed: int = 0
) -> Bootstrap:
    """Draw as many decided comparisons with replacement as there are, and refit, resamples times.

    Raises:
        ConvergenceError: when a refit does not converge.
    """
    counts = aggregate(comparisons, positions=position_effect, ties=False)
    n, pairs = comparisons.n, len(counts.i)
    design = pair_design(counts, n, position=position_effect)
    ridge = RIDGE * np.eye(design.size)
    centre = modes(design, counts.won, counts.lost, ridge, start=np.zeros((1, design.size)))

    cells = np.concatenate([counts.won, counts.lost]).astype(np.int64)
    cell = np.repeat(np.arange(2 * pairs), cells)
    rng = np.random.default_rng(seed)
    drawn = cell[rng.integers(0, max(len(cell), 1), (resamples, len(cell)))]
    drawn += 2 * pairs * np.arange(resamples)[:, None]
    again = np.bincount(drawn.ravel(), minlength=2 * pairs * resamples).reshape(resamples, 2 * pairs)
    start = np.repeat(centre.point, resamples, axis=0)
    refits = modes(
        design, again[:, :pairs].astype(np.float64), again[:, pairs:].astype(np.float64), ridge, start=start
    )
    theta = refits.point[:, :n]
    if n:
        theta = theta - theta.mean(axis=1, keepdims=True)
    return Bootstrap(
        theta=theta,
        standard_error=theta.std(axis=0, ddof=1) if resamples > 1 else np.full(n, np.nan),
        iterations=refits.iterations,
        resamples=resamples,
        seed=seed,
        method="nonparametric bootstrap over comparisons, ridge-penalised refits",
    )
