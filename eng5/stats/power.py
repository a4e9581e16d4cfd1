"""How much more must be judged before an open question is answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import ceil, inf, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrc, bdtrik, ndtri

Floats = NDArray[np.float64]

SEARCHED = 2_000
"""Sample sizes up to this one are tried exactly; above it the normal formula is used."""


class Aim(StrEnum):
    """What further iterations would establish, if the true rate is the observed one."""

    SHOW = "show"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class NeededIterations:
    """Iterations that are missing for an answer about discrimination.

    Attributes:
        aim: what they would establish: that the higher grade wins more than half, or that it wins less
            than ``smallest_rate``, whichever needs fewer.
        more: further iterations, 1 or more; None when nothing was decided so far.
        decided: decided comparisons that the whole run would then have.
        power: probability of the answer, if the true rate is the observed one.
    """

    aim: Aim | None
    more: int | None
    decided: int | None
    power: float


def iterations_needed(
    rate: float | None,
    decided: int,
    iterations: int,
    *,
    smallest_rate: float = 0.6,
    level: float = 0.95,
    power: float = 0.8,
) -> NeededIterations:
    """Iterations still needed to show or to exclude discrimination, given what was observed.

    Args:
        rate: win rate observed so far; None when nothing was decided.
        decided: decided comparisons so far.
        iterations: iterations in which they were decided; ties and failures are expected to go on at
            the same pace.
        smallest_rate: discrimination is excluded when the interval lies below this rate.
    """
    if rate is None or decided == 0:
        return NeededIterations(None, None, None, power)
    sizes = {
        Aim.SHOW: trials_to_show(rate, level=level, power=power),
        Aim.EXCLUDE: trials_to_exclude(rate, smallest_rate, level=level, power=power),
    }
    aim = min(sizes, key=lambda each: sizes[each] or inf)
    total = sizes[aim]
    if total is None:
        return NeededIterations(None, None, None, power)
    more = max(1, ceil((total - decided) * iterations / decided))
    return NeededIterations(aim, more, max(total, decided), power)


def trials_to_show(rate: float, *, level: float = 0.95, power: float = 0.8) -> int | None:
    """Trials from which the exact two-sided test against 1/2 has the power; None for rate <= 1/2."""
    if rate <= 0.5:
        return None
    n = np.arange(1, SEARCHED + 1)
    critical = _critical_wins(level)
    reached = np.where(critical <= n, bdtrc(np.minimum(critical, n) - 1, n, rate), 0.0)
    return _stays_above(reached, power) or _normal_size(rate, 0.5, level, power)


def trials_to_exclude(
    rate: float, smallest_rate: float, *, level: float = 0.95, power: float = 0.8
) -> int | None:
    """Trials from which the Wilson interval lies below ``smallest_rate`` with the given power.

    None where the rate is not below ``smallest_rate``.
    """
    if rate >= smallest_rate:
        return None
    n = np.arange(1, SEARCHED + 1)
    z = ndtri((1 + level) / 2)
    critical = np.ceil(n * smallest_rate - z * np.sqrt(n * smallest_rate * (1 - smallest_rate))) - 1
    reached = np.where(critical >= 0, bdtr(np.maximum(critical, 0), n, rate), 0.0)
    return _stays_above(reached, power) or _normal_size(rate, smallest_rate, level, power)


@cache
def _critical_wins(level: float) -> Floats:
    """Fewest wins of 1 ... SEARCHED trials at which the exact two-sided test rejects 1/2."""
    tail = (1 - level) / 2
    return np.asarray(np.ceil(bdtrik(1 - tail, np.arange(1, SEARCHED + 1), 0.5)) + 1)


def _stays_above(reached: Floats, power: float) -> int | None:
    """First size from which the saw-toothed power curve stays at or above ``power``."""
    below = np.flatnonzero(reached < power)
    if len(below) == 0:
        return 1
    size = int(below[-1]) + 2
    return size if size <= SEARCHED else None


def _normal_size(rate: float, null: float, level: float, power: float) -> int:
    spread = float(ndtri((1 + level) / 2)) * sqrt(null * (1 - null)) + float(ndtri(power)) * sqrt(
        rate * (1 - rate)
    )
    return ceil((spread / (rate - null)) ** 2)
