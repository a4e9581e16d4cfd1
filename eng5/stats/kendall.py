"""Kendall's rank correlation of expert grade and score, in three definitions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray

TIE = 1e-9
"""Scores no further apart are equal: essays with equal records differ by the rounding of their fit."""


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

    @property
    def largest_untied(self) -> float:
        """The tau-b that equal grades leave to the best order without ties; 0 where all are equal."""
        pairs = self.n * (self.n - 1) // 2
        return float(((pairs - self.tied_grade) / pairs) ** 0.5) if pairs else 0.0


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
    """Shape (b,): tau-b of grades, shape (n,), with each row of scores, shape (b, n); NaN where it is undefined."""
    return tau_b_and_largest(grade, scores)[0]


def tau_b_and_largest(grade: IntArray, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Tau-b of one vector of grades with each row of scores, and the largest that the ties of both allow.

    The latter is (concordant + discordant) / √(untied in grade · untied in score), which tau-b is without
    discordant pairs.

    Args:
        grade: shape (n,), as in ``kendall``.
        scores: shape (b, n).

    Returns:
        Shape (b,) each; NaN where tau-b is undefined.
    """
    known = np.asarray(grade) >= 0
    _, level = np.unique(np.asarray(grade)[known], return_inverse=True)
    score = np.asarray(scores)[:, known]
    b, n = score.shape
    # Sorted by score, a run of equal scores shares what lies below it: how many essays, by grade.
    order = np.argsort(score, axis=1, kind="stable")
    ascending = np.take_along_axis(score, order, axis=1)
    new = np.diff(ascending, axis=1, prepend=-np.inf) > TIE
    start = np.maximum.accumulate(np.where(new, np.arange(n), 0), axis=1)
    of_grade = level[order]
    below = np.zeros((b, n + 1, int(level.max(initial=-1)) + 2), dtype=np.int32)
    below[np.arange(b)[:, None], np.arange(1, n + 1), of_grade + 1] = 1
    np.cumsum(below, axis=1, out=below)
    np.cumsum(below, axis=2, out=below)
    row = np.arange(b)[:, None]
    lower, as_low = below[row, start, of_grade], below[row, start, of_grade + 1]
    net = (lower - (start - as_low)).sum(axis=1, dtype=np.float64)
    earlier = below[row, np.arange(n), of_grade + 1] - below[row, np.arange(n), of_grade]
    tied_in_both = (earlier - (as_low - lower)).sum(axis=1)
    pairs, size = n * (n - 1) / 2, np.bincount(level)
    tied = (np.arange(n) - start).sum(axis=1)
    apart = pairs - (size * (size - 1) / 2).sum()
    untied = apart * (pairs - tied)
    decided = apart - tied + tied_in_both
    tau, largest = (
        np.divide(top, np.sqrt(untied), out=np.full(b, np.nan), where=untied > 0) for top in (net, decided)
    )
    return tau, largest


def _pair_signs(values: IntArray | FloatArray) -> IntArray:
    """Sign of values[..., i] - values[..., j] over all i < j, 0 within ``TIE``, shape (..., n(n-1)/2)."""
    i, j = np.triu_indices(values.shape[-1], 1)
    difference = values[..., i] - values[..., j]
    return np.where(np.abs(difference) <= TIE, 0, np.sign(difference)).astype(np.int64)
