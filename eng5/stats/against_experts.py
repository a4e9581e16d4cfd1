"""A judge and experts on the same pairs: does it agree with them as they agree with each other?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from eng5.stats.alternative_annotator import (
    MARGIN,
    AgainstGrader,
    AlternativeAnnotator,
    in_place_of,
    together,
)
from eng5.stats.comparisons import Comparisons, IntArray
from eng5.stats.dyadic import ROBUST, dyadic_variance
from eng5.stats.expert_agreement import Agreed, Couples, agreed, couples, verdicts_by_pair
from eng5.stats.interval import IntervalResult


@dataclass(frozen=True, slots=True)
class PairSplit:
    """What both say of a pair i < j.

    Attributes:
        i: the essay with the lower index.
        j: the other.
        judge_i: verdicts of the judge for i.
        judge_j: for j.
        experts_i: verdicts of experts for i.
        experts_j: for j.
    """

    i: int
    j: int
    judge_i: int
    judge_j: int
    experts_i: int
    experts_j: int

    @property
    def apart(self) -> float:
        """How much oftener the judge chooses i than the experts do, -1 to 1, few verdicts drawn to one half.

        Shares are (wins + 1/2) / (verdicts + 1), the mean under Jeffreys' prior.
        """
        judge = (self.judge_i + 0.5) / (self.judge_i + self.judge_j + 1)
        return judge - (self.experts_i + 0.5) / (self.experts_i + self.experts_j + 1)


@dataclass(frozen=True, slots=True)
class AgainstExperts:
    """A judge against experts, over pairs that it and they decided.

    Attributes:
        pairs: such pairs.
        verdicts: the experts' decided verdicts on them.
        with_experts: how often a verdict of the judge is that of an expert.
        among_experts: how often those of two experts are the same, on the same pairs.
        difference: the first less the second, over verdicts on pairs that a second expert decided; None without.
        interval: of the difference, for other essays of the same kind.
        in_place: the judge in the place of each expert; None with a single one.
        splits: every such pair, the largest difference first.
    """

    pairs: int
    verdicts: int
    with_experts: Agreed
    among_experts: Agreed
    difference: float | None
    interval: IntervalResult | None
    in_place: AlternativeAnnotator | None
    splits: tuple[PairSplit, ...]


def against_experts(
    judge: Comparisons, experts: Comparisons, expert: IntArray, *, level: float = 0.95
) -> AgainstExperts:
    """Set a judge beside experts. Ties are left out: what is compared is who was chosen.

    Args:
        judge: its comparisons, n essays.
        experts: theirs, of the same essays.
        expert: shape (m,), who made each of these.
        level: of the intervals.
    """
    own = {pair: [said for _, said in rows if said] for pair, rows in _decided(judge).items()}
    theirs = _decided(experts, expert)
    shared = sorted(pair for pair in own.keys() & theirs.keys())
    splits = tuple(
        sorted(
            (
                PairSplit(*pair, own[pair].count(1), own[pair].count(-1), *_count(theirs[pair]))
                for pair in shared
            ),
            key=lambda one: (-abs(one.apart), one.i, one.j),
        )
    )
    share = {pair: own[pair].count(1) / len(own[pair]) for pair in shared}
    rows = [(pair, by, said) for pair in shared for by, said in theirs[pair]]
    chosen = experts.decided & np.array(
        [(min(a, b), max(a, b)) in share for a, b in zip(experts.first.tolist(), experts.second.tolist(), strict=True)],
        dtype=np.bool_,
    )  # fmt: skip
    there = couples(experts.select(chosen), expert[chosen])
    difference, interval = _difference(share, theirs, shared, level)
    return AgainstExperts(
        pairs=len(shared),
        verdicts=len(rows),
        with_experts=agreed(_with_each(share, rows), level=level),
        among_experts=agreed(there, level=level),
        difference=difference,
        interval=interval,
        in_place=_in_place(share, theirs, shared, level),
        splits=splits,
    )


def _decided(
    comparisons: Comparisons, judge: IntArray | None = None
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    by = np.zeros(len(comparisons), dtype=np.int64) if judge is None else judge
    return verdicts_by_pair(comparisons.select(comparisons.decided), by[comparisons.decided])


def _count(verdicts: list[tuple[int, int]]) -> tuple[int, int]:
    of = Counter(said for _, said in verdicts)
    return of[1], of[-1]


def _with_each(share: dict[tuple[int, int], float], rows: list[tuple[tuple[int, int], int, int]]) -> Couples:
    """Each verdict of an expert with the judge's, who comes after all experts; ``alike`` is how often they match."""
    places = np.array([(*pair, by) for pair, by, _ in rows], dtype=np.int64).reshape(-1, 3)
    i, j, by = places.T
    alike = np.array([share[pair] if said > 0 else 1 - share[pair] for pair, _, said in rows])
    one = np.ones(len(rows))
    return Couples(i, j, by, np.full(len(rows), by.max(initial=0) + 1), alike, one.astype(np.bool_), one)


def _difference(
    share: dict[tuple[int, int], float],
    theirs: dict[tuple[int, int], list[tuple[int, int]]],
    shared: list[tuple[int, int]],
    level: float,
) -> tuple[float | None, IntervalResult | None]:
    """Judge less another expert, in agreeing with each verdict that has one beside it."""
    rows = []
    for pair in shared:
        for by, said in theirs[pair]:
            others = [verdict for who, verdict in theirs[pair] if who != by]
            if others:
                judge = share[pair] if said > 0 else 1 - share[pair]
                rows.append((*pair, judge - sum(verdict == said for verdict in others) / len(others)))
    if not rows:
        return None, None
    i, j = (np.array([row[place] for row in rows]) for place in (0, 1))
    value = np.array([row[2] for row in rows])
    mean, essays = float(value.mean()), len(np.union1d(i, j))
    variance = dyadic_variance(value, i, j)
    if np.isnan(variance) or essays < 4:
        return mean, None
    error = float(np.sqrt(variance + 0.25 / len(rows) ** 2))
    return mean, IntervalResult.student(mean, error, essays - 1, level, ROBUST, (-1.0, 1.0))


def _in_place(
    share: dict[tuple[int, int], float],
    theirs: dict[tuple[int, int], list[tuple[int, int]]],
    shared: list[tuple[int, int]],
    level: float,
) -> AlternativeAnnotator | None:
    """The alternative annotator test: each expert in turn is set aside, and the judge takes the place."""
    experts = sorted({by for pair in shared for by, _ in theirs[pair]})
    if len(experts) < 2:
        return None
    return together([_against(each, share, theirs, shared, level) for each in experts], MARGIN, level)


def _against(
    expert: int,
    share: dict[tuple[int, int], float],
    theirs: dict[tuple[int, int], list[tuple[int, int]]],
    shared: list[tuple[int, int]],
    level: float,
) -> AgainstGrader:
    rows: list[tuple[int, int, float, float]] = []
    for pair in shared:
        own = [said for by, said in theirs[pair] if by == expert]
        others = [said for by, said in theirs[pair] if by != expert]
        if own and others:
            first = others.count(1) / len(others)
            mine = own.count(1) / len(own)
            judged, said = (x * first + (1 - x) * (1 - first) for x in (share[pair], mine))
            rows.append((*pair, judged, said))
    if not rows:
        return AgainstGrader(0, None, None, None, None, None, None, False)
    i, j = (np.array([row[place] for row in rows], dtype=np.int64) for place in (0, 1))
    of_judge, of_expert = (np.array([row[place] for row in rows]) for place in (2, 3))
    return in_place_of(of_judge, of_expert, i, j, margin=MARGIN, level=level)
