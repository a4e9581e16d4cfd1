"""Agreement of two ratings of the same essays on an ordered scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from eng5.stats.interval import IntervalResult
from eng5.stats.win_rate import WinRate, win_rate

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GradeAgreement:
    """Agreement of two ratings.

    Attributes:
        n: essays rated by both.
        kappa: quadratic weighted kappa, 1 perfect, 0 chance; None where it is undefined: no essay, or
            both ratings put every essay into one and the same grade.
        interval: interval of kappa; None below three essays, and where leaving any essay out leaves
            kappa the same or undefined, as under perfect agreement.
        exact: share of essays with the same grade in both.
        adjacent: share of essays whose grades are at most one step apart.
    """

    n: int
    kappa: float | None
    interval: IntervalResult | None
    exact: WinRate
    adjacent: WinRate


def grade_agreement(
    rating: NDArray[np.int_], reference: NDArray[np.int_], level: float = 0.95
) -> GradeAgreement:
    """Quadratic weighted kappa, exact and adjacent agreement.

    kappa = 1 - mean squared difference / the same if the two ratings were independent; the number of
    grades of the scale cancels out. The interval is Student's t interval of the jackknife on Fisher's
    z scale, over essays: with 8 to 24 essays it holds its level, where the bootstrap percentiles cover
    about 90 % for a nominal 95 %.

    Args:
        rating: shape (n,), grade of each essay as a rank on the scale.
        reference: shape (n,), the expert's grade on the same scale.
        level: level of the intervals.

    Source: J. Cohen (1968), Psychol. Bull. 70, 213-220.
    """
    if rating.shape != reference.shape:
        raise ValueError(f"the ratings must have one length, got {len(rating)} and {len(reference)}")
    a, b = rating.astype(np.float64), reference.astype(np.float64)
    n, apart = len(a), np.abs(a - b)
    kappa = _kappa(a, b) if n else np.nan
    return GradeAgreement(
        n=n,
        kappa=None if np.isnan(kappa) else kappa,
        interval=_jackknife(a, b, kappa, level),
        exact=win_rate(int(np.sum(apart == 0)), n, level),
        adjacent=win_rate(int(np.sum(apart <= 1)), n, level),
    )


def _kappa(a: Floats, b: Floats) -> float:
    by_chance = float(a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    return 1 - float(np.mean((a - b) ** 2)) / by_chance if by_chance > 0 else np.nan


def _jackknife(a: Floats, b: Floats, kappa: float, level: float) -> IntervalResult | None:
    n = len(a)
    if n < 3 or np.isnan(kappa) or kappa >= 1:
        return None
    left_out = np.array([_kappa(np.delete(a, i), np.delete(b, i)) for i in range(n)])
    if np.isnan(left_out).any() or np.any(np.abs(left_out) >= 1) or abs(kappa) >= 1:
        return None
    z = np.arctanh(left_out)
    error = float(np.sqrt((n - 1) * z.var()))
    if error == 0:
        return None
    half = float(stdtrit(n - 1, (1 + level) / 2)) * error
    centre = float(np.arctanh(kappa))
    return IntervalResult(
        float(np.tanh(centre - half)), float(np.tanh(centre + half)), level, "jackknife over essays"
    )
