"""Circular triads: A beats B, B beats C, C beats A."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import Comparisons


@dataclass(frozen=True, slots=True)
class Transitivity:
    """How often three verdicts contradict each other.

    Attributes:
        triads: sets of three essays each pair of which has a majority winner.
        circular: those in which each beats the next in a circle.
        share: circular / triads; None without triads. A coin makes 1/4.
    """

    triads: int
    circular: int
    share: float | None


COIN_SHARE = 0.25
"""Two of the eight ways to decide three pairs are circular."""


def transitivity(comparisons: Comparisons) -> Transitivity:
    """Count circular triads (Kendall & Babington Smith 1940, Biometrika 31:324-345).

    A pair counts by its majority; a pair that is split or was never decided belongs to no triad.
    """
    won = comparisons.win_matrix
    beats = (won > won.T).astype(np.float64)
    decided = beats + beats.T
    circular = round(float(np.einsum("ij,ji->", beats @ beats, beats)) / 3)
    triads = round(float(np.einsum("ij,ji->", decided @ decided, decided)) / 6)
    return Transitivity(triads, circular, circular / triads if triads else None)
