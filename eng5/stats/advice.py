"""What would decide between two variants: more comparisons, more anchors, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, inf, sqrt

from scipy.special import ndtri, stdtrit

from eng5.stats.paired import PairedReading

POWER = 0.8
"""Probability of a verdict by the time that an answer names."""
FARTHEST = 10
"""An answer that takes more than so many times the present comparisons or anchors is none."""


class Kind(StrEnum):
    """What it would take."""

    COMPARISONS = "comparisons"
    ANCHORS = "anchors"
    NEVER = "never"
    NOTHING_SEEN = "nothing seen"


@dataclass(frozen=True, slots=True)
class AdviceResult:
    """What would tell a true difference of the observed size from none.

    Attributes:
        kind: what it would take.
        more: comparisons of each variant, or anchors, beyond those that there are; None for the other kinds.
        repeats_known: whether it is known how much the verdicts on a pair vary from run to run.
    """

    kind: Kind
    more: int | None
    repeats_known: bool


@dataclass(frozen=True, slots=True)
class DifferenceStudy:
    """Standard error of a difference for other essays.

    Attributes:
        now: with the anchors and comparisons that there are.
        twice_anchors: with twice as many anchors.
        twice_comparisons: with every pair asked twice as often; None where it is not known how much the verdicts
            vary.
    """

    now: float
    twice_anchors: float
    twice_comparisons: float | None


def design_study(standard_error: float, noise_error: float | None) -> DifferenceStudy:
    """How much more would be known with twice of either.

    Args:
        standard_error: of the difference for other essays.
        noise_error: the part that comes from asking only so often; None without replicates.

    Source: the D-study of R. L. Brennan (2001), Generalizability Theory, with these two facets.
    """
    repeats = None
    if noise_error is not None:
        repeats = sqrt(standard_error**2 - min(noise_error, standard_error) ** 2 / 2)
    return DifferenceStudy(standard_error, standard_error / sqrt(2), repeats)


def error_behind(difference: float, reading: PairedReading) -> float | None:
    """The standard error that the reading acts as if it had: never less than its interval or its p-value says.

    With it nothing that is open looks as if it were decided: the interval of few essays is wider than a normal
    one, and the p-value of an exchange may be larger than that of the interval.

    Args:
        difference: observed.
        reading: of the difference.

    Returns:
        None where the reading says nothing; infinity where the p-value of a difference is 1.
    """
    if reading.standard_error is None:
        return None
    found = [reading.standard_error]
    if reading.interval is not None:
        half = max(reading.interval.high - difference, difference - reading.interval.low)
        found.append(half / float(ndtri((1 + reading.interval.level) / 2)))
    if reading.p_value and difference:
        z = -float(ndtri(reading.p_value / 2))
        found.append(abs(difference) / z if z > 0 else inf)
    return max(found)


def replicates_beyond_noise(
    difference: float, sd: float, *, varying: int = 2, level: float = 0.95
) -> int | None:
    """Runs of each variant with which the difference would lie outside the noise of runs.

    Args:
        difference: observed.
        sd: standard deviation between runs of one prompt.
        varying: how many of the two variants vary from run to run.
        level: of the band.

    Returns:
        None where no reasonable number would.
    """
    for runs in range(2, 3 * FARTHEST + 1):
        t = float(stdtrit(varying * (runs - 1), (1 + level) / 2))
        if t * sd * sqrt(varying / runs) < abs(difference):
            return runs
    return None


def more_of_the_same(
    difference: float, standard_error: float, asked: int, *, level: float = 0.95
) -> int | None:
    """Further askings of every pair that would decide on these pairs; None where no reasonable number would.

    Args:
        difference: observed.
        standard_error: of the difference from asking again, which shrinks with the square root of the askings.
        asked: askings of every pair so far.
        level: 1 - error rate of the verdict, after correction for the number of tests.
    """
    if difference == 0 or standard_error == 0:
        return None
    times = (float(ndtri((1 + level) / 2) + ndtri(POWER)) * standard_error / difference) ** 2
    return max(1, ceil(asked * (times - 1))) if times <= FARTHEST else None


def advise(
    difference: float,
    standard_error: float,
    noise_error: float | None,
    *,
    comparisons: int,
    essays: int,
    level: float = 0.95,
) -> AdviceResult:
    """Say what would decide, in the reading of other essays.

    The variance of the difference has a part that comes from asking only so often, which shrinks with the
    comparisons of the same pairs, and a part that comes from these essays, which shrinks with essays alone.
    Without replicates the two are not told apart, and more comparisons are promised to nobody.

    Args:
        difference: observed.
        standard_error: of the difference for other essays.
        noise_error: standard error from asking again, known from replicates; None without them.
        comparisons: of each variant so far.
        essays: anchors so far.
        level: 1 - error rate of the verdict, after correction for the number of tests.
    """
    known = noise_error is not None
    if difference == 0:
        return AdviceResult(Kind.NOTHING_SEEN, None, known)
    wanted = (difference / float(ndtri((1 + level) / 2) + ndtri(POWER))) ** 2
    total, noise = standard_error**2, min(noise_error or 0.0, standard_error) ** 2
    if wanted > total - noise and noise:
        times = noise / (wanted - (total - noise))
        if 1 < times <= FARTHEST:
            return AdviceResult(Kind.COMPARISONS, max(1, ceil(comparisons * (times - 1))), known)
    further = total / wanted - 1
    if further <= FARTHEST:
        return AdviceResult(Kind.ANCHORS, max(1, ceil(essays * further)), known)
    return AdviceResult(Kind.NEVER, None, known)
