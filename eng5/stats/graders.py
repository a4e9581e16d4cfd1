"""Several graders of the same essays: how far they agree, and how good an order by their median can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.interval import IntervalResult
from eng5.stats.jackknife import jackknife_variance
from eng5.stats.kappa import grade_agreement
from eng5.stats.kendall import kendall

OfEssays = Callable[[IntArray], float | None]
"""From the indices of some essays to a figure; None where it is undefined."""
METHOD = "t of the jackknife over essays"
FEWEST = 4
"""Below this many essays a figure has no interval."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its interval over essays; None where it is undefined."""

    value: float | None
    interval: IntervalResult | None


def over_essays(figure: OfEssays, n: int, level: float = 0.95, lowest: float = -1.0) -> Figure:
    """A figure of some essays, with the jackknife's interval for essays drawn anew.

    Args:
        figure: of the essays with these indices; None where it is undefined.
        n: number of essays.
        level: level of the interval.
        lowest: least possible value; the greatest is 1.
    """
    essays = np.arange(n)
    value = figure(essays)
    if value is None or n < FEWEST:
        return Figure(value, None)
    left_out = [figure(np.delete(essays, place)) for place in range(n)]
    without = np.array([np.nan if one is None else one for one in left_out])
    variance = jackknife_variance(without)
    known = int((~np.isnan(without)).sum())
    if np.isnan(variance) or known < FEWEST:
        return Figure(value, None)
    error = float(np.sqrt(variance))
    return Figure(value, IntervalResult.student(value, error, known - 1, level, METHOD, (lowest, 1.0)))


def krippendorff_alpha(grade: FloatArray) -> float | None:
    """Krippendorff's α for ordinal grades: 1 - observed / expected disagreement.

    Args:
        grade: shape (n, g), the grade of each essay by each grader as a place on the scale; NaN where a
            grader gave none.

    Returns:
        1 for perfect agreement, 0 for that of chance; None without two grades of an essay or two different ones.

    Source: K. Krippendorff (2011), Computing Krippendorff's alpha-reliability, University of Pennsylvania.
    """
    values, place = np.unique(grade[~np.isnan(grade)], return_inverse=True)
    coincidence = np.zeros((len(values), len(values)))
    places = np.full(grade.shape, -1)
    places[~np.isnan(grade)] = place
    for row in places:
        of_essay = np.bincount(row[row >= 0], minlength=len(values)).astype(np.float64)
        count = of_essay.sum()
        if count > 1:
            coincidence += (np.outer(of_essay, of_essay) - np.diag(of_essay)) / (count - 1)
    each = coincidence.sum(axis=1)
    total = each.sum()
    upto = np.cumsum(each)
    between = (
        np.abs(upto[:, None] - upto[None, :])
        - (each[:, None] - each[None, :])
        * np.sign(np.arange(len(each))[:, None] - np.arange(len(each))[None, :])
        / 2
    )
    expected = float((np.outer(each, each) * between**2).sum())
    if expected == 0:
        return None
    return 1 - float((total - 1) * (coincidence * between**2).sum() / expected)


def mean_kappa(grade: FloatArray) -> float | None:
    """Quadratic weighted kappa of every two graders, the mean over couples; None without any.

    Args:
        grade: as for :func:`krippendorff_alpha`.
    """
    found = []
    for one, other in combinations(range(grade.shape[1]), 2):
        both = ~np.isnan(grade[:, [one, other]]).any(axis=1)
        kappa = grade_agreement(grade[both, one].astype(np.int64), grade[both, other].astype(np.int64)).kappa
        if kappa is not None:
            found.append(kappa)
    return sum(found) / len(found) if found else None


def tau_against_others(grade: FloatArray, grader: int) -> float | None:
    """Kendall's tau-b of one grader with the median of the others, over essays that both graded.

    Args:
        grade: as for :func:`krippendorff_alpha`.
        grader: column of the one.
    """
    return tau_against_median(grade[:, grader], np.delete(grade, grader, axis=1))


def tau_against_median(score: FloatArray, grade: FloatArray) -> float | None:
    """Kendall's tau-b of scores with the median of graders.

    Args:
        score: shape (n,), higher is better; NaN unknown.
        grade: shape (n, g), as for :func:`krippendorff_alpha`.
    """
    graded = ~np.isnan(score) & (~np.isnan(grade)).any(axis=1)
    if not graded.any():
        return None
    ranks = np.unique(np.nanmedian(grade[graded], axis=1), return_inverse=True)[1]
    return kendall(ranks, score[graded]).tau_b


def reliability(grade: FloatArray) -> float | None:
    """Share of the variance of a median of the graders that is not their error, 0 … 1.

    By the one-way random-effects analysis of variance, the median taken as a mean; essays with one grade say
    nothing about error. None without two essays that have two grades, or without any variance.

    Source: P. E. Shrout and J. L. Fleiss (1979), Psychol. Bull. 86, 420-428, ICC(1, k).
    """
    several = grade[(~np.isnan(grade)).sum(axis=1) > 1]
    counts = (~np.isnan(several)).sum(axis=1)
    if len(several) < 2:
        return None
    means = np.nanmean(several, axis=1)
    within = float(np.nansum((several - means[:, None]) ** 2)) / float((counts - 1).sum())
    weighted = float(counts @ means) / float(counts.sum())
    between = float(counts @ (means - weighted) ** 2) / (len(several) - 1)
    return None if between == 0 else max(0.0, 1 - within / between)


def tau_of_perfect_judge(of_graders: float) -> float:
    """Kendall's tau that a judge without any error reaches against graders of this reliability.

    For normal variables tau = 2/π asin r, and a perfect judge's correlation is the root of the reliability.

    Source: R. Greiner (1909), Z. Math. Phys. 57, 121-158.
    """
    return float(2 / np.pi * np.arcsin(np.sqrt(of_graders)))


def tau_without_grader_error(tau: float, of_graders: float) -> float | None:
    """Kendall's tau with the error of the graders taken out; None where there is nothing but error.

    The correlation behind tau divided by the root of the graders' reliability, never beyond 1.

    Source: Greiner as above; C. Spearman (1904), Am. J. Psychol. 15, 72-101.
    """
    if of_graders <= 0:
        return None
    r = np.sin(np.pi / 2 * tau) / np.sqrt(of_graders)
    return float(2 / np.pi * np.arcsin(np.clip(r, -1.0, 1.0)))
