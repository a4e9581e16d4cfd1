"""Who beat whom between grades, for runs of more essays than anybody reads one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eng5.contracts.analysis import LARGEST_MATRIX, GradeGroup, GradeMatrix
from eng5.reports.alignment.dataset import Dataset

MOST_GROUPS = 12
"""Grades beyond so many are put together with their neighbours."""


def build(data: Dataset) -> GradeMatrix | None:
    """Wins between groups of grades, best first; None where the essays themselves make a readable matrix.

    Ties and essays without a grade are left out.
    """
    levels = sorted(set(data.level[data.level >= 0].tolist()), reverse=True)
    if data.comparisons.n <= LARGEST_MATRIX or len(levels) < 2:
        return None
    groups = [part.tolist() for part in np.array_split(levels, min(len(levels), MOST_GROUPS))]
    of_level = {level: place for place, part in enumerate(groups) for level in part}
    group = np.array([of_level.get(level, -1) for level in data.level.tolist()])
    wins = np.zeros((len(groups), len(groups)), dtype=np.int64)
    first, second = group[data.comparisons.first], group[data.comparisons.second]
    for outcome, winner, loser in ((1, first, second), (-1, second, first)):
        kept = (data.comparisons.outcome == outcome) & (winner >= 0) & (loser >= 0)
        np.add.at(wins, (winner[kept], loser[kept]), 1)
    return GradeMatrix(
        groups=[
            GradeGroup(
                label=_label(data.grades, part),
                lowest=part[-1],
                highest=part[0],
                essays=int((group == place).sum()),
            )
            for place, part in enumerate(groups)
        ],
        wins=wins.tolist(),
    )


def _label(grades: Sequence[str], levels: Sequence[int]) -> str:
    low, high = grades[levels[-1]], grades[levels[0]]
    return low if low == high else f"{low} to {high}"
