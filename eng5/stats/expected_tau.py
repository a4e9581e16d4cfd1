"""How wide tau's interval will be, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class ExpectedTau:
    """Mean over simulated runs.

    Attributes:
        width: upper minus lower end of the interval of tau-b; None where tau is undefined.
        level: level of the interval.
        datasets: number of simulated runs.
        seed: seed of the generator.
    """

    width: float | None
    level: float
    datasets: int
    seed: int


def expected_tau(
    grade: IntArray,
    first: IntArray,
    second: IntArray,
    *,
    level: float = 0.95,
    datasets: int = 12,
    resamples: int = 400,
    seed: int = 0,
) -> ExpectedTau:
    """Simulate a plausible judge on the comparisons that will be run, and average the width of the interval.

    P(A wins) = σ(θ_A - θ_B) with θ_i = ``SLOPE`` x_i + N(0, ``RESIDUAL_SD``²), x the standardised mid-rank of the
    expert grade; the interval is the one that reports show.

    Args:
        grade: shape (n,), expert grade, higher is better, -1 unknown.
        first: shape (m,), index of the essay shown as Essay A.
        second: shape (m,), index of the other.
    """
    widths = []
    grade = np.asarray(grade, dtype=np.int64)
    for number in range(datasets if len(first) else 0):
        rng = np.random.default_rng([seed, number])
        theta = SLOPE * grade_score(grade) + rng.normal(0, RESIDUAL_SD, len(grade))
        chance = 1 / (1 + np.exp(-(theta[first] - theta[second])))
        outcome = np.where(rng.random(len(chance)) < chance, 1, -1)
        comparisons = Comparisons(len(grade), first, second, outcome)
        draws = draw(comparisons, grade, resamples=resamples, seed=seed + number)
        found = of_tau(grade, fit(comparisons).theta, reruns(draws, seed=seed + number), level)
        if found is None:
            return ExpectedTau(None, level, datasets, seed)
        widths.append(found.these_pairs.high - found.these_pairs.low)
    return ExpectedTau(float(np.mean(widths)) if widths else None, level, datasets, seed)
