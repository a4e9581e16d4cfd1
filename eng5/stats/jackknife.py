"""Delete-one-essay jackknife: how far a figure would move with other essays of the same grades."""

from __future__ import annotations

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.kendall import TIE


def jackknife_variance(without: FloatArray) -> float:
    """Variance of a figure from its values without each of n essays, shape (n,).

    (n - 1) / n · Σ (value without i - their mean)². NaN values (a figure that is undefined without that
    essay) are left out; NaN below three values.

    Source: J. W. Tukey (1958), Ann. Math. Statist. 29, 614; for U-statistics such as Kendall's tau,
    J. N. Arvesen (1969), Ann. Math. Statist. 40, 2076-2100.
    """
    known = without[~np.isnan(without)]
    n = len(known)
    return float((n - 1) * known.var()) if n > 2 else float("nan")


def tau_b_leave_one_out(level: IntArray, score: FloatArray) -> FloatArray:
    """Shape (g,): tau-b without each of the g essays of known grade, their scores held.

    The scores are not fitted again without the essay: in a design in which every essay met many others that
    moves no variance that matters (``benchmarks/coverage_alignment.py``), and it is O(g²) instead of g fits.
    For the difference of two variants, subtract the two results before ``jackknife_variance``.

    Args:
        level: shape (n,), expert grade, higher is better, -1 unknown and left out.
        score: shape (n,), higher is better.
    """
    level, score = np.asarray(level), np.asarray(score, dtype=np.float64)
    known = level >= 0
    grade, value = level[known].astype(np.float64), score[known]
    by_grade = np.sign(grade[:, None] - grade[None, :])
    apart = value[:, None] - value[None, :]
    by_score = np.where(np.abs(apart) <= TIE, 0.0, np.sign(apart))
    net = by_grade * by_score

    def without(rows: FloatArray) -> FloatArray:
        of_essay = rows.sum(axis=1)
        return np.asarray(of_essay.sum() / 2.0 - of_essay)

    untied = without(np.abs(by_grade)) * without(np.abs(by_score))
    tau: FloatArray = np.divide(
        without(net), np.sqrt(untied), out=np.full(len(grade), np.nan), where=untied > 0
    )
    return tau
