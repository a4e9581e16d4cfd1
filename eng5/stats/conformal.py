"""Grades of new essays, with intervals that hold whatever the judge: jackknife+ over the anchors."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.ruler import FEWEST_ANCHORS, line, win_share


@dataclass(frozen=True, slots=True)
class GradeInterval:
    """A grade read off the anchors for an essay whose grade they do not know.

    Attributes:
        essay: index.
        grade: on the line through all anchors, not rounded, within the scale.
        low: lowest grade of the interval, a whole number.
        high: highest.
        level: what the interval promises.
    """

    essay: int
    grade: float
    low: int
    high: int
    level: float


def grades_of_new(
    grade: IntArray, theta: FloatArray, wanted: IntArray, highest: int, level: float = 0.95
) -> tuple[GradeInterval, ...]:
    """Read grades off the line of ``ruler`` for the essays ``wanted``.

    For each of m anchors the line is laid through the others: R_i is how far it misses that anchor's grade,
    and ĝ_i what it says of the new essay. The interval reaches from the k-th smallest ĝ_i - R_i to the k-th
    largest ĝ_i + R_i, k = ⌊(1 - level) (m + 1)⌋. It needs nothing of the judge but that the essay is drawn as
    the anchors were: then it holds the grade in 1 - k / (m + 1) of cases (proved: in 1 - 2 k / (m + 1)). With
    fewer than 1 / (1 - level) - 1 anchors, 19 for 95 %, no interval promises the level; then k = 1, and the
    level is m / (m + 1).

    Args:
        grade: shape (n,), expert grades of the anchors, -1 where unknown.
        theta: shape (n,), abilities of all from one fit, logits.
        wanted: indices of the essays to grade.
        highest: highest grade of the scale, whose lowest is 0.

    Returns:
        One an essay; none with fewer than four anchors, equal grades, or a line that does not rise.

    Source: R. F. Barber, E. J. Candès, A. Ramdas, R. J. Tibshirani (2021), Ann. Statist. 49, 486-507.
    """
    grade = np.asarray(grade)
    anchors = np.flatnonzero(grade >= 0)
    m = len(anchors)
    if m < FEWEST_ANCHORS or len(np.unique(grade[anchors])) < 2:
        return ()
    share, known = win_share(theta, anchors), grade[anchors].astype(np.float64)
    whole = line(share[anchors], known)
    if whole.b <= 0:
        return ()
    apart, new = np.empty(m), np.empty((m, len(wanted)))
    for place in range(m):
        rest = np.arange(m) != place
        if len(np.unique(known[rest])) < 2:
            return ()
        others = line(share[anchors][rest], known[rest])
        own = np.clip(others.grade(float(share[anchors][place])), 0, highest)
        apart[place] = abs(known[place] - own)
        new[place] = np.clip([others.grade(float(w)) for w in share[wanted]], 0, highest)
    k = max(1, floor((1.0 - level) * (m + 1) + 1e-9))
    low = np.sort(new - apart[:, None], axis=0)[k - 1]
    high = np.sort(new + apart[:, None], axis=0)[m - k]
    promised = 1.0 - k / (m + 1)
    return tuple(
        GradeInterval(
            essay=int(essay),
            grade=float(np.clip(whole.grade(float(share[essay])), 0, highest)),
            low=_nearest(float(low[place]), highest),
            high=_nearest(float(high[place]), highest),
            level=promised,
        )
        for place, essay in enumerate(wanted)
    )


def _nearest(value: float, highest: int) -> int:
    return int(np.clip(np.floor(value + 0.5), 0, highest))
