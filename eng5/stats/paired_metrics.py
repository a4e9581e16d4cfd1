"""Metrics whose difference between two variants can be tested: from verdicts in bulk to one number each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eng5.stats.bradley_terry.many import abilities
from eng5.stats.comparisons import BoolArray, FloatArray, IntArray
from eng5.stats.kendall import tau_b_many

Evaluate = Callable[[int, IntArray, IntArray, IntArray], FloatArray]
"""(n essays, first (m,), second (m,), outcomes (b, m)) -> metric (b,), NaN where undefined.

An outcome is +1 where the first essay won, -1 where the second did, 0 where neither did.
"""
Parts = Callable[[int, IntArray, IntArray, IntArray], FloatArray]
"""The same of one row of outcomes (m,) -> shape (n, n), what each pair (i < j), or on the diagonal each essay, adds.

The mean of what is not NaN is the metric; of a ratio the parts are linearised.
"""
OfScores = Callable[[IntArray], Callable[[FloatArray], FloatArray]]
"""Some essays, shape (e,) -> from their scores (b, e) to the metric (b,)."""

SCORE_DECIMALS = 9
"""Fitted scores that agree to this many decimals are equal: what is left is rounding."""


@dataclass(frozen=True, slots=True)
class PairedMetric:
    """A number that judges a variant.

    Attributes:
        name: what reports call it.
        higher_is_better: the direction of an improvement.
        evaluate: computes it for many sets of verdicts at once.
        parts: what each pair or each essay adds to it.
        continuity: added to the half width of an interval. One half for a count that is mostly the same
            small number, whose spread is often estimated as zero.
        lowest: least possible value.
        highest: greatest possible value.
        counts_essays: the parts are of single essays.
        of_scores: the metric from scores, where it looks at nothing but their order.
    """

    name: str
    higher_is_better: bool
    evaluate: Evaluate
    parts: Parts
    continuity: float = 0.0
    lowest: float = 0.0
    highest: float = np.inf
    counts_essays: bool = False
    of_scores: OfScores | None = None


def tau_b(level: IntArray) -> PairedMetric:
    """Kendall's tau-b of grade and Bradley-Terry score, of the essays that were compared.

    ``level`` is as in ``kendall.kendall``.
    """

    def evaluate(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        compared = np.isin(np.arange(n), np.concatenate([first, second]))
        return tau_b_many(np.where(compared, level, -1), scores(n, first, second, outcomes))

    def parts(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        known = np.isin(np.arange(n), np.concatenate([first, second])) & (np.asarray(level) >= 0)
        (score,) = scores(n, first, second, outcomes[None])
        by_grade, by_score = (np.sign(each[:, None] - each[None, :]) for each in (np.asarray(level), score))
        i, j = np.nonzero(np.triu(known[:, None] & known[None, :], 1))
        untied = np.abs(by_grade[i, j]).sum() * np.abs(by_score[i, j]).sum()
        found = np.full((n, n), np.nan)
        found[i, j] = by_grade[i, j] * by_score[i, j] * len(i) / (np.sqrt(untied) if untied else np.nan)
        return found

    def of_scores(essays: IntArray) -> Callable[[FloatArray], FloatArray]:
        return lambda values: tau_b_many(np.asarray(level)[essays], values)

    return PairedMetric("tau_b", True, evaluate, parts, lowest=-1.0, highest=1.0, of_scores=of_scores)


def direct_inversions(level: IntArray) -> PairedMetric:
    """Pairs of different known grade in which the lower grade won more than it lost."""

    def evaluate(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        net, _ = _net(level, n, first, second, outcomes)
        return np.asarray((net < 0).sum(axis=1), dtype=np.float64)

    def parts(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        (net,), pairs = _net(level, n, first, second, outcomes[None])
        found = np.full(n * n, np.nan)
        found[pairs] = (net < 0) * len(pairs)
        return found.reshape(n, n)

    return PairedMetric("direct_inversions", False, evaluate, parts)


def zero_wins(level: IntArray) -> PairedMetric:
    """Essays of known grade with a decided comparison and no win."""

    def without(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> BoolArray:
        wins, losses = _wins(n, first, second, outcomes), _wins(n, first, second, -outcomes)
        return np.asarray((wins == 0) & (losses > 0) & (np.asarray(level) >= 0))

    def evaluate(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        return np.asarray(without(n, first, second, outcomes).sum(axis=1), dtype=np.float64)

    def parts(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        met = np.unique(np.concatenate([first, second]))
        met = met[np.asarray(level)[met] >= 0]
        found = np.full((n, n), np.nan)
        found[met, met] = without(n, first, second, outcomes[None])[0, met] * len(met)
        return found

    return PairedMetric("zero_wins", False, evaluate, parts, continuity=0.5, counts_essays=True)


def win_rate(level: IntArray) -> PairedMetric:
    """Share of the decided comparisons of different known grade that the higher grade won."""

    def evaluate(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        return _share_won(_toward_higher(level, first, second, outcomes)[0])

    def parts(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        toward_higher, graded = _toward_higher(level, first, second, outcomes[None])
        return _ratio(n, first[graded], second[graded], toward_higher[0])

    return PairedMetric("win_rate", True, evaluate, parts, highest=1.0)


def corrected_win_rate(level: IntArray) -> PairedMetric:
    """The same corrected for position: mean of the shares where the higher grade was first and second."""

    def evaluate(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        toward_higher, graded = _toward_higher(level, first, second, outcomes)
        higher_first = (np.asarray(level)[first] > np.asarray(level)[second])[graded]
        return (_share_won(toward_higher[:, higher_first]) + _share_won(toward_higher[:, ~higher_first])) / 2

    def parts(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        toward_higher, graded = _toward_higher(level, first, second, outcomes[None])
        higher_first = (np.asarray(level)[first] > np.asarray(level)[second])[graded]
        both = [
            _ratio(n, first[graded][rows], second[graded][rows], toward_higher[0, rows])
            for rows in (higher_first, ~higher_first)
        ]
        return np.asarray(np.mean(both, axis=0))

    return PairedMetric("corrected_win_rate", True, evaluate, parts, highest=1.0)


def scores(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
    """Scores in the order of the Bradley-Terry abilities of each row of ``outcomes``, shape (b, n).

    Where every two essays met equally often and every comparison was decided, the order of the
    abilities is the order of the numbers of wins, which are then returned (L. R. Ford (1957), Am. Math.
    Mon. 64, 28-33: wins are sufficient). Other rows are fitted; one without a fit gets equal scores.
    """
    wins = _wins(n, first, second, outcomes)
    met = np.bincount(np.minimum(first, second) * n + np.maximum(first, second), minlength=n * n)
    met = met.reshape(n, n)[np.triu_indices(n, 1)]
    by_wins = (
        np.all(outcomes != 0, axis=1) if len(met) and np.all(met == met[0]) else np.zeros(len(wins), bool)
    )
    result = np.where(by_wins[:, None], wins, 0.0)
    if by_wins.all():
        return result
    different, row = np.unique(outcomes[~by_wins], axis=0, return_inverse=True)
    result[~by_wins] = np.round(abilities(n, first, second, different), SCORE_DECIMALS)[row]
    return result


def _wins(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
    """Shape (b, n), comparisons won by each essay."""
    essays = np.arange(n)
    by_first = (outcomes > 0).astype(np.float64) @ (first[:, None] == essays)
    by_second = (outcomes < 0).astype(np.float64) @ (second[:, None] == essays)
    return np.asarray(by_first + by_second, dtype=np.float64)


def _net(
    level: IntArray, n: int, first: IntArray, second: IntArray, outcomes: IntArray
) -> tuple[FloatArray, IntArray]:
    """Wins less losses of the higher grade in each pair, shape (b, p), and the pairs i n + j, i < j."""
    toward_higher, graded = _toward_higher(level, first, second, outcomes)
    pair = np.minimum(first, second)[graded] * n + np.maximum(first, second)[graded]
    pairs, index = np.unique(pair, return_inverse=True)
    return np.asarray(toward_higher @ (index[:, None] == np.arange(len(pairs)))), pairs


def _ratio(n: int, first: IntArray, second: IntArray, toward_higher: FloatArray) -> FloatArray:
    """Parts of the share of +1 among decided outcomes: the share, and what each pair's own count takes it to."""
    pair = np.minimum(first, second) * n + np.maximum(first, second)
    met = np.unique(pair)
    won, decided = (
        np.bincount(pair[chosen], minlength=n * n)[met] for chosen in (toward_higher > 0, toward_higher != 0)
    )
    found = np.full(n * n, np.nan)
    if decided.sum():
        share = won.sum() / decided.sum()
        found[met] = share + (won - share * decided) / decided.mean()
    return found.reshape(n, n)


def _toward_higher(
    level: IntArray, first: IntArray, second: IntArray, outcomes: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Outcomes as +1 where the higher grade won, -1 where the lower did; and which columns have both grades."""
    level = np.asarray(level)
    graded = (level[first] >= 0) & (level[second] >= 0) & (level[first] != level[second])
    sign = np.sign(level[first] - level[second])[graded]
    return (outcomes[:, graded] * sign).astype(np.float64), graded


def _share_won(outcomes: FloatArray) -> FloatArray:
    """Shape (b,): share of +1 among the outcomes that are not 0; NaN where all are."""
    decided = (outcomes != 0).sum(axis=1)
    won = (outcomes > 0).sum(axis=1)
    share: FloatArray = np.divide(won, decided, out=np.full(len(won), np.nan), where=decided > 0)
    return share
