"""What more would tell: twice the repeats, or twice the anchors (a decision study of generalizability theory).

The variance of a figure over essays, V, has a part that more repeats of the same questions take away, the
variance over reruns R, and a part that only other essays take away, V - R. With a times the anchors, each of
them compared as often, and r times the repeats the variance is (V - R) / a + R / (a r). For the same pairs it
is R / r, and a judge that repeats itself has R = 0 (R. L. Brennan 2001, Generalizability Theory).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from scipy.special import ndtri

from eng5.stats.advice import POWER
from eng5.stats.two_readings import TwoReadings

MOST_TIMES = 20
"""More than this many times the repeats is no advice."""


@dataclass(frozen=True, slots=True)
class DesignStudy:
    """Standard deviations of a figure as designs would have them, in its unit.

    Attributes:
        pairs_now: over reruns of the same questions.
        pairs_twice_repeats: the same with twice the repeats.
        essays_now: over other essays; None as in ``TwoReadings``.
        essays_twice_repeats: with twice the repeats.
        essays_twice_anchors: with twice the anchors.
        repeats: times the repeats at which these pairs would decide between the figure and the limit, with the
            probability ``POWER`` where the figure is what it is expected to be; 1
            where they do so already, None where none of up to 20 would.
        anchors: anchors at which essays like these would; None where no number would (the figure is the limit).
    """

    pairs_now: float
    pairs_twice_repeats: float
    essays_now: float | None
    essays_twice_repeats: float | None
    essays_twice_anchors: float | None
    repeats: int | None
    anchors: int | None


def design_study(
    found: TwoReadings, value: float, limit: float | None, anchors: int, *, varies: bool, level: float = 0.95
) -> DesignStudy:
    """Project the variances of ``found``.

    Args:
        found: a figure in both readings.
        value: of the figure.
        limit: that it is held against; None without one.
        anchors: essays of known grade.
        varies: whether the verdicts show how far repeats are fresh; where they do not, nothing is said of
            repeats.
        level: of the interval that would have to leave the limit out.
    """
    again, essays = found.error_again, found.error_essays
    between = None if essays is None else max(essays**2 - again**2, 0.0)
    z = float(ndtri((1 + level) / 2) + ndtri(POWER))
    repeats = wanted = None
    if limit is not None and limit != value:
        distance = abs(value - limit)
        times = ceil((z * again / distance) ** 2)
        if limit not in found.these_pairs:
            repeats = 1
        elif varies and times <= MOST_TIMES:
            repeats = max(2, times)
        if essays is not None and found.like_these is not None:
            needed = ceil(anchors * (z * essays / distance) ** 2)
            wanted = anchors if limit not in found.like_these else max(anchors + 1, needed)
    return DesignStudy(
        pairs_now=again,
        pairs_twice_repeats=again / 2**0.5,
        essays_now=essays,
        essays_twice_repeats=None if between is None else (between + again**2 / 2) ** 0.5,
        essays_twice_anchors=None if essays is None else essays / 2**0.5,
        repeats=repeats,
        anchors=wanted,
    )
