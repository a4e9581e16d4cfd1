"""Pairs in which the lower grade beat the higher, how many to expect, and which are real."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from eng5.stats.comparisons import BoolArray, Comparisons, FloatArray, IntArray
from eng5.stats.interval import Interval
from eng5.stats.posterior import Draws

LIKELY = 0.8
"""Probability from which an inversion is called likely real; 1 - LIKELY is the bound of likely noise."""


class Verdict(StrEnum):
    """What an inversion says about the judge, by the probability that it really prefers the lower grade."""

    LIKELY_REAL = "likely real"
    UNCLEAR = "unclear"
    LIKELY_NOISE = "likely noise"


@dataclass(frozen=True, slots=True)
class Pair:
    """An unordered pair of different known grades and its head-to-head.

    Attributes:
        higher: essay with the better grade.
        lower: essay with the worse grade.
        higher_wins: comparisons won by the better grade.
        lower_wins: comparisons won by the worse grade.
    """

    higher: int
    lower: int
    higher_wins: int
    lower_wins: int


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair with the probability that the judge really prefers the worse grade."""

    pair: Pair
    probability: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Inversions:
    """Where the verdicts contradict the grades, the widest gap in grade first.

    Attributes:
        direct: pairs in which the lower grade won more than it lost.
        contested: pairs with as many wins on either side, at least one each.
        lower_won_once: pairs in which the lower grade won at least once; what older reports counted.
        pairs: pairs of different known grade that were decided at least once.
    """

    direct: tuple[Pair, ...]
    contested: tuple[Pair, ...]
    lower_won_once: int
    pairs: int

    @property
    def count(self) -> int:
        """Number of direct inversions."""
        return len(self.direct)


def inversions(comparisons: Comparisons, grade: IntArray) -> Inversions:
    """Find inversions; ``grade`` has shape (n,), higher is better, -1 unknown and left out."""
    grade = np.asarray(grade)
    won = comparisons.win_matrix
    lost = won.T
    known = grade >= 0
    ordered = (grade[:, None] > grade[None, :]) & known[:, None] & known[None, :]
    played = ordered & (won + lost > 0)
    gap = grade[:, None] - grade[None, :]

    def listed(chosen: BoolArray) -> tuple[Pair, ...]:
        higher, lower = np.nonzero(played & chosen)
        order = np.lexsort((lower, higher, won[higher, lower], -gap[higher, lower]))
        return tuple(
            Pair(int(h), int(w), int(won[h, w]), int(lost[h, w]))
            for h, w in zip(higher[order], lower[order], strict=True)
        )

    return Inversions(
        direct=listed(lost > won),
        contested=listed(lost == won),
        lower_won_once=int((played & (lost > 0)).sum()),
        pairs=int(played.sum()),
    )


def judge_pairs(pairs: tuple[Pair, ...], draws: Draws) -> tuple[JudgedPair, ...]:
    """Tell real inversions from noise, with all comparisons of both essays as evidence."""
    judged = []
    for pair in pairs:
        probability = float((draws.theta[:, pair.lower] > draws.theta[:, pair.higher]).mean())
        if probability >= LIKELY:
            verdict = Verdict.LIKELY_REAL
        elif probability <= 1 - LIKELY:
            verdict = Verdict.LIKELY_NOISE
        else:
            verdict = Verdict.UNCLEAR
        judged.append(JudgedPair(pair, probability, verdict))
    return tuple(judged)


def count_interval(comparisons: Comparisons, grade: IntArray, draws: Draws, level: float = 0.95) -> Interval:
    """Interval of the number of direct inversions that this judge makes on average.

    The estimand is the mean number of direct inversions, were the same comparisons decided again and
    again. The number observed scatters about it, and may lie outside the interval.
    """
    return draws.interval(expected_count(comparisons, grade, draws), level)


def expected_count(comparisons: Comparisons, grade: IntArray, draws: Draws) -> FloatArray:
    """Shape (b,): mean number of direct inversions of repeats of the same comparisons, for each draw."""
    grade, chosen = np.asarray(grade), comparisons.decided
    first, second = comparisons.first[chosen], comparisons.second[chosen]
    graded = (grade[first] >= 0) & (grade[second] >= 0) & (grade[first] != grade[second])
    first, second = first[graded], second[graded]
    pair_key = np.minimum(first, second) * comparisons.n + np.maximum(first, second)
    _, pair, games = np.unique(pair_key, return_inverse=True, return_counts=True)
    most = int(games.max(initial=0))
    parts = []
    for block in draws.blocks(len(games) * (most + 1)):
        p = block.first_wins(first, second)
        lower_wins = np.where(grade[first] < grade[second], p, 1.0 - p)
        parts.append(_majority_probability(lower_wins, pair, games).sum(axis=1))
    return np.concatenate(parts)


def _majority_probability(win: FloatArray, pair: IntArray, games: IntArray) -> FloatArray:
    """Shape (b, P): probability of winning more than half the games of each pair.

    Args:
        win: shape (b, m), probability of winning each game.
        pair: shape (m,), the pair 0 … P-1 that each game belongs to.
        games: shape (P,), games of each pair.
    """
    order = np.argsort(pair, kind="stable")
    turn = np.empty(len(pair), dtype=np.int64)
    turn[order] = np.arange(len(pair)) - (np.cumsum(games) - games)[pair[order]]
    most = int(games.max(initial=0))
    distribution = np.zeros((most + 1, len(win), len(games)))
    distribution[0] = 1.0
    for t in range(most):
        now = np.flatnonzero(turn == t)
        before, chance = distribution[: t + 2, :, pair[now]], win[:, now]
        after = before * (1.0 - chance)
        after[1:] += before[:-1] * chance
        distribution[: t + 2, :, pair[now]] = after
    majority = 2 * np.arange(most + 1)[:, None] > games
    return np.asarray((distribution * majority[:, None, :]).sum(axis=0))


@dataclass(frozen=True, slots=True)
class BandRegression:
    """Direct inversions that involve an essay of the watched bands, against the baseline.

    Attributes:
        inversions: in this run, or the mean over runs.
        baseline: in the baseline run, or the mean over its runs.
        regression: how many more than in the baseline, 0 when there are no more.
    """

    inversions: float
    baseline: float

    @property
    def regression(self) -> float:
        return max(0, self.inversions - self.baseline)


def band_inversions(direct: tuple[Pair, ...], in_band: BoolArray) -> int:
    """Direct inversions with at least one essay for which ``in_band``, shape (n,), is true."""
    in_band = np.asarray(in_band)
    return sum(bool(in_band[pair.higher] or in_band[pair.lower]) for pair in direct)
