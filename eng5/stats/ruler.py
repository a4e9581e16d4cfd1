"""Anchors as a ruler: where grades lie on the scale of abilities, and which anchor does not fit its grade."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.interval import Interval
from eng5.stats.posterior import UNGRADED_SD, Draws, Hierarchy, draw, grade_score

FEWEST_ANCHORS = 4
"""A line through the others, with its scatter, needs three of them."""
LEFT_OUT_RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Boundary:
    """Ability at which the likelier grade changes from ``below`` to ``below + 1``."""

    below: int
    ability: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Prediction:
    """The grade that the verdicts and the other anchors' grades predict for an anchor.

    Attributes:
        essay: index.
        grade: expert grade.
        predicted: mean of the predicted grades, not rounded.
        interval: grades that hold the level of the predicted probability, whole numbers.
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
    """Read grades off the line θ = μ + β x(grade) + ε of the posterior.

    A boundary is the ability halfway between the means of two neighbouring grades. A prediction draws the
    abilities again with the anchor's own grade withheld, and weighs each grade from the lowest to the
    highest anchor's by the density of the anchor's ability under it, all grades being as likely before.

    Args:
        grade: shape (n,), as given to ``draw``, -1 unknown and left out.
        draws: from ``draw``.
        level: nominal coverage of the intervals.

    Returns:
        None with fewer than four anchors of known grade, or when their grades are all equal.

    Raises:
        ValueError: the draws do not come from ``draw``.
    """
    line = _line(draws)
    grade = np.asarray(grade)
    anchors = np.flatnonzero(grade >= 0)
    if len(anchors) < FEWEST_ANCHORS or len(np.unique(grade[anchors])) < 2:
        return None
    scale = np.arange(grade[anchors].min(), grade[anchors].max() + 1)
    rises = float((line.slope > 0).mean())
    boundaries = _boundaries(scale, grade, draws, level) if rises >= level else ()
    predictions = tuple(_predict(int(essay), scale, grade, draws, level) for essay in anchors)
    return Ruler(
        boundaries,
        tuple(sorted(predictions, key=lambda p: (not p.looks_wrong, -abs(p.disagreement), p.essay))),
        rises,
    )


def _line(draws: Draws) -> Hierarchy:
    if draws.hierarchy is None:
        raise ValueError("a ruler needs draws that come from draw(), with their slope and intercept")
    return draws.hierarchy


def _boundaries(scale: IntArray, grade: IntArray, draws: Draws, level: float) -> tuple[Boundary, ...]:
    line, x = _line(draws), grade_score(grade, scale)
    found = []
    for below, middle in zip(scale[:-1].tolist(), (x[:-1] + x[1:]) / 2.0, strict=True):
        ability = line.intercept + line.slope * middle
        found.append(Boundary(below, float(ability.mean()), draws.interval(ability, level)))
    return tuple(found)


def _predict(essay: int, scale: IntArray, grade: IntArray, draws: Draws, level: float) -> Prediction:
    withheld = grade.copy()
    withheld[essay] = -1
    others = draw(
        _line(draws).comparisons,
        withheld,
        position_effect=draws.position_effect,
        resamples=LEFT_OUT_RESAMPLES,
        seed=draws.seed,
    )
    probability = _grade_probability(essay, grade_score(withheld, scale), others)
    tail, reached = (1.0 - level) / 2.0, np.cumsum(probability)
    low, high = scale[np.searchsorted(reached, [tail, 1.0 - tail]).clip(max=len(scale) - 1)].tolist()
    predicted, own = float(scale @ probability), int(grade[essay])
    return Prediction(
        essay=essay,
        grade=own,
        predicted=predicted,
        interval=Interval(
            low,
            high,
            level,
            f"percentile interval of the {others.origin}, own grade withheld",
            LEFT_OUT_RESAMPLES,
            draws.seed,
        ),
        disagreement=predicted - own,
        looks_wrong=not low <= own <= high,
    )


def _grade_probability(essay: int, x: FloatArray, draws: Draws) -> FloatArray:
    """Shape (g,): probability of each grade, scored x, for an essay that was drawn without a grade."""
    line = _line(draws)
    ability = (draws.theta[:, essay] - line.intercept)[:, None]
    sd = line.residual_sd[:, None]
    wide = np.hypot(sd, UNGRADED_SD)
    under_grade = -np.log(sd) - ((ability - line.slope[:, None] * x) / sd) ** 2 / 2.0
    as_drawn = -np.log(wide) - (ability / wide) ** 2 / 2.0
    log_ratio = under_grade - as_drawn
    weight = np.exp(log_ratio - log_ratio.max()).sum(axis=0)
    return np.asarray(weight / weight.sum())


@dataclass(frozen=True, eq=False)
class PairOrder:
    """Probabilities of right order.

    Attributes:
        grades: the known grades that occur, ascending, g of them.
        probability: shape (g, g); entry (a, b) with a < b, and its mirror, is the probability that the mean
            ability of the essays of grades[b] exceeds that of grades[a]; NaN on the diagonal.
    """

    grades: tuple[int, ...]
    probability: FloatArray


def pair_order(grade: IntArray, draws: Draws) -> PairOrder:
    """Compare orders draw by draw; ``grade`` has shape (n,), -1 unknown and left out."""
    grade, theta = np.asarray(grade), draws.theta
    grades = np.unique(grade[grade >= 0])
    means = (
        np.stack([theta[:, grade == g].mean(axis=1) for g in grades], axis=1) if len(grades) else theta[:, :0]
    )
    return PairOrder(tuple(grades.tolist()), _right_order(grades, means))


def _right_order(grade: IntArray, value: FloatArray) -> FloatArray:
    """Shape (k, k): share of draws, value of shape (b, k), in which value orders as grade does."""
    n = len(grade)
    probability = np.full((n, n), np.nan)
    i, j = np.nonzero(grade[:, None] < grade[None, :])
    probability[i, j] = probability[j, i] = (value[:, j] > value[:, i]).mean(axis=0)
    return probability
