"""Do people who compared the same pairs agree, and what does that leave for any other judge?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np
from scipy.special import ndtri

from eng5.stats.comparisons import BoolArray, Comparisons, FloatArray, IntArray
from eng5.stats.dyadic import dyadic_variance
from eng5.stats.interval import IntervalResult
from eng5.stats.share_interval import share_interval


@dataclass(frozen=True, eq=False)
class Couples:
    """c couples of verdicts on the same pair of essays by two different judges.

    Attributes:
        i: shape (c,), one essay of the pair.
        j: shape (c,), the other.
        one: shape (c,), one judge.
        other: shape (c,), the other judge.
        alike: shape (c,), 1 where both gave the same verdict.
        decided: shape (c,), whether both chose an essay.
        weight: shape (c,), 1 / (m - 1) where m verdicts were given on the pair.
    """

    i: IntArray
    j: IntArray
    one: IntArray
    other: IntArray
    alike: FloatArray
    decided: BoolArray
    weight: FloatArray

    def select(self, rows: IntArray | BoolArray) -> Couples:
        """The couples at ``rows``."""
        return Couples(*(getattr(self, one.name)[rows] for one in fields(self)))

    @property
    def pairs(self) -> int:
        """Pairs of essays among them."""
        return len({*zip(self.i.tolist(), self.j.tolist(), strict=True)})


@dataclass(frozen=True, slots=True)
class Agreed:
    """Share of couples of verdicts that are alike.

    Attributes:
        share: None without a couple.
        interval: for other essays and other judges of the same kind; None where too few say how far they differ.
        couples: how many there are.
    """

    share: float | None
    interval: IntervalResult | None
    couples: int


def verdicts_by_pair(
    comparisons: Comparisons, judge: IntArray
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """(judge, verdict) of each pair i < j: +1 for i, -1 for j, 0 for a tie."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    rows = zip(
        comparisons.first.tolist(), comparisons.second.tolist(), comparisons.outcome.tolist(),
        judge.tolist(), strict=True,
    )  # fmt: skip
    for first, second, outcome, by in rows:
        found[min(first, second), max(first, second)].append((by, outcome if first < second else -outcome))
    return found


def couples(comparisons: Comparisons, judge: IntArray) -> Couples:
    """Every couple.

    Args:
        comparisons: of all judges, ties included.
        judge: shape (m,), index of the judge of each comparison.
    """
    rows = [
        (i, j, one, other, float(said == other_said), said != 0 != other_said, 1.0 / (len(verdicts) - 1))
        for (i, j), verdicts in verdicts_by_pair(comparisons, judge).items()
        for (one, said), (other, other_said) in combinations(verdicts, 2)
        if one != other
    ]
    parts = list(zip(*rows, strict=True)) or [()] * 7
    whole, real = np.int64, np.float64
    kinds = (whole, whole, whole, whole, real, np.bool_, real)
    return Couples(*(np.array(part, dtype=kind) for part, kind in zip(parts, kinds, strict=True)))


def agreed(found: Couples, *, weighted: bool = False, level: float = 0.95) -> Agreed:
    """Share of couples that are alike, with Wilson's interval on the two-way variance.

    Args:
        found: the couples.
        weighted: by ``Couples.weight``, so that every verdict counts alike, as in Krippendorff's alpha.
        level: of the interval.
    """
    weight = found.weight if weighted else np.ones(len(found.alike))
    if not len(weight):
        return Agreed(None, None, 0)
    share = float(weight @ found.alike / weight.sum())
    essays, judges = len({*found.i, *found.j}), len({*found.one, *found.other})
    # Where all or none are alike the spread there is 0; one couple that is not stands in for it.
    typical = float(np.clip(share, 0.5 / len(weight), 1.0 - 0.5 / len(weight)))
    variance = two_way_variance(found, weight)
    if np.isnan(variance):
        return Agreed(share, None, len(weight))
    variance = max(variance, typical * (1.0 - typical) / len(weight))
    few = min(essays, judges) if judges > 2 else essays
    named = "essays and judges" if judges > 2 else "essays"
    interval = share_interval(
        share,
        variance,
        f"Wilson, variance clustered by {named}",
        typical=typical,
        freedom=few - 1,
        level=level,
    )
    return Agreed(share, interval, len(weight))


