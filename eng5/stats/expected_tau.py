"""How wide tau's interval will be, before anything is judged."""

from __future__ import annotations

import numpy as np

from eng5.stats.asked_again import reruns
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons, IntArray
from eng5.stats.posterior import draw, grade_score
from eng5.stats.two_readings import of_tau

SLOPE = 2.5
"""Assumed spread of the judge's abilities along the expert order: logits per standard deviation of the mid-rank."""
RESIDUAL_SD = 0.75
"""Assumed scatter of the abilities around that line, logits; together with the slope tau is about 0.85."""
RESAMPLES = 400


def expected_tau(grade: IntArray, first: IntArray, second: IntArray, *, datasets: int = 12) -> float | None:
    """Mean width of the 95 % interval of tau-b over simulated runs; None where tau is undefined.

    Args:
        grade: shape (n,), expert grade, higher is better, -1 unknown.
        first: shape (m,), index of the essay shown as Essay A.
        second: shape (m,), index of the other.
        datasets: number of simulated runs.
    """
    widths = []
    grade = np.asarray(grade, dtype=np.int64)
    for number in range(datasets if len(first) else 0):
        (comparisons,) = plausible_runs(grade, first, second, np.random.default_rng([0, number]))
        draws = draw(comparisons, grade, resamples=RESAMPLES, seed=number)
        found = of_tau(grade, fit(comparisons).theta, reruns(draws, seed=number))
        if found is None:
            return None
        widths.append(found.these_pairs.high - found.these_pairs.low)
    return float(np.mean(widths)) if widths else None


def plausible_runs(
    grade: IntArray, first: IntArray, second: IntArray, rng: np.random.Generator, runs: int = 1
) -> list[Comparisons]:
    """Runs of a judge with P(A wins) = σ(θ_A - θ_B), θ_i = ``SLOPE`` x_i + N(0, ``RESIDUAL_SD``²).

    x is the standardised mid-rank of the expert grade; the arguments are those of ``expected_tau``.
    """
    theta = SLOPE * grade_score(grade) + rng.normal(0, RESIDUAL_SD, len(grade))
    chance = 1 / (1 + np.exp(-(theta[first] - theta[second])))
    return [
        Comparisons(len(grade), first, second, np.where(rng.random(len(chance)) < chance, 1, -1))
        for _ in range(runs)
    ]
