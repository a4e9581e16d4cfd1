"""Anchors as a ruler: where grades lie on the scale of abilities, and which anchor does not fit its grade."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.interval import Interval
from eng5.stats.posterior import Draws

FEWEST_ANCHORS = 4
"""A line through the others, with its scatter, needs three of them."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """Ability at which the grade changes from ``below`` to ``below + 1``."""

    below: int
    ability: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Prediction:
    """The grade that the other anchors predict for this one.

    Attributes:
        essay: index.
        grade: expert grade.
        predicted: mean prediction, in steps of grade, not rounded.
        interval: prediction interval, in steps of grade.
        disagreement: predicted - grade.
        looks_wrong: whether the expert grade lies outside the interval.
    """

    essay: int
    grade: int
    predicted: float
    interval: Interval
    disagreement: float
    looks_wrong: bool


@dataclass(frozen=True, slots=True)
class Ruler:
    """Grade boundaries and leave-one-out predictions.

    Attributes:
        boundaries: between the lowest and the highest grade of the anchors, ascending; empty when
            ``rises`` is below the level, for then a grade has no place on the scale.
        predictions: anchors that look wrong first, then by largest disagreement.
        rises: probability that ability rises with grade.
    """

    boundaries: tuple[Boundary, ...]
    predictions: tuple[Prediction, ...]
    rises: float


def ruler(grade: IntArray, draws: Draws, level: float = 0.95) -> Ruler | None:
    """Lay a straight line, grade = a + b·ability + scatter, through the anchors, for each draw.

    Steps of grade count as equally wide. A prediction comes from the line through the other anchors and
    carries the uncertainty of the abilities (over draws), of the line and of the scatter (Student t with
    n - 3 degrees of freedom; Gelman et al. 2013, Bayesian Data Analysis, section 14.2).

    Args:
        grade: shape (n,), -1 unknown and left out.
        draws: abilities.
        level: nominal coverage of the intervals.

    Returns:
        None with fewer than four anchors of known grade, or when their grades leave no line.
    """
    grade = np.asarray(grade)
    anchors = np.flatnonzero(grade >= 0)
    if len(anchors) < FEWEST_ANCHORS or len(np.unique(grade[anchors])) < 2:
        return None
    x, y = draws.theta[:, anchors], grade[anchors].astype(np.float64)
    rng = np.random.default_rng(draws.seed)
    predictions = tuple(
        _predict(int(essay), k, x, y, draws, level, rng) for k, essay in enumerate(anchors.tolist())
    )
    intercept, slope = _draw_line(x, y, rng)
    rises = float((slope > 0).mean())
    boundaries = []
    if rises >= level:
        for below in range(int(y.min()), int(y.max())):
            ability = (below + 0.5 - intercept) / slope
            boundaries.append(Boundary(below, float(np.median(ability)), draws.interval(ability, level)))
    return Ruler(
        tuple(boundaries),
        tuple(sorted(predictions, key=lambda p: (not p.looks_wrong, -abs(p.disagreement), p.essay))),
        rises,
    )


def _predict(
    essay: int, k: int, x: FloatArray, y: FloatArray, draws: Draws, level: float, rng: np.random.Generator
) -> Prediction:
    others = np.delete(np.arange(len(y)), k)
    centre, slope, scatter, spread = _line(x[:, others], y[others])
    away = x[:, k] - centre
    mean = y[others].mean() + slope * away
    error = scatter * np.sqrt(1.0 + 1.0 / len(others) + away**2 / spread)
    interval = draws.interval(mean + error * rng.standard_t(len(others) - 2, len(mean)), level)
    predicted, grade = float(mean.mean()), int(y[k])
    return Prediction(essay, grade, predicted, interval, predicted - grade, grade not in interval)


def _line(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Least squares of y on each row of x: mean of x, slope, residual sd and sum of squares of x."""
    centre = x.mean(axis=1)
    away, rise = x - centre[:, None], y - y.mean()
    spread = (away**2).sum(axis=1)
    slope = away @ rise / spread
    residual = rise - slope[:, None] * away
    scatter = np.sqrt((residual**2).sum(axis=1) / max(x.shape[1] - 2, 1))
    return centre, slope, scatter, spread


def _draw_line(x: FloatArray, y: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """One intercept and slope for each row of x, from their posterior under a flat prior."""
    m, b = len(y), len(x)
    centre, slope, scatter, spread = _line(x, y)
    scatter = scatter * np.sqrt((m - 2) / rng.chisquare(m - 2, b))
    slope = slope + scatter / np.sqrt(spread) * rng.standard_normal(b)
    level = y.mean() + scatter / np.sqrt(m) * rng.standard_normal(b)
    return level - slope * centre, slope
