"""Controlled tests at grade boundaries: the same pairs asked many times in both orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from eng5.stats import exact_binomial
from eng5.stats.agreement import Agreement, SwapConsistency, agreement, swap_consistency
from eng5.stats.boundary_essays import EssaysRateResult, over_essays
from eng5.stats.comparisons import IntArray
from eng5.stats.interval import IntervalResult
from eng5.stats.mean_interval import MeanEstimate, mean_interval
from eng5.stats.multiplicity import holm
from eng5.stats.power import NeededIterations, iterations_needed
from eng5.stats.repeats import PairOutcome, Repeats
from eng5.stats.win_rate import (
    CorrectedWinRate,
    StratifiedRate,
    WinRate,
    corrected_win_rate,
    stratified_rate,
    win_rate,
)


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
    exact: IntervalResult | None
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
        discrimination: verdict on these pairs, at the level of the intervals, by ``p_adjusted``.
        essays: the win rate as other essays of the grades would show it; None where no pair was decided in
            both orders.
        essays_p_adjusted: its p-value, Holm-adjusted over the boundaries of the run.
        essays_discrimination: verdict for other essays.
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
    essays: EssaysRateResult | None
    essays_p_adjusted: float | None
    essays_discrimination: Discrimination


@dataclass(frozen=True, slots=True)
class BoundaryTestResult:
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
    repeats: Repeats,
    boundary_of: Sequence[int],
    *,
    essays: tuple[IntArray, IntArray] | None = None,
    level: float = 0.95,
    smallest_rate: float = 0.6,
) -> BoundaryTestResult:
    """Statistics of every pair, every boundary and the whole run, in two readings that are never mixed.

    *These pairs*: how the judge would decide on these pairs again; all intervals but those called ``essays``.
    *Essays like these*: how it would decide on other essays of the same grades, where repeats of a pair are
    no further evidence.

    Args:
        repeats: the comparisons.
        boundary_of: length p, index of the boundary to which each pair belongs, 0 ... b-1.
        essays: index of the essay of higher grade and of the other, each of shape (p,); by default no two
            pairs share an essay.
        level: level of intervals and verdicts.
        smallest_rate: smallest win rate that counts as discrimination, above 1/2.
    """
    if len(repeats.pair) and not 0 <= repeats.pair.min() <= repeats.pair.max() < len(boundary_of):
        raise ValueError(f"pairs must lie in 0 ... {len(boundary_of) - 1}, as many as have a boundary")
    if not 0.5 < smallest_rate <= 1:
        raise ValueError(f"smallest_rate must lie above 0.5 and not above 1, got {smallest_rate}")
    size = len(boundary_of)
    higher, lower = (np.arange(size), size + np.arange(size)) if essays is None else essays
    groups: list[list[int]] = [[] for _ in range(max(boundary_of, default=-1) + 1)]
    for pair, boundary in enumerate(boundary_of):
        groups[boundary].append(pair)
    singles = [[pair] for pair in range(size)]
    everything = list(range(size))

    def family(members: list[list[int]]) -> tuple[BoundaryStatistics, ...]:
        raw = [_statistics(repeats.of_pairs(pairs), len(pairs), higher, lower, level) for pairs in members]
        adjusted = holm([each.p_value for each in raw])
        of_essays = holm([None if each.essays is None else each.essays.p_value for each in raw])
        tests = sum(p is not None for p in adjusted)
        return tuple(
            _with_verdict(_for_essays(each, q, level, smallest_rate), p, tests, level, smallest_rate)
            for each, p, q in zip(raw, adjusted, of_essays, strict=True)
        )

    return BoundaryTestResult(family(singles), family(groups), family([everything])[0], level, smallest_rate)


def _statistics(
    repeats: Repeats, pairs: int, higher: IntArray, lower: IntArray, level: float
) -> BoundaryStatistics:
    """Everything but the verdicts."""
    answered = repeats.outcome != PairOutcome.FAILED
    decided = answered & (repeats.outcome != PairOutcome.TIE)
    present, wins, totals = _by_order(repeats, decided)
    complete = np.all(totals > 0, axis=1)
    rates = (wins[complete] / totals[complete]).mean(axis=1)
    both = present[complete]
    a_won = np.column_stack([wins[:, 0], totals[:, 1] - wins[:, 1]])
    a_wins, n = int(a_won.sum()), int(totals.sum())
    answers = repeats.pair[answered], repeats.higher_first[answered], repeats.outcome[answered]
    return BoundaryStatistics(
        pairs=pairs,
        asked=len(repeats.outcome),
        decided=n,
        ties=int(np.sum(repeats.outcome == PairOutcome.TIE)),
        failures=int(np.sum(repeats.outcome == PairOutcome.FAILED)),
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
        essays=over_essays(rates, higher[both], lower[both], level),
        essays_p_adjusted=None,
        essays_discrimination=Discrimination.NO_DATA,
    )


def _by_order(repeats: Repeats, decided: NDArray[np.bool_]) -> tuple[IntArray, IntArray, IntArray]:
    """The pairs, and of each, shape (p, 2), wins of the higher grade and decided: shown first, shown second."""
    present, index = np.unique(repeats.pair, return_inverse=True)
    cell = index * 2 + ~repeats.higher_first
    size = 2 * len(present)
    won = np.bincount(cell[repeats.outcome == PairOutcome.HIGHER], minlength=size)
    total = np.bincount(cell[decided], minlength=size)
    return present, won.reshape(-1, 2), total.reshape(-1, 2)


def _for_essays(
    raw: BoundaryStatistics, p_adjusted: float | None, level: float, smallest_rate: float
) -> BoundaryStatistics:
    """The verdict for other essays; a pair by itself says nothing about them."""
    found = raw.essays
    if found is None or found.interval is None or p_adjusted is None:
        verdict = Discrimination.NO_DATA
    elif p_adjusted <= round(1 - level, 12) and 0.5 not in found.interval:
        verdict = Discrimination.SHOWN if found.rate > 0.5 else Discrimination.REVERSED
    elif found.interval.high < smallest_rate:
        verdict = Discrimination.EXCLUDED
    else:
        verdict = Discrimination.UNDECIDED
    return replace(raw, essays_p_adjusted=p_adjusted, essays_discrimination=verdict)


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
