"""How small a difference between two variants can be found, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import nctdtr, nctdtrinc, stdtrit

from eng5.stats.advice import POWER
from eng5.stats.comparisons import IntArray
from eng5.stats.expected_tau import plausible_runs
from eng5.stats.matching import match
from eng5.stats.paired import FEWEST_ESSAYS, paired_difference
from eng5.stats.paired_metrics import PairedMetric

LEVEL = 0.95
EXAMPLE = (0.82, 0.95)
"""Tau of the baseline and the target as the project's epic set them."""


@dataclass(frozen=True, slots=True)
class ExpectedPower:
    """What a comparison of two variants can show for other essays of the same grades.

    Attributes:
        standard_error: of the difference; None with fewer than five anchors.
        smallest: difference that is found with the probability ``POWER``; None likewise.
        example: probability of finding the difference of ``EXAMPLE``; None likewise, and of another figure.
    """

    standard_error: float | None
    smallest: float | None
    example: float | None


def expected_power(
    grade: IntArray, first: IntArray, second: IntArray, metric: PairedMetric, *,
    runs: tuple[int, int] = (1, 1), tests: int = 1, datasets: int = 16,
) -> ExpectedPower:  # fmt: skip
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
        datasets: number of simulated comparisons.
    """
    grade = np.asarray(grade, dtype=np.int64)
    essays = len(np.unique(np.concatenate([first, second])))
    variances = []
    for number in range(datasets if essays >= FEWEST_ESSAYS else 0):
        rng = np.random.default_rng([0, number])
        sides = [plausible_runs(grade, first, second, rng, count) for count in runs]
        found = paired_difference(match(*sides), metric, level=LEVEL, resamples=1).essays.standard_error
        if found is not None:
            variances.append(found**2)
    if not variances:
        return ExpectedPower(None, None, None)
    error = float(np.sqrt(np.mean(variances)))
    degrees = essays - 1
    critical = float(stdtrit(degrees, 1 - (1 - LEVEL) / tests / 2))
    smallest = float(nctdtrinc(degrees, 1 - POWER, critical)) * error + metric.continuity
    example = None
    if metric.name == "tau_b":
        example = float(1 - nctdtr(degrees, (EXAMPLE[1] - EXAMPLE[0]) / error, critical))
    return ExpectedPower(error, smallest, example)
