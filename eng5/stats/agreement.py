"""Does a judge repeat itself: over repeats of a pair, and when the order of the essays is swapped."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from eng5.stats.interval import IntervalResult
from eng5.stats.win_rate import wilson

Ints = NDArray[np.int_]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of repeats with the majority of their pair.

    Attributes:
        pairs: pairs with at least two verdicts.
        verdicts: verdicts on those pairs, ties included.
        agreeing: verdicts equal to the most frequent verdict of their pair.
        rate: agreeing / verdicts; None when no pair has two verdicts.
        coin: the rate expected of a judge that tosses a coin on the same numbers of verdicts.
        repeats_identical: all repeats of a pair in the same order gave the same verdict, as those of a
            deterministic judge do: repeats then carry no information beyond the first. None when
            nothing was repeated in the same order.
    """

    pairs: int
    verdicts: int
    agreeing: int
    rate: float | None
    coin: float | None
    repeats_identical: bool | None


@dataclass(frozen=True, slots=True)
class SwapConsistency:
    """Whether the winner stays the same when the order of the essays is swapped.

    Attributes:
        pairs: pairs with a majority winner in each of the two orders.
        consistent_pairs: those with the same majority winner in both.
        rate: consistent_pairs / pairs; None when there is no such pair.
        repeats: k-th verdict in one order set beside the k-th in the other, both decided.
        consistent_repeats: those with the same winner.
        repeat_rate: consistent_repeats / repeats; None when there is none.
        repeat_interval: Wilson interval of repeat_rate.
    """

    pairs: int
    consistent_pairs: int
    rate: float | None
    repeats: int
    consistent_repeats: int
    repeat_rate: float | None
    repeat_interval: IntervalResult | None


def agreement(pair: Ints, in_order: Bools, verdict: Ints) -> Agreement:
    """Share of the repeats of a pair that agree with its majority.

    Args:
        pair: shape (m,), which pair was judged.
        in_order: shape (m,), True where the pair was shown in its listed order.
        verdict: shape (m,), +1 the pair's listed first essay won, -1 its second, 0 tie; failures left out.
    """
    cells = _counts(pair, in_order, verdict)
    per_cell = cells.sum(axis=2)
    repeated = per_cell > 1
    per_pair = per_cell.sum(axis=1)
    several = per_pair > 1
    verdicts = int(per_pair[several].sum())
    agreeing = int(cells.sum(axis=1).max(axis=1)[several].sum())
    lengths, times = np.unique(per_pair[several], return_counts=True)
    coin = sum(_coin_majority(int(n)) * int(k) for n, k in zip(lengths, times, strict=True))
    return Agreement(
        pairs=int(several.sum()),
        verdicts=verdicts,
        agreeing=agreeing,
        rate=agreeing / verdicts if verdicts else None,
        coin=coin / verdicts if verdicts else None,
        repeats_identical=bool(np.all((cells.max(axis=2) == per_cell)[repeated])) if repeated.any() else None,
    )


def swap_consistency(pair: Ints, in_order: Bools, verdict: Ints, level: float = 0.95) -> SwapConsistency:
    """Share of pairs, and of single repeats, whose winner does not change with the order.

    Arguments as for :func:`agreement`, in the order in which the repeats were asked.
    """
    cells = _counts(pair, in_order, verdict)
    winners = np.sign(cells[:, :, 2] - cells[:, :, 0])
    decided = np.all(winners != 0, axis=1)
    pairs, consistent = int(decided.sum()), int((winners[:, 0] == winners[:, 1])[decided].sum())

    sides = [_numbered(pair[side], verdict[side]) for side in (in_order, ~in_order)]
    matched = sides[0].keys() & sides[1].keys()
    products = [sides[0][key] * sides[1][key] for key in matched]
    consistent_repeats, repeats = products.count(1), len(products) - products.count(0)
    return SwapConsistency(
        pairs=pairs,
        consistent_pairs=consistent,
        rate=consistent / pairs if pairs else None,
        repeats=repeats,
        consistent_repeats=consistent_repeats,
        repeat_rate=consistent_repeats / repeats if repeats else None,
        repeat_interval=wilson(consistent_repeats, repeats, level),
    )


def _counts(pair: Ints, in_order: Bools, verdict: Ints) -> Ints:
    """Shape (p, 2, 3): verdicts of each pair, in its listed order and swapped, by lost, tied, won."""
    pairs, index = np.unique(pair, return_inverse=True)
    cell = (index * 2 + ~in_order) * 3 + verdict + 1
    return np.bincount(cell, minlength=6 * len(pairs)).reshape(len(pairs), 2, 3)


def _numbered(pair: Ints, verdict: Ints) -> dict[tuple[int, int], int]:
    """Verdicts by (pair, k), where k counts the repeats of that pair from 0."""
    seen: Counter[int] = Counter()
    numbered = {}
    for each, result in zip(pair.tolist(), verdict.tolist(), strict=True):
        numbered[each, seen[each]] = result
        seen[each] += 1
    return numbered


def _coin_majority(n: int) -> float:
    """Expected size of the majority among n tosses of a fair coin: n/2 + n C(n-1, (n-1)//2) / 2^n."""
    return n / 2 + n * comb(n - 1, (n - 1) // 2) / (1 << n)
