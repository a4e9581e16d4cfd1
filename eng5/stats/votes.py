"""Votes of several judges on the same questions: a verdict by majority, or by weights that need no grades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, stdtrit

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.interval import IntervalResult
from eng5.stats.jackknife import jackknife_variance

ROUNDS = 500
SETTLED = 1e-9


@dataclass(frozen=True, eq=False)
class MemberReliability:
    """How reliable k judges are, by what they say of each other.

    Attributes:
        accuracy: shape (k,), probability that the judge chooses the better essay; NaN without a vote.
        weight: shape (k,), log odds of the accuracy; 0 for a judge that is no better than a coin.
    """

    accuracy: FloatArray
    weight: FloatArray


def reliability(votes: FloatArray) -> MemberReliability:
    """Dawid and Skene's model with one accuracy a judge, fitted by EM; which essay is better is not known.

    Given the better essay of a question, judges err independently, judge m with probability 1 - p_m; before
    the votes either essay is the better with probability 1/2. Each p_m is drawn to one half by one vote right
    and one wrong. The posterior log odds of a question are Σ vote · logit p_m, so logit p_m is the weight that
    Bayes' theorem gives to a vote. Judges that copy each other break the assumption: they seem reliable
    together, so look at :func:`independence` as well. Two judges alone have equal weights.

    Args:
        votes: shape (q, k), 1 for the first essay, -1 for the second, 0 for a tie, NaN for no answer.

    Source: A. P. Dawid, A. M. Skene (1979), Appl. Stat. 28:20-28.
    """
    said = np.nan_to_num(votes)
    count = np.abs(said).sum(axis=0)
    weight = np.ones(votes.shape[1])
    accuracy = np.full(votes.shape[1], np.nan)
    for _ in range(ROUNDS):
        first = expit(said @ weight)[:, None]
        right = (np.where(said > 0, first, 0.0) + np.where(said < 0, 1.0 - first, 0.0)).sum(axis=0)
        accuracy = (right + 1.0) / (count + 2.0)
        before, weight = weight, np.maximum(logit(accuracy), 0.0)
        if np.abs(weight - before).max(initial=0.0) < SETTLED:
            break
    return MemberReliability(np.where(count > 0, accuracy, np.nan), np.where(count > 0, weight, 0.0))


def verdicts(votes: FloatArray, weight: FloatArray | None = None) -> FloatArray:
    """Shape (q,): 1, -1, 0 where the votes are split, NaN where nobody answered.

    Args:
        votes: as for :func:`reliability`.
        weight: shape (k,); all alike by default, which is the majority of those that chose.
    """
    share = np.ones(votes.shape[1]) if weight is None else weight
    total = np.nan_to_num(votes) @ share
    decided = np.where(np.abs(total) < 1e-9, 0.0, np.sign(total))
    return np.where(np.isnan(votes).all(axis=1), np.nan, decided)


@dataclass(frozen=True, eq=False)
class Independence:
    """How far the errors of k judges go together.

    Attributes:
        correlation: shape (k, k), of the errors of every two; NaN where one of them never errs.
        mean: over every two of known correlation; None without.
        mean_interval: for other essays.
        judges: effective number of independent judges; None without a mean.
        judges_interval: of it.
    """

    correlation: FloatArray
    mean: float | None
    mean_interval: IntervalResult | None
    judges: float | None
    judges_interval: IntervalResult | None


def independence(
    votes: FloatArray, gap: IntArray, i: IntArray, j: IntArray, *, level: float = 0.95
) -> Independence:
    """Effective number of independent judges, k / (1 + (k - 1) r), r the mean correlation of two judges' errors.

    That is how many judges of the same accuracy with independent errors would give a mean vote of the same
    variance (Kish's design effect). Questions differ in difficulty, and judges that err independently still err
    more often on the same, hard ones. So errors are counted from each judge's own rate of errors at that
    distance of grades. r below 0 counts as 0: a panel is worth no more judges than it has.

    Args:
        votes: shape (q, k), as for :func:`reliability`.
        gap: shape (q,), grade of the first essay less that of the second, levels; 0 where there is none.
        i: shape (q,), the first essay of each question.
        j: shape (q,), the second.
        level: of the intervals: Student's t of the jackknife over essays, on Fisher's z scale.

    Source: L. Kish (1965), Survey Sampling, section 5.4.
    """
    k = votes.shape[1]
    graded = gap != 0
    found, essays = _correlation(votes[graded], gap[graded]), np.union1d(i[graded], j[graded])
    mean = _mean(found)
    if np.isnan(mean):
        return Independence(found, None, None, None, None)
    judges = _effective(k, mean)
    without = np.array(
        [
            _mean(_correlation(votes[kept], gap[kept]))
            for e in essays
            for kept in [graded & (i != e) & (j != e)]
        ]
    )
    z = np.arctanh(np.clip(without, -0.999, 0.999))
    error = float(np.sqrt(jackknife_variance(z)))
    if np.isnan(error) or len(essays) < 5:
        return Independence(found, mean, None, judges, None)
    half = float(stdtrit(len(essays) - 1, (1 + level) / 2)) * error
    centre = float(np.arctanh(np.clip(mean, -0.999, 0.999)))
    low, high = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    method = "jackknife over essays"
    return Independence(
        found,
        mean,
        IntervalResult(low, high, level, method),
        judges,
        IntervalResult(_effective(k, high), _effective(k, low), level, method),
    )


def _effective(k: int, correlation: float) -> float:
    return k / (1.0 + (k - 1) * min(max(correlation, 0.0), 1.0))


def _correlation(votes: FloatArray, gap: IntArray) -> FloatArray:
    """Shape (k, k), of errors, each counted from the judge's rate at that distance of grades."""
    answered = ~np.isnan(votes) & (votes != 0)
    wrong = np.where(answered, np.nan_to_num(votes) != np.sign(gap)[:, None], 0.0).astype(np.float64)
    residual = np.zeros(wrong.shape)
    for distance in np.unique(np.abs(gap)):
        rows = np.abs(gap) == distance
        count = answered[rows].sum(axis=0)
        residual[rows] = wrong[rows] - wrong[rows].sum(axis=0) / np.maximum(count, 1)
    residual = np.where(answered, residual, 0.0)
    both = answered.astype(np.float64)
    together, square = residual.T @ residual, (residual**2).T @ both
    scale = np.sqrt(square * square.T)
    return np.asarray(np.divide(together, scale, out=np.full(together.shape, np.nan), where=scale > 1e-12))


def _mean(correlation: FloatArray) -> float:
    above = correlation[np.triu_indices(len(correlation), 1)]
    return float(np.nanmean(above)) if (~np.isnan(above)).any() else float("nan")
