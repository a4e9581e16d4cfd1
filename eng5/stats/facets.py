"""Several judges of the same essays: does each of them agree with the others, scatter more, or lean to one side?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons, IntArray
from eng5.stats.expert_agreement import Agreed, agreed, couples, infit_interval
from eng5.stats.interval import IntervalResult
from eng5.stats.win_rate import WinRate, win_rate


@dataclass(frozen=True, slots=True)
class JudgeFacetResult:
    """One judge among others.

    Attributes:
        judge: index.
        comparisons: that this judge answered, ties included.
        ties: of these.
        agreement: decided comparisons that agree with the order of the other judges' scores, of those in which
            these know an order.
        infit: squared residuals of its verdicts from all judges' scores over their expected sum; 1 is expected,
            far above 1 a judge decides otherwise than the rest. None without a decided comparison.
        infit_interval: of it; None with few comparisons.
        first: decided comparisons that the essay shown first won.
        peers: its verdicts that are those of another judge on the same pair.
    """

    judge: int
    comparisons: int
    ties: int
    agreement: WinRate
    infit: float | None
    infit_interval: IntervalResult | None
    first: WinRate
    peers: Agreed


def judge_facets(
    comparisons: Comparisons, judge: IntArray, level: float = 0.95
) -> tuple[JudgeFacetResult, ...]:
    """One entry a judge, in the order of their indices.

    Args:
        comparisons: of all judges.
        judge: shape (m,), index of the judge of each comparison.
        level: level of the intervals. Wilson's take a judge's comparisons as independent; that of ``peers`` does not.

    Source: infit as for essays, A. Pollitt (2012), Assess. Educ. 19, 281-300.
    """
    theta = fit(comparisons).theta if comparisons.decided.any() else np.zeros(comparisons.n)
    expected = expit(theta[comparisons.first] - theta[comparisons.second])
    won = comparisons.outcome > 0
    there = couples(comparisons.select(comparisons.decided), judge[comparisons.decided])
    found = []
    for each in range(int(judge.max(initial=-1)) + 1):
        own = judge == each
        decided = own & comparisons.decided
        squares, variances = (won - expected)[decided] ** 2, (expected * (1 - expected))[decided]
        variance = float(variances.sum())
        found.append(
            JudgeFacetResult(
                judge=each,
                comparisons=int(own.sum()),
                ties=int((own & ~comparisons.decided).sum()),
                agreement=_agreement(comparisons, own, level),
                infit=float(squares.sum()) / variance if variance else None,
                infit_interval=infit_interval(squares, variances, level),
                first=win_rate(int(won[decided].sum()), int(decided.sum()), level),
                peers=agreed(there.select((there.one == each) | (there.other == each)), level=level),
            )
        )
    return tuple(found)


def _agreement(comparisons: Comparisons, own: IntArray, level: float) -> WinRate:
    """Of the judge's decided comparisons, those that agree with the order of everybody else."""
    others, mine = comparisons.select(~own), comparisons.select(own & comparisons.decided)
    if not others.decided.any():
        return win_rate(0, 0, level)
    found = fit(others)
    part = np.full(comparisons.n, -1)
    for number, members in enumerate(found.components):
        part[list(members)] = number
    order = np.sign(np.round(found.theta[mine.first] - found.theta[mine.second], 9))
    known = (part[mine.first] == part[mine.second]) & (part[mine.first] >= 0) & (order != 0)
    return win_rate(int((order == mine.outcome)[known].sum()), int(known.sum()), level)
