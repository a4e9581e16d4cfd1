"""The comparisons that several runs among the same essays have in common, row beside row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eng5.stats.comparisons import Comparisons, FloatArray, IntArray

Exchange = Literal["pair", "comparison"]


@dataclass(frozen=True, eq=False)
class Matched:
    """m comparisons that every run of both variants has.

    Attributes:
        n: number of essays.
        first: shape (m,), the essay shown as Essay A in the first run.
        second: shape (m,), the other one.
        outcomes: shape (k, m), a row a run, the reference's first: +1 when ``first`` won, -1 when ``second``
            did, 0 for a tie, whichever essay the run saw first.
        of_reference: how many of the k runs are the reference's.
        unit: shape (m,), comparisons of one unit are exchanged together.
    """

    n: int
    first: IntArray
    second: IntArray
    outcomes: IntArray
    of_reference: int
    unit: IntArray

    def apart(self, by_run: FloatArray) -> FloatArray:
        """Mean over the variant's runs less mean over the reference's; runs are on the first axis."""
        return np.asarray(by_run[self.of_reference :].mean(axis=0) - by_run[: self.of_reference].mean(axis=0))


def match(
    reference: Sequence[Comparisons], variant: Sequence[Comparisons], *, exchange: Exchange = "pair"
) -> Matched:
    """Set the runs of two variants side by side.

    The k-th comparison of a pair in one order is matched with the k-th in the same order of every other run;
    what is left over of a pair is matched across orders. Comparisons that one of the runs lacks are left out.

    Args:
        reference: comparisons of each of its runs.
        variant: the same, among the same essays.
        exchange: unit of the exchange. "pair" holds even where the repeats of a pair depend on each other
            within a run; "comparison" takes every repeat as judged afresh, as a boundary test with few
            pairs needs.
    """
    runs = [*reference, *variant]
    sizes = sorted({run.n for run in runs})
    if len(sizes) > 1:
        raise ValueError(f"all must be among the same essays, got {' and '.join(map(str, sizes))}")
    in_order = [_rows(run, ordered=True) for run in runs]
    matched = _zip_rows(in_order)
    used = [set(rows) for rows in zip(*matched, strict=True)] or [set() for _ in runs]
    left_over = [_rows(run, ordered=False, but=seen) for run, seen in zip(runs, used, strict=True)]
    rows = np.array(sorted(matched + _zip_rows(left_over)), dtype=np.int64).reshape(-1, len(runs))
    first, second = runs[0].first[rows[:, 0]], runs[0].second[rows[:, 0]]
    outcomes = np.empty((len(runs), len(rows)), dtype=np.int64)
    for place, run in enumerate(runs):
        chosen = rows[:, place]
        outcomes[place] = np.where(run.first[chosen] == first, run.outcome[chosen], -run.outcome[chosen])
    pair = np.minimum(first, second) * runs[0].n + np.maximum(first, second)
    unit = np.unique(pair, return_inverse=True)[1] if exchange == "pair" else np.arange(len(rows))
    return Matched(runs[0].n, first, second, outcomes, len(reference), unit)


def _rows(
    comparisons: Comparisons, *, ordered: bool, but: set[int] | None = None
) -> dict[tuple[int, int], list[int]]:
    """Rows of each pair, by (first, second) or, unordered, by (smaller, larger) index."""
    by_pair: dict[tuple[int, int], list[int]] = defaultdict(list)
    sides = zip(comparisons.first.tolist(), comparisons.second.tolist(), strict=True)
    for row, (first, second) in enumerate(sides):
        if but is None or row not in but:
            key = (first, second) if ordered else (min(first, second), max(first, second))
            by_pair[key].append(row)
    return by_pair


def _zip_rows(runs: Sequence[dict[tuple[int, int], list[int]]]) -> list[tuple[int, ...]]:
    shared = [key for key in runs[0] if all(key in run for run in runs)]
    return [rows for key in shared for rows in zip(*(run[key] for run in runs), strict=False)]
