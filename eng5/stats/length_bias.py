"""Whether a judge gives longer essays more than their grade."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import Comparisons, FloatArray, IntArray
from eng5.stats.interval import IntervalResult
from eng5.stats.jackknife import jackknife_variance, tau_b_leave_one_out
from eng5.stats.kendall import kendall
from eng5.stats.win_rate import WinRate, win_rate

FEWEST_ESSAYS = 5


@dataclass(frozen=True, slots=True)
class LengthBiasResult:
    """Length in the verdicts, and in the scores beside the grade.

    Attributes:
        longer_won: decided comparisons of essays of different length that the longer one won.
        graded_higher: of those with different known grades, the share in which the longer one has the higher grade;
            None without any.
        tendency: tau-b of length and of score beyond grade; None where it is undefined.
        interval: of it, for other essays; None below five essays.
    """

    longer_won: WinRate
    graded_higher: float | None
    tendency: float | None
    interval: IntervalResult | None


def length_bias(
    comparisons: Comparisons, words: IntArray, level: IntArray, beyond: FloatArray, confidence: float = 0.95
) -> LengthBiasResult:
    """Hold lengths against verdicts and against what scores say beyond grades.

    The share of wins of the longer essay says nothing by itself, since better essays are often longer; so the
    experts' own share on the same comparisons stands beside it. The tendency takes the grade out essay by essay.

    Args:
        comparisons: n essays.
        words: shape (n,), length of each essay, -1 unknown.
        level: shape (n,), grade, -1 unknown.
        beyond: shape (n,), how much higher the judge places an essay than its grade; NaN unknown.
        confidence: level of the intervals. That of the tendency is Student's t of the delete-one-essay jackknife.
    """
    words, level = np.asarray(words), np.asarray(level)
    first, second, outcome = comparisons.first, comparisons.second, comparisons.outcome
    longer = np.sign(words[first] - words[second])
    told = (outcome != 0) & (longer != 0) & (words[first] >= 0) & (words[second] >= 0)
    graded = told & (level[first] >= 0) & (level[second] >= 0) & (level[first] != level[second])
    higher = np.sign(level[first] - level[second])
    known = (words >= 0) & ~np.isnan(beyond)
    length, excess = np.where(known, words, -1), np.where(known, beyond, 0.0)
    tendency, interval = kendall(length, excess).tau_b if known.sum() > 1 else None, None
    n = int(known.sum())
    if tendency is not None and n >= FEWEST_ESSAYS:
        variance = jackknife_variance(tau_b_leave_one_out(length, excess))
        if not np.isnan(variance):
            error, method = float(np.sqrt(variance)), "t of the delete-one-essay jackknife"
            interval = IntervalResult.student(tendency, error, n - 1, confidence, method, (-1.0, 1.0))
    return LengthBiasResult(
        longer_won=win_rate(int((outcome == longer)[told].sum()), int(told.sum()), confidence),
        graded_higher=float((higher == longer)[graded].mean()) if graded.any() else None,
        tendency=tendency,
        interval=interval,
    )
