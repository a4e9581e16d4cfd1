"""May the judge stand in for a grader? The alternative annotator test, over pairs of essays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.dyadic import ROBUST, dyadic_variance
from eng5.stats.graders import reliability
from eng5.stats.interval import IntervalResult

MARGIN = 0.1
"""By how much less than a grader the judge may agree with the others and still count as good: share of pairs."""
FEWEST_ESSAYS = 6


@dataclass(frozen=True, slots=True)
class AgainstGrader:
    """The judge in the place of one grader.

    Attributes:
        pairs: pairs that this grader graded and at least one other puts in an order.
        judge: share of them in which the judge agrees with the others, equal grades counting half.
        grader: the same of the grader.
        advantage: judge less grader; None without a pair.
        interval: of the advantage, for essays drawn anew.
        p_value: one-sided, that the judge agrees less by ``MARGIN`` or more.
        p_adjusted: adjusted over the graders (Benjamini and Yekutieli 2001).
        stands_in: the judge is not worse than this grader by the margin.
    """

    pairs: int
    judge: float | None
    grader: float | None
    advantage: float | None
    interval: IntervalResult | None
    p_value: float | None
    p_adjusted: float | None
    stands_in: bool


@dataclass(frozen=True, slots=True)
class AlternativeAnnotator:
    """Result of the test.

    Attributes:
        graders: one entry a grader.
        winning_rate: share of the graders whom the judge may stand in for; None when no test was possible.
        as_good: the winning rate is at least one half.
        margin: as in ``MARGIN``.
        level: 1 - error rate of the test.
    """

    graders: tuple[AgainstGrader, ...]
    winning_rate: float | None
    as_good: bool
    margin: float
    level: float


def alternative_annotator(
    score: FloatArray, grade: FloatArray, *, margin: float = MARGIN, level: float = 0.95
) -> AlternativeAnnotator:
    """Test whether the judge orders essays as well as another grader would.

    One grader at a time is set aside. Over the pairs that others put in an order, the judge's agreement with
    them is held against the grader's. The original takes instances as independent; here pairs share essays,
    so Student's t has the dyadic-robust variance and one degree of freedom less than there are essays. False
    "as good" is at most 5 % where the judge is worse by the margin (`tests/stats/test_alternative_annotator.py`).

    Args:
        score: shape (n,), the judge's score of each essay, higher is better; NaN unknown.
        grade: shape (n, g), each grader's grade as a place on the scale; NaN where there is none.
        margin: by how much less the judge may agree, as a share of pairs.
        level: 1 - error rate.

    Source: N. Calderon, R. Reichart, R. Dror (2025), The Alternative Annotator Test for LLM-as-a-Judge, ACL;
    Y. Benjamini, D. Yekutieli (2001), Ann. Statist. 29, 1165-1188.
    """
    return together(
        [_against(score, grade, place, margin, level) for place in range(grade.shape[1])], margin, level
    )


def together(found: Sequence[AgainstGrader], margin: float, level: float) -> AlternativeAnnotator:
    """The test over all graders, from the judge in the place of each."""
    p_values = [each.p_value for each in found if each.p_value is not None]
    adjusted = iter(_benjamini_yekutieli(np.array(p_values)).tolist())
    graders = []
    for each in found:
        p = None if each.p_value is None else next(adjusted)
        graders.append(
            AgainstGrader(
                each.pairs, each.judge, each.grader, each.advantage, each.interval, each.p_value,
                p, p is not None and p <= round(1 - level, 12),
            )
        )  # fmt: skip
    rate = sum(each.stands_in for each in graders) / len(graders) if p_values else None
    return AlternativeAnnotator(tuple(graders), rate, rate is not None and rate >= 0.5, margin, level)


def power(
    essays: int,
    graders: int,
    reliability_of_one: float,
    *,
    grades: int,
    margin: float = MARGIN,
    level: float = 0.95,
    datasets: int = 200,
    seed: int = 0,
) -> float:
    """Probability that a judge exactly as good as a grader is found to be, before anything is judged.

    Args:
        essays: number of essays that all graders graded.
        graders: number of graders.
        reliability_of_one: share of the variance of a single grader's grades that is not error.
        grades: number of grades of the scale.
        margin: as for :func:`alternative_annotator`.
        level: as for :func:`alternative_annotator`.
        datasets: number of simulated panels.
        seed: seed of the generator.
    """
    found = 0
    error = np.sqrt(max(0.0, 1 / max(reliability_of_one, 1e-9) - 1))
    for number in range(datasets):
        rng = np.random.default_rng([seed, number])
        truth = rng.normal(0, 1, essays)
        seen = truth[:, None] + rng.normal(0, error, (essays, graders + 1))
        edges = np.quantile(seen, np.arange(1, grades) / grades)
        grade = np.digitize(seen[:, 1:], edges).astype(np.float64)
        found += alternative_annotator(seen[:, 0], grade, margin=margin, level=level).as_good
    return found / datasets


def power_of_panel(grade: FloatArray, grades: int) -> float | None:
    """:func:`power` for graders whose grades are here; None without two graders of the same essays.

    Args:
        grade: shape (n, g), as for :func:`alternative_annotator`.
        grades: number of grades of the scale.
    """
    several = grade[(~np.isnan(grade)).sum(axis=1) > 1]
    of_median = reliability(grade)
    if grade.shape[1] < 2 or of_median is None or of_median <= 0:
        return None
    count = float((~np.isnan(several)).sum(axis=1).mean())
    of_one = of_median / (count - (count - 1) * of_median)
    return power(len(several), grade.shape[1], of_one, grades=grades)


def _against(score: FloatArray, grade: FloatArray, place: int, margin: float, level: float) -> AgainstGrader:
    i, j = np.triu_indices(len(score), 1)

    def order(values: FloatArray) -> FloatArray:
        return np.asarray(np.sign(values[i] - values[j]))

    judge, own = order(score), order(grade[:, place])
    others = np.stack(
        [order(grade[:, each]) for each in range(grade.shape[1]) if each != place] or [own * np.nan]
    )
    ordered = np.nan_to_num(np.abs(others)) > 0
    count = ordered.sum(axis=0)
    used = (count > 0) & ~np.isnan(judge) & ~np.isnan(own)
    i, j = i[used], j[used]
    if not used.any():
        return AgainstGrader(0, None, None, None, None, None, None, False)

    def agreement(side: FloatArray) -> FloatArray:
        alike = np.where(ordered, 1 - np.abs(side[None] - others) / 2, 0.0)[:, used]
        return np.asarray(alike.sum(axis=0) / count[used])

    return in_place_of(agreement(judge), agreement(own), i, j, margin=margin, level=level)


def in_place_of(
    of_judge: FloatArray, of_grader: FloatArray, i: IntArray, j: IntArray, *, margin: float, level: float
) -> AgainstGrader:
    """The judge in the place of a grader, over pairs of essays.

    Args:
        of_judge: shape (P,), the judge's agreement with the others on each pair, 0 to 1.
        of_grader: shape (P,), the grader's.
        i: shape (P,), one essay of each pair.
        j: shape (P,), the other.
        margin: as for :func:`alternative_annotator`.
        level: as for :func:`alternative_annotator`.
    """
    essays = len(np.union1d(i, j))
    apart = of_judge - of_grader
    mean = float(apart.mean())
    sides = float(of_judge.mean()), float(of_grader.mean())
    variance = dyadic_variance(apart, i, j)
    if essays < FEWEST_ESSAYS or np.isnan(variance):
        return AgainstGrader(len(i), *sides, mean, None, None, None, False)
    # A judge that agrees with the others exactly where the grader does leaves no variance to judge by.
    error = float(np.sqrt(variance + 0.25 / len(i) ** 2))
    interval = IntervalResult.student(mean, error, essays - 1, level, ROBUST, (-1.0, 1.0))
    p_value = float(stdtr(essays - 1, -(mean + margin) / error))
    return AgainstGrader(len(i), *sides, mean, interval, p_value, None, False)


def _benjamini_yekutieli(p: FloatArray) -> FloatArray:
    """Adjusted p-values that keep the false discovery rate whatever the dependence, shape (k,)."""
    size = len(p)
    if size == 0:
        return p
    order = np.argsort(p)
    factor = size * (1 / np.arange(1, size + 1)).sum() / np.arange(1, size + 1)
    adjusted = np.minimum(1.0, np.minimum.accumulate((p[order] * factor)[::-1])[::-1])
    result = np.empty(size)
    result[order] = adjusted
    return result
