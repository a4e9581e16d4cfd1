"""Infit and outfit: whether the verdicts on an essay scatter as the model says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.bradley_terry.fit import BradleyTerryFit
from eng5.stats.bradley_terry.likelihood import logistic_parts
from eng5.stats.comparisons import FloatArray


@dataclass(frozen=True, slots=True)
class Misfit:
    """Mean squares of one essay: above 1, verdicts are more erratic than the model says.

    1 is expected with many comparisons. Residuals of a fit to the same verdicts are too small: with 66
    comparisons of 12 essays that follow the model, infit averages 0.7 at moderate differences of ability
    and 0.4 at large ones, outfit less.

    Attributes:
        essay: index.
        comparisons: decided comparisons.
        infit: squared residuals over their expected sum, weighs close comparisons; None without any.
        outfit: mean squared standardised residual, weighs upsets; None without any.
    """

    essay: int
    comparisons: int
    infit: float | None
    outfit: float | None


def misfit(fit: BradleyTerryFit) -> tuple[Misfit, ...]:
    """Mean squares of each essay (Wright & Masters 1982, Rating Scale Analysis; for comparative
    judgement Pollitt 2012, Assessment in Education 19:281-300). Ties are left out.
    """
    counts, n = fit.counts, len(fit.theta)
    p, variance, _ = logistic_parts(fit.theta[counts.i] - fit.theta[counts.j] + (fit.eta or 0.0))
    games = counts.won + counts.lost
    squares = counts.won * (1.0 - p) ** 2 + counts.lost * p**2

    def by_essay(value: FloatArray) -> list[float]:
        total: list[float] = (np.bincount(counts.i, value, n) + np.bincount(counts.j, value, n)).tolist()
        return total

    columns = zip(
        by_essay(games),
        by_essay(squares),
        by_essay(games * variance),
        by_essay(squares / variance),
        strict=True,
    )
    return tuple(
        Misfit(essay, int(played), residual / expected, standardised / played)
        if played
        else Misfit(essay, 0, None, None)
        for essay, (played, residual, expected, standardised) in enumerate(columns)
    )
