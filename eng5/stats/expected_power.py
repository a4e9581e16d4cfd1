"""How small a difference between two variants can be found, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, nctdtr, nctdtrinc, stdtrit

from eng5.stats.comparisons import Comparisons, IntArray
from eng5.stats.expected_tau import RESIDUAL_SD, SLOPE
from eng5.stats.matching import match
from eng5.stats.paired import FEWEST_ESSAYS, paired_difference
from eng5.stats.paired_metrics import PairedMetric
from eng5.stats.posterior import grade_score

EXAMPLE = (0.82, 0.95)
"""Tau of the baseline and the target as the project's epic set them."""


@dataclass(frozen=True, slots=True)
class ExpectedPower:
    """What a comparison of two variants can show for other essays of the same grades.

    Attributes:
        standard_error: of the difference; None with fewer than five anchors.
        smallest: difference that is found with the probability ``power``; None likewise.
        example: probability of finding the difference of ``EXAMPLE``; None likewise, and of another figure.
        power: probability for ``smallest``.
        datasets: number of simulated comparisons.
        seed: seed of the generator.
    """

    standard_error: float | None
    smallest: float | None
    example: float | None
    power: float
    datasets: int
    seed: int


def expected_power(
    grade: IntArray,
    first: IntArray,
    second: IntArray,
    metric: PairedMetric,
    *,
    runs: tuple[int, int] = (1, 1),
    tests: int = 1,
    level: float = 0.95,
    power: float = 0.8,
    datasets: int = 16,
    seed: int = 0,
) -> ExpectedPower:
    """Simulate two equally good judges on the comparisons that will be run, and average their standard error.

    The judges are those of ``expected_tau``, each with opinions of its own, so that tau is about 0.85. The power is
    that of Student's t with this error and one degree of freedom less than there are anchors, at Holm's first level.

    Args:
        grade: shape (n,), expert grade, higher is better, -1 unknown.
        first: shape (m,), index of the essay shown as Essay A.
        second: shape (m,), index of the other.
        metric: the figure that decides.
        runs: replicates of the two variants.
        tests: couples of variants that will be compared.
    """
    grade = np.asarray(grade, dtype=np.int64)
    essays = len(np.unique(np.concatenate([first, second]))) if len(first) else 0
    nothing = ExpectedPower(None, None, None, power, datasets, seed)
    if essays < FEWEST_ESSAYS:
        return nothing
    variances = []
    for number in range(datasets):
        rng = np.random.default_rng([seed, number])
        sides = []
        for count in runs:
            theta = SLOPE * grade_score(grade) + rng.normal(0, RESIDUAL_SD, len(grade))
            chance = expit(theta[first] - theta[second])
            sides.append(
                [
                    Comparisons(len(grade), first, second, np.where(rng.random(len(chance)) < chance, 1, -1))
                    for _ in range(count)
                ]
            )
        error = paired_difference(match(*sides), metric, level=level, resamples=1).essays.standard_error
        if error is not None:
            variances.append(error**2)
    if not variances:
        return nothing
    error = float(np.sqrt(np.mean(variances)))
    degrees = essays - 1
    critical = float(stdtrit(degrees, 1 - (1 - level) / tests / 2))
    smallest = float(nctdtrinc(degrees, 1 - power, critical)) * error + metric.continuity
    example = None
    if metric.name == "tau_b":
        example = float(1 - nctdtr(degrees, (EXAMPLE[1] - EXAMPLE[0]) / error, critical))
    return ExpectedPower(error, smallest, example, power, datasets, seed)
