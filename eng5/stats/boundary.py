"""Controlled tests at grade boundaries: the same pairs asked many times in both orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from eng5.stats import exact_binomial
from eng5.stats.agreement import Agreement, SwapConsistency, agreement, swap_consistency
from eng5.stats.interval import Interval
from eng5.stats.mean_interval import MeanEstimate, mean_interval
from eng5.stats.multiplicity import holm
from eng5.stats.power import NeededIterations, iterations_needed
from eng5.stats.win_rate import (
    CorrectedWinRate,
    StratifiedRate,
    WinRate,
    corrected_win_rate,
    stratified_rate,
    win_rate,
)


class Outcome(IntEnum):
    """What one comparison of a higher with a lower grade ended in."""

    LOWER = -1
    TIE = 0
    HIGHER = 1
    FAILED = 2


class Discrimination(StrEnum):
    """Does the judge tell the higher grade from the lower one?

    ``SHOWN``: the higher grade wins more than half, at the given level. ``REVERSED``: the lower one does.
    ``EXCLUDED``: neither, and the interval of the corrected win rate lies below the smallest rate that
    counts as discrimination. ``UNDECIDED``: the data allow either. ``NO_DATA``: not decided once in both
    orders.
    """

    SHOWN = "shown"
    REVERSED = "reversed"
    EXCLUDED = "excluded"
    UNDECIDED = "undecided"
    NO_DATA = "no_data"


@dataclass(frozen=True, eq=False)
class Repeats:
    """m comparisons across grade boundaries, in the order in which they were asked.

    Attributes:
        pair: shape (m,), index of the pair, 0 ... p-1.
        higher_first: shape (m,), True where the higher grade was shown as Essay A.
        outcome: shape (m,), values of :class:`Outcome`.
        confidence: shape (m,), confidence stated by the judge, 1 ... 5; NaN where it gave none.
    """

    pair: NDArray[np.int_]
    higher_first: NDArray[np.bool_]
    outcome: NDArray[np.int_]
    confidence: NDArray[np.float64]

    def __post_init__(self) -> None:
        lengths = {len(self.pair), len(self.higher_first), len(self.outcome), len(self.confidence)}
        if len(lengths) > 1:
            raise ValueError(f"the arrays must have one length, got {sorted(lengths)}")
        unknown = set(np.unique(self.outcome).tolist()) - set(Outcome)
        if unknown:
            raise ValueError(f"unknown outcomes {sorted(unknown)}; they must be among {sorted(Outcome)}")

    def of_pairs(self, pairs: Sequence[int]) -> Repeats:
        """The comparisons of the given pairs."""
        chosen = np.isin(self.pair, np.asarray(pairs, dtype=np.int64))
        return Repeats(
            self.pair[chosen], self.higher_first[chosen], self.outcome[chosen], self.confidence[chosen]
        )


@dataclass(frozen=True, slots=True)
class PositionRate:
    """How often Essay A won, whatever its grade.

    Attributes:
        a_wins: decided comparisons won by Essay A.
        decided: decided comparisons.
        rate: a_wins / decided; None when nothing was decided.
        exact: Clopper-Pearson interval of ``rate``, which covers more often than its level.
        p_value: exact two-sided binomial test of ``rate`` against 1/2.
        balanced: the same rate with both orders of every pair weighing the same. Its interval holds its
            level on average, and is far shorter for a judge that tells the grades apart.
    """

    a_wins: int
    decided: int
    rate: float | None
    exact: Interval | None
    p_value: float | None
    balanced: StratifiedRate


@dataclass(frozen=True, slots=True)
class BoundaryStatistics:
    """All statistics of one pair, of one boundary, or of a whole run.

    Attributes:
        pairs: number of pairs.
        asked: comparisons asked; decided + ties + failures.
        decided: comparisons won by one of the two.
        ties: comparisons that the judge called equal.
        failures: comparisons without a readable verdict.
        win_rate: win rate of the higher grade, raw, with its Wilson interval.
        corrected: the same, corrected for position.
        confidence: mean stated confidence with its t interval.
        position: A-position win rate.
        agreement: agreement of repeats with the majority of their pair.
        swap: consistency of the winner when the order is swapped.
        p_value: exact two-sided test of the corrected win rate against 1/2.
        p_adjusted: the same, Holm-adjusted over the pairs or over the boundaries of the run.
        discrimination: verdict at the level of the intervals, by ``p_adjusted``.
        needed: further iterations that would answer an undecided question; None where it is answered.
            With several tests in the family they are reckoned for Bonferroni's level, Holm's safe side.
    """

    pairs: int
    asked: int
    decided: int
    ties: int
    failures: int
    win_rate: WinRate
    corrected: CorrectedWinRate
    confidence: MeanEstimate
    position: PositionRate
    agreement: Agreement
    swap: SwapConsistency
    p_value: float | None
    p_adjusted: float | None
    discrimination: Discrimination
    needed: NeededIterations | None


@dataclass(frozen=True, slots=True)
class BoundaryAnalysis:
    """Statistics of a boundary test at all three grains.

    Attributes:
        pairs: one entry a pair, in the order of their index.
        boundaries: one entry a boundary, in the order of their index.
        overall: all pairs together.
        level: level of every interval, and 1 - the error rate of every verdict.
        smallest_rate: smallest win rate that counts as discrimination.
    """

    pairs: tuple[BoundaryStatistics, ...]
    boundaries: tuple[BoundaryStatistics, ...]
    overall: BoundaryStatistics
    level: float
    smallest_rate: float


def analyse(
    repeats: Repeats, boundary_of: Sequence[int], *, level: float = 0.95, smallest_rate: float = 0.6
) -> BoundaryAnalysis:
    """Statistics of every pair, every boundary and the whole run.

    The pairs are taken as given: intervals say how the judge would decide on these essays again, not on
    other essays of the same grades.

    Args:
        repeats: the comparisons.
        boundary_of: length p, index of the boundary to which each pair belongs, 0 ... b-1.
        level: level of intervals and verdicts.
        smallest_rate: smallest win rate that counts as discrimination, above 1/2.
    """
    if len(repeats.pair) and not 0 <= repeats.pair.min() <= repeats.pair.max() < len(boundary_of):
        raise ValueError(f"pairs must lie in 0 ... {len(boundary_of) - 1}, as many as have a boundary")
    if not 0.5 < smallest_rate <= 1:
        raise ValueError(f"smallest_rate must lie above 0.5 and not above 1, got {smallest_rate}")
    groups: list[list[int]] = [[] for _ in range(max(boundary_of, default=-1) + 1)]
    for pair, boundary in enumerate(boundary_of):
        groups[boundary].append(pair)
    singles = [[pair] for pair in range(len(boundary_of))]
    everything = list(range(len(boundary_of)))

    def family(members: list[list[int]]) -> tuple[BoundaryStatistics, ...]:
        raw = [_statistics(repeats.of_pairs(pairs), len(pairs), level) for pairs in members]
        adjusted = holm([each.p_value for each in raw])
        tests = sum(p is not None for p in adjusted)
        return tuple(
            _with_verdict(each, p, tests, level, smallest_rate) for each, p in zip(raw, adjusted, strict=True)
        )

    return BoundaryAnalysis(family(singles), family(groups), family([everything])[0], level, smallest_rate)


def _statistics(repeats: Repeats, pairs: int, level: float) -> BoundaryStatistics:
    """Everything but the verdict."""
    answered = repeats.outcome != Outcome.FAILED
    decided = answered & (repeats.outcome != Outcome.TIE)
    wins, totals = _by_order(repeats, decided)
    complete = np.all(totals > 0, axis=1)
    a_won = np.column_stack([wins[:, 0], totals[:, 1] - wins[:, 1]])
    a_wins, n = int(a_won.sum()), int(totals.sum())
    answers = repeats.pair[answered], repeats.higher_first[answered], repeats.outcome[answered]
    return BoundaryStatistics(
        pairs=pairs,
        asked=len(repeats.outcome),
        decided=n,
        ties=int(np.sum(repeats.outcome == Outcome.TIE)),
        failures=int(np.sum(repeats.outcome == Outcome.FAILED)),
        win_rate=win_rate(int(wins.sum()), n, level),
        corrected=corrected_win_rate(wins, totals, level),
        confidence=mean_interval(repeats.confidence[answered], level),
        position=PositionRate(
            a_wins=a_wins,
            decided=n,
            rate=a_wins / n if n else None,
            exact=exact_binomial.interval(a_wins, n, level),
            p_value=exact_binomial.test(a_wins, n),
            balanced=stratified_rate(a_won[complete].ravel(), totals[complete].ravel(), level),
        ),
        agreement=agreement(*answers),
        swap=swap_consistency(*answers, level=level),
        p_value=exact_binomial.test_mean(
            (int(wins[:, 0].sum()), int(wins[:, 1].sum())), (int(totals[:, 0].sum()), int(totals[:, 1].sum()))
        ),
        p_adjusted=None,
        discrimination=Discrimination.NO_DATA,
        needed=None,
    )


def _by_order(repeats: Repeats, decided: NDArray[np.bool_]) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Wins of the higher grade and decided comparisons, each of shape (p, 2): shown first, shown second."""
    present, index = np.unique(repeats.pair, return_inverse=True)
    cell = index * 2 + ~repeats.higher_first
    size = 2 * len(present)
    won = np.bincount(cell[repeats.outcome == Outcome.HIGHER], minlength=size)
    total = np.bincount(cell[decided], minlength=size)
    return won.reshape(-1, 2), total.reshape(-1, 2)


def _with_verdict(
    raw: BoundaryStatistics, p_adjusted: float | None, tests: int, level: float, smallest_rate: float
) -> BoundaryStatistics:
    rate, interval = raw.corrected.rate, raw.corrected.interval
    needed = None
    if rate is None or interval is None or p_adjusted is None:
        verdict = Discrimination.NO_DATA
    elif (
        p_adjusted <= round(1 - level, 12)
        and not interval.low <= 0.5 <= interval.high
        and raw.win_rate.rate is not None
        and (raw.win_rate.rate - 0.5) * (rate - 0.5) > 0
    ):
        verdict = Discrimination.SHOWN if rate > 0.5 else Discrimination.REVERSED
    elif interval.high < smallest_rate:
        verdict = Discrimination.EXCLUDED
    else:
        verdict = Discrimination.UNDECIDED
        iterations = -(-raw.asked // (2 * raw.pairs))
        single = 1 - (1 - level) / tests
        needed = iterations_needed(rate, raw.decided, iterations, smallest_rate=smallest_rate, level=single)
    return replace(raw, p_adjusted=p_adjusted, discrimination=verdict, needed=needed)