def two_way_variance(found: Couples, weight: FloatArray) -> float:
    """Variance of the weighted mean of ``alike`` when couples that share an essay or a judge depend on each other.

    That over essays plus that over judges, each dyadic-robust, less what is in both: couples that share an essay
    and a judge. Of two judges nothing is known about others like them, and essays alone count. NaN below three
    essays.

    Source: A. C. Cameron, J. B. Gelbach, D. L. Miller (2011), J. Bus. Econ. Stat. 29:238-249 (several ways);
    Aronow, Samii, Assenova (2015), as in ``dyadic_variance`` (dyads).
    """
    of_essays = dyadic_variance(found.alike, found.i, found.j, weight)
    of_judges = dyadic_variance(found.alike, found.one, found.other, weight)
    if np.isnan(of_judges):
        return of_essays
    residual = weight * (found.alike - weight @ found.alike / weight.sum()) / weight.sum()

    def squares(*keys: IntArray) -> float:
        place = np.unique(np.stack(keys), axis=1, return_inverse=True)[1].reshape(-1)
        return float((np.bincount(place, np.tile(residual, len(place) // len(residual))) ** 2).sum())

    low, high = np.minimum(found.one, found.other), np.maximum(found.one, found.other)
    cells = squares(
        np.concatenate([found.i, found.i, found.j, found.j]),
        np.concatenate([found.one, found.other, found.one, found.other]),
    )
    of_pair = squares(np.tile(found.i, 2), np.tile(found.j, 2), np.concatenate([found.one, found.other]))
    of_couple = squares(np.concatenate([found.i, found.j]), np.tile(low, 2), np.tile(high, 2))
    both = cells - of_pair - of_couple + squares(found.i, found.j, low, high)
    return max(of_essays + of_judges - both, of_essays, of_judges)


def alpha(comparisons: Comparisons, judge: IntArray) -> float | None:
    """Krippendorff's alpha of verdicts on pairs: for the one essay, for the other, or a tie; nominal.

    Which essay of a pair is called the first is a matter of names. So each pair is entered a second time the
    other way round, and both essays are as often chosen by chance; else alpha would depend on the names. None
    where no pair has two verdicts, or all verdicts are ties.

    Source: K. Krippendorff (2004), Content Analysis, chapter 11.
    """
    disagreeing = used = ties = 0.0
    for verdicts in verdicts_by_pair(comparisons, judge).values():
        if len(verdicts) < 2:
            continue
        said = [verdict for _, verdict in verdicts]
        count = [said.count(value) for value in (1, -1, 0)]
        m = len(said)
        disagreeing += (m * m - sum(n * n for n in count)) / (m - 1)
        used += m
        ties += count[2]
    total, one = 2.0 * used, used - ties
    by_chance = total * total - 2.0 * one * one - 4.0 * ties * ties
    if not used or by_chance <= 0:
        return None
    return 1.0 - (disagreeing / used) / (by_chance / (total * (total - 1.0)))


def best_possible(among: float) -> float:
    """The most that any judge can agree with a single expert where two experts agree in a share of the pairs.

    If of all such experts the share q chooses the one essay of a pair, two of them agree with probability
    q² + (1 - q)² = 1/2 + (2q - 1)² / 2, and a judge that always sides with the majority agrees with one of them
    with |2q - 1| / 2 + 1/2. By Jensen's inequality the mean of |2q - 1| is no more than the root of the mean of
    its square: 1/2 + √(2 P - 1) / 2, P the mean agreement of two. Equality where all pairs are alike.
    """
    return 0.5 + 0.5 * float(np.sqrt(max(0.0, 2.0 * among - 1.0)))


def infit_interval(squares: FloatArray, expected: FloatArray, level: float = 0.95) -> IntervalResult | None:
    """Interval of Σ squares / Σ expected, a ratio of sums over comparisons; None below five of them.

    Args:
        squares: shape (m,), squared residuals.
        expected: shape (m,), their variances.
    """
    if len(squares) < 5 or expected.sum() <= 0:
        return None
    infit = float(squares.sum() / expected.sum())
    error = float(np.sqrt(((squares - infit * expected) ** 2).sum()) / expected.sum())
    half = float(ndtri((1 + level) / 2)) * error
    return IntervalResult(max(0.0, infit - half), infit + half, level, "linearised ratio of sums")


def median_interval(values: Iterable[float], level: float = 0.95) -> IntervalResult | None:
    """Interval of a median, between two order statistics, whatever the distribution; None below six values.

    The k-th smallest and the k-th largest hold the median unless fewer than k of n fair coins fall on one side.

    Source: W. R. Thompson (1936), Ann. Math. Statist. 7:122-128.
    """
    from scipy.stats import binom  # a third of a second

    ordered = sorted(values)
    k = int(binom.ppf((1 - level) / 2, len(ordered), 0.5)) if ordered else 0
    if k < 1:
        return None
    return IntervalResult(ordered[k - 1], ordered[-k], level, "order statistics")
