"""Log-likelihood of Bradley-Terry, with position effect and Davidson ties, on aggregated pairs.

For an ordered pair (i shown as Essay A, j as Essay B) let d = θ_i - θ_j + η. Then

    P(A) = e^{d/2} / Z,   P(B) = e^{-d/2} / Z,   P(tie) = ν / Z,   Z = e^{d/2} + e^{-d/2} + ν,

which is Bradley & Terry (1952) at ν = 0 and Davidson (1970, JASA 65:317-328) otherwise. Written in
(θ, η, log ν) it is a multinomial logit, hence concave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import BoolArray, Comparisons, FloatArray, IntArray

DENSE_LIMIT = 128
"""Essays up to which every cell of a table of all pairs is cheaper than sorting."""


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Outcomes aggregated over P distinct pairs: how often i won, j won, and neither did.

    Every array has shape (P,), pairs ascend by i, then by j. With positions kept, i is Essay A; otherwise
    i < j.
    """

    i: IntArray
    j: IntArray
    won: FloatArray
    lost: FloatArray
    tied: FloatArray

    def select(self, rows: BoolArray) -> PairCounts:
        """The pairs where ``rows`` is true."""
        return PairCounts(self.i[rows], self.j[rows], self.won[rows], self.lost[rows], self.tied[rows])


@dataclass(frozen=True, eq=False)
class Terms:
    """Derivatives of the log-likelihood at one point, by pair.

    Attributes:
        value: log-likelihood, natural logarithm.
        score: shape (P,), derivative by d.
        information: shape (P,), expected information in d.
        tie_score: derivative by log ν, 0 without ties.
        cross_information: shape (P,), expected information between d and log ν.
        tie_information: expected information in log ν.
    """

    value: float
    score: FloatArray
    information: FloatArray
    tie_score: float
    cross_information: FloatArray
    tie_information: float


def aggregate(comparisons: Comparisons, *, positions: bool, ties: bool) -> PairCounts:
    """Count outcomes by pair; ``positions`` keeps (A, B) apart from (B, A), ``ties`` keeps ties."""
    first, second, outcome = comparisons.first, comparisons.second, comparisons.outcome
    if not ties and not comparisons.decided.all():
        first, second, outcome = first[outcome != 0], second[outcome != 0], outcome[outcome != 0]
    if not positions:
        outcome = np.where(first < second, outcome, -outcome)
        first, second = np.minimum(first, second), np.maximum(first, second)
    n = comparisons.n
    if not n:
        empty = np.empty(0)
        return PairCounts(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), empty, empty, empty)
    key = ((first * n) + second) * 3 + outcome + 1
    if n <= DENSE_LIMIT:
        cells = np.bincount(key, minlength=n * n * 3).reshape(-1, 3)
        pair = np.flatnonzero(cells.any(axis=1))
        counts = cells[pair].astype(np.float64)
    else:
        cell, number = _runs(np.sort(key))
        cell_pair, side = np.divmod(cell, 3)
        pair, length = _runs(cell_pair)
        counts = np.zeros((len(pair), 3))
        counts[np.repeat(np.arange(len(pair)), length), side] = number
    i, j = np.divmod(pair, n)
    lost, tied, won = np.ascontiguousarray(counts.T)
    return PairCounts(i, j, won, lost, tied)


def _runs(ordered: IntArray) -> tuple[IntArray, IntArray]:
    """The different values of a sorted array, and how often each occurs."""
    start = np.flatnonzero(np.diff(ordered, prepend=-1))
    return ordered[start], np.diff(start, append=len(ordered))


def logistic_parts(d: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of each d: σ(d), σ(d)(1 - σ(d)) and log(1 + e^{-|d|}), accurate at both ends."""
    e = np.exp(-np.abs(d))
    inverse = 1.0 / (1.0 + e)
    low = e * inverse
    return np.where(d >= 0, inverse, low), low * inverse, np.log1p(e)


def decided_terms(counts: PairCounts, d: FloatArray) -> Terms:
    """Derivatives given that one of the two won (ν = 0); ties carry no information."""
    p, variance, soft = logistic_parts(d)
    games = counts.won + counts.lost
    value = float(counts.won @ d - games @ (np.maximum(d, 0.0) + soft))
    return Terms(value, counts.won - games * p, games * variance, 0.0, np.zeros(0), 0.0)


def tie_terms(counts: PairCounts, d: FloatArray, log_nu: float) -> Terms:
    """Derivatives of the three-outcome likelihood of Davidson."""
    logits = np.stack([d / 2, -d / 2, np.full_like(d, log_nu)])
    peak = logits.max(axis=0)
    weights = np.exp(logits - peak)
    total = weights.sum(axis=0)
    a, b, t = weights / total
    games = counts.won + counts.lost + counts.tied
    log_total = peak + np.log(total)
    value = float(
        counts.won @ (logits[0] - log_total)
        + counts.lost @ (logits[1] - log_total)
        + counts.tied @ (logits[2] - log_total)
    )
    return Terms(
        value,
        (counts.won - counts.lost - games * (a - b)) / 2,
        games * (a + b - (a - b) ** 2) / 4,
        float(np.sum(counts.tied - games * t)),
        -games * (a - b) * t / 2,
        float(np.sum(games * t * (1 - t))),
    )
