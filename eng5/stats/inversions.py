"""Pairs in which the lower grade beat the higher, and in which of them the judge would do so again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from eng5.stats.comparisons import BoolArray, Comparisons, IntArray
from eng5.stats.pair_effects import PairPosterior
from eng5.stats.posterior import Draws

CELLS = 1_000_000
"""Bound on draws · pairs; of many pairs fewer draws are used."""
NEGLIGIBLE = 1e-4
"""Probability of a size of the opinions below which it is passed over."""
LIKELY = 0.8
"""Probability from which an inversion is called likely real; 1 - LIKELY is the bound of likely noise."""


class InversionTag(StrEnum):
    """What an inversion says about the judge, by the chance that it would say the same when asked again."""

    LIKELY_REAL = "likely real"
    UNCLEAR = "unclear"
    LIKELY_NOISE = "likely noise"


@dataclass(frozen=True, slots=True)
class GradedPair:
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
    """A pair with what the judge would say of it.

    Attributes:
        pair: the pair.
        again: probability that this judge, asked about this pair once more, in either order, prefers the
            lower grade.
        most: probability that it does so in most of many askings.
        always: ``again`` if the judge always repeats itself, where that cannot be told from the verdicts:
            1 or 0, by what it said; None where repeats tell.
        verdict: by ``again``; where both readings are possible, only what both say.
    """

    pair: GradedPair
    again: float
    most: float
    always: float | None
    verdict: InversionTag


@dataclass(frozen=True, slots=True)
class Inversions:
    """Where the verdicts contradict the grades, the widest gap in grade first.

    Attributes:
        direct: pairs in which the lower grade won more than it lost.
        contested: pairs with as many wins on either side, at least one each.
        lower_won_once: pairs in which the lower grade won at least once; what older reports counted.
        pairs: pairs of different known grade that were decided at least once.
    """

    direct: tuple[GradedPair, ...]
    contested: tuple[GradedPair, ...]
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

    def listed(chosen: BoolArray) -> tuple[GradedPair, ...]:
        higher, lower = np.nonzero(played & chosen)
        order = np.lexsort((lower, higher, won[higher, lower], -gap[higher, lower]))
        return tuple(
            GradedPair(int(h), int(w), int(won[h, w]), int(lost[h, w]))
            for h, w in zip(higher[order], lower[order], strict=True)
        )

    return Inversions(
        direct=listed(lost > won),
        contested=listed(lost == won),
        lower_won_once=int((played & (lost > 0)).sum()),
        pairs=int(played.sum()),
    )


def judge_pairs(pairs: tuple[GradedPair, ...], draws: Draws) -> tuple[JudgedPair, ...]:
    """What the judge would say of each pair when asked again, by its opinion of that pair.

    The verdicts on the pair itself weigh as much as repeats show that they bind the judge; beside them
    stand the abilities of both essays and what this judge's verdicts have to do with grades at all, which
    is learned from its verdicts and not presumed (a slope of either sign, and a scatter about it). Leaving
    the grades out altogether was tried and is worse: a judge that mostly follows the grades is then said to
    stand by an inversion in 50 % where it does so in 8 % (`docs/explanation/coverage.md` has the figures).
    """
    effects = draws.effects
    if effects is None:
        raise ValueError("pairs are judged by draws that come from draw(), with their pair effects")
    if not pairs:
        return ()
    table = effects.table
    row = {(i, j): row for row, (i, j) in enumerate(zip(table.i.tolist(), table.j.tolist(), strict=True))}
    chosen = np.array([row[min(p.higher, p.lower), max(p.higher, p.lower)] for p in pairs], dtype=np.int64)
    some = table.select(chosen)
    theta = draws.theta[:: max(1, len(draws.theta) * len(pairs) // CELLS)]
    gap = theta[:, some.i] - theta[:, some.j]
    weight = effects.weight if effects.known else (np.arange(len(effects.weight)) == 0).astype(np.float64)
    known = PairPosterior(some, float(draws.eta.mean()) if draws.position_effect else 0.0)
    again, most = np.zeros(len(pairs)), np.zeros(len(pairs))
    for k in np.flatnonzero(weight > NEGLIGIBLE):
        for total, of_draws in zip((again, most), known.lean(gap, int(k)), strict=True):
            total += weight[k] * of_draws.mean(axis=0)
    lower_is_i = np.array([pair.lower for pair in pairs]) == some.i
    return tuple(
        _judged(pair, float(one), float(other), sure=effects.known)
        for pair, one, other in zip(
            pairs,
            np.where(lower_is_i, again, 1.0 - again),
            np.where(lower_is_i, most, 1.0 - most),
            strict=True,
        )
    )


def _judged(pair: GradedPair, again: float, most: float, *, sure: bool) -> JudgedPair:
    split = pair.lower_wins == pair.higher_wins
    always = None if sure else 0.5 if split else float(pair.lower_wins > pair.higher_wins)
    readings = [again] if always is None else [again, always]
    if min(readings) >= LIKELY:
        verdict = InversionTag.LIKELY_REAL
    elif max(readings) <= 1 - LIKELY:
        verdict = InversionTag.LIKELY_NOISE
    else:
        verdict = InversionTag.UNCLEAR
    return JudgedPair(pair, again, most, always, verdict)


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


def band_inversions(direct: tuple[GradedPair, ...], in_band: BoolArray) -> int:
    """Direct inversions with at least one essay for which ``in_band``, shape (n,), is true."""
    in_band = np.asarray(in_band)
    return sum(bool(in_band[pair.higher] or in_band[pair.lower]) for pair in direct)
