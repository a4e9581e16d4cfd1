"""Kendall's rank correlation of expert grade and score, in three definitions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray

TIE = 1e-9
"""Scores no further apart are equal: essays with equal records differ by the rounding of their fit."""
CELLS = 4_000_000
"""Bound on rows · essays · grades that are counted at once."""
MOST_AT_ONCE = 64
"""Essays above which each row is sorted, in n log n, instead of comparing all pairs of all rows at once."""


@dataclass(frozen=True, slots=True)
class Kendall:
    """Agreement of two orders over the essays whose grade is known.

    Attributes:
        n: essays with a known grade.
        concordant: pairs of different grade whose scores are in the experts' order.
        discordant: pairs of different grade whose scores are in the opposite order.
        tied_grade: pairs of equal grade.
        tied_score: pairs of equal score, to within ``TIE``.
        tau_b: (concordant - discordant) / √(untied in grade · untied in score); Kendall 1945,
            Biometrika 33:239-251. None when all grades or all scores are equal.
        gamma: (concordant - discordant) / (concordant + discordant), Goodman & Kruskal 1954,
            JASA 49:732-764. None when no pair is either.
        tau_a_favourable: equal grades and then equal scores in the order that favours the judge, over
            all pairs; what older reports called tau. None below two essays.
    """

    n: int
    concordant: int
    discordant: int
    tied_grade: int
    tied_score: int
    tau_b: float | None
    gamma: float | None
    tau_a_favourable: float | None


def kendall(grade: IntArray, score: FloatArray) -> Kendall:
    """Correlate grade and score.

    Args:
        grade: shape (n,), expert grade, higher is better, -1 unknown and left out.
        score: shape (n,), higher is better.
    """
    grade, score = np.asarray(grade), np.asarray(score)
    known = grade >= 0
    grade, score = grade[known], score[known]
    grade_sign, score_sign = _pair_signs(grade), _pair_signs(score)
    product = grade_sign * score_sign
    concordant, discordant = int((product > 0).sum()), int((product < 0).sum())
    pairs, decided = len(product), concordant + discordant
    untied = int((grade_sign != 0).sum()) * int((score_sign != 0).sum())
    net = concordant - discordant
    tied_grade = int((grade_sign == 0).sum())
    # Older reports break a tied score by the order of the essays, as a stable sort does.
    broken = grade_sign * np.where(score_sign == 0, 1, score_sign)
    favourable = tied_grade + int((broken > 0).sum()) - int((broken < 0).sum())
    return Kendall(
        n=len(grade),
        concordant=concordant,
        discordant=discordant,
        tied_grade=tied_grade,
        tied_score=int((score_sign == 0).sum()),
        tau_b=net / untied**0.5 if untied else None,
        gamma=net / decided if decided else None,
        tau_a_favourable=favourable / pairs if pairs else None,
    )


def tau_b_many(grade: IntArray, scores: FloatArray) -> FloatArray:
    """Tau-b of one vector of grades with each row of scores.

    Args:
        grade: shape (n,), as in ``kendall``.
        scores: shape (b, n).

    Returns:
        Shape (b,); NaN where tau-b is undefined.
    """
    known = np.asarray(grade) >= 0
    if known.sum() > MOST_AT_ONCE:
        rows = np.asarray(scores)[:, known]
        step = max(1, CELLS // (rows.shape[1] * len(np.unique(np.asarray(grade)[known]))))
        parts = [
            _tau_b_sorted(np.asarray(grade)[known], rows[at : at + step]) for at in range(0, len(rows), step)
        ]
        return np.concatenate(parts) if parts else np.empty(0)
    grade_sign = _pair_signs(np.asarray(grade)[known]).astype(np.float64)
    score_sign = _pair_signs(np.asarray(scores)[:, known]).astype(np.float64)
    untied = np.abs(grade_sign).sum() * np.abs(score_sign).sum(axis=-1)
    net = score_sign @ grade_sign
    tau: FloatArray = np.divide(net, np.sqrt(untied), out=np.full(len(net), np.nan), where=untied > 0)
    return tau


def _tau_b_sorted(grade: IntArray, scores: FloatArray) -> FloatArray:
    """Shape (b,): ``tau_b_many`` by sorting each row, O(n (log n + grades)) instead of O(n²); no grade unknown."""
    b, n = scores.shape
    _, place, size = np.unique(grade, return_inverse=True, return_counts=True)
    order = np.argsort(scores, axis=1, kind="stable")
    ascending = np.take_along_axis(scores, order, axis=1)
    column = np.arange(n)
    apart = np.diff(ascending, axis=1) > TIE
    starts = np.concatenate([np.ones((b, 1), dtype=np.bool_), apart], axis=1)
    ends = np.concatenate([apart, np.ones((b, 1), dtype=np.bool_)], axis=1)
    first = np.maximum.accumulate(np.where(starts, column, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, column, n - 1)[:, ::-1], axis=1)[:, ::-1]
    of = place[order]
    reached = np.zeros((b, n + 1, len(size)), dtype=np.int32)
    np.cumsum(of[:, :, None] == np.arange(len(size)), axis=1, out=reached[:, 1:])
    lower = np.arange(len(size)) < of[:, :, None]
    below = np.take_along_axis(reached, first[:, :, None], axis=1)
    above = size - np.take_along_axis(reached, last[:, :, None] + 1, axis=1)
    net = ((below - above) * lower).sum(axis=(1, 2), dtype=np.float64)
    pairs = n * (n - 1) / 2.0
    untied_grade = pairs - float((size * (size - 1)).sum()) / 2.0
    untied_score = pairs - (last - first).sum(axis=1) / 2.0
    tau: FloatArray = np.divide(
        net,
        np.sqrt(untied_grade * untied_score),
        out=np.full(b, np.nan),
        where=untied_grade * untied_score > 0,
    )
    return tau


def _pair_signs(values: IntArray | FloatArray) -> IntArray:
    """Sign of values[..., i] - values[..., j] over all i < j, 0 within ``TIE``, shape (..., n(n-1)/2)."""
    i, j = np.triu_indices(values.shape[-1], 1)
    difference = values[..., i] - values[..., j]
    return np.where(np.abs(difference) <= TIE, 0, np.sign(difference)).astype(np.int64)
