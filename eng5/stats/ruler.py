"""Anchors as a ruler: where grades lie on the judge's scale, and which anchor does not fit its grade.

The scale is the share of comparisons that an essay would win against the anchors taken together,

    w_i = mean over anchors j of σ(θ_i - θ_j),

which is nearly a straight line in the grade where abilities are not: a good judge's abilities run away at
both ends. The line is w = a + b · grade + ε, from grade to judge, and is read backwards: ĝ = (w - a) / b
(C. Eisenhart 1939, Ann. Math. Statist. 10:162-186). A regression of grades on abilities would pull every
prediction to the middle, by as much as the judge scatters; this one does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, stdtr, stdtrit

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.interval import IntervalResult
from eng5.stats.posterior import Draws

FEWEST_ANCHORS = 4
"""A line through the others, with its scatter, needs three of them."""


@dataclass(frozen=True, slots=True)
class ScaleBoundary:
    """Ability at which the likelier grade changes from ``below`` to ``below + 1``."""

    below: int
    ability: float
    interval: IntervalResult | None


@dataclass(frozen=True, slots=True)
class PredictedGrade:
    """The grade that the verdicts and the other anchors' grades predict for an anchor.

    Attributes:
        essay: index.
        grade: expert grade.
        predicted: not rounded, within the anchors' grades.
        interval: grades, whole numbers.
        disagreement: predicted - grade.
        looks_wrong: whether the expert grade lies outside the interval.
    """

    essay: int
    grade: int
    predicted: float
    interval: IntervalResult
    disagreement: float
    looks_wrong: bool


@dataclass(frozen=True, slots=True)
class RulerResult:
    """Grade boundaries and leave-one-out predictions.

    Attributes:
        boundaries: between the lowest and the highest grade of the anchors, ascending; empty when
            ``rises`` is below the level, for then a grade has no place on the scale.
        predictions: anchors that look wrong first, then by largest disagreement.
        rises: one-sided confidence that the judge's scale rises with the grade.
    """

    boundaries: tuple[ScaleBoundary, ...]
    predictions: tuple[PredictedGrade, ...]
    rises: float


@dataclass(frozen=True, slots=True)
class RulerLine:
    """w = a + b · grade + N(0, s²) through m anchors.

    Attributes:
        a: w at grade 0.
        b: rise a grade.
        s: residual standard deviation.
        m: anchors.
        mean: their mean grade.
        squares: sum of squared deviations from it.
    """

    a: float
    b: float
    s: float
    m: int
    mean: float
    squares: float

    def grade(self, w: float) -> float:
        """The grade at which the line passes w; the mean grade where it does not rise."""
        return (w - self.a) / self.b if self.b > 0 else self.mean

    def span(self, w: float, level: float) -> tuple[float, float]:
        """Grades that an essay at w may have.

        Fieller's limits (E. C. Fieller 1954, J. R. Statist. Soc. B 16:175-185); the whole axis where the
        line does not rise for certain.
        """
        t = float(stdtrit(self.m - 2, (1 + level) / 2))
        g = (t * self.s) ** 2 / (self.b**2 * self.squares) if self.b > 0 else np.inf
        if g >= 1:
            return -np.inf, np.inf
        away = self.grade(w) - self.mean
        variance = (1.0 + 1.0 / self.m) * (1.0 - g) + away**2 / self.squares
        centre, half = (
            self.mean + away / (1.0 - g),
            t * self.s / self.b / (1.0 - g) * float(np.sqrt(variance)),
        )
        return centre - half, centre + half

    @property
    def rises(self) -> float:
        """One-sided confidence that b > 0."""
        error = self.s / float(np.sqrt(self.squares))
        return float(stdtr(self.m - 2, self.b / error)) if error > 0 else float(self.b > 0)


def win_share(theta: FloatArray, anchors: IntArray) -> FloatArray:
    """Shape (n,): share of comparisons that each essay would win against the anchors, itself counting half."""
    return np.asarray(expit(theta[:, None] - theta[anchors][None, :]).mean(axis=1))


def line(w: FloatArray, grade: FloatArray) -> RulerLine:
    """Least squares of w on grade, both of shape (m,), m >= 3 and grades of at least two kinds."""
    m, mean = len(w), float(grade.mean())
    squares = float(((grade - mean) ** 2).sum())
    b = float((grade - mean) @ w) / squares
    a = float(w.mean()) - b * mean
    residual = w - a - b * grade
    return RulerLine(a, b, float(np.sqrt(residual @ residual / max(m - 2, 1))), m, mean, squares)


def ruler(grade: IntArray, theta: FloatArray, level: float = 0.95) -> RulerResult | None:
    """Read grades off the line; for the prediction of an anchor, off the line through the others.

    Args:
        grade: shape (n,), expert grade, -1 unknown and left out.
        theta: shape (n,), abilities, logits.
        level: nominal coverage of the intervals, for other anchors of the same grades.

    Returns:
        None with fewer than four anchors of known grade, or when their grades are all equal.
    """
    grade = np.asarray(grade)
    anchors = np.flatnonzero(grade >= 0)
    if len(anchors) < FEWEST_ANCHORS or len(np.unique(grade[anchors])) < 2:
        return None
    w, of_anchor = win_share(theta, anchors)[anchors], grade[anchors].astype(np.float64)
    whole = line(w, of_anchor)
    lowest, highest = int(of_anchor.min()), int(of_anchor.max())
    predictions = []
    for place, essay in enumerate(anchors):
        rest = np.arange(len(anchors)) != place
        if len(np.unique(of_anchor[rest])) < 2:
            continue
        others = line(w[rest], of_anchor[rest])
        predicted = float(np.clip(others.grade(float(w[place])), lowest, highest))
        ends = np.clip(others.span(float(w[place]), level), lowest, highest)
        low, high = np.floor(ends + 0.5)
        own = int(grade[essay])
        predictions.append(
            PredictedGrade(
                essay=int(essay),
                grade=own,
                predicted=predicted,
                interval=IntervalResult(
                    float(low), float(high), level, "Fieller, line through the other anchors"
                ),
                disagreement=predicted - own,
                looks_wrong=not low <= own <= high,
            )
        )
    boundaries = _boundaries(whole, theta[anchors], lowest, highest, level) if whole.rises >= level else ()
    return RulerResult(
        boundaries,
        tuple(sorted(predictions, key=lambda p: (not p.looks_wrong, -abs(p.disagreement), p.essay))),
        whole.rises,
    )


def _boundaries(
    whole: RulerLine, theta: FloatArray, lowest: int, highest: int, level: float
) -> tuple[ScaleBoundary, ...]:
    """The win shares halfway between grades as abilities, with the interval of where the line passes them."""
    reach = np.linspace(theta.min() - 6.0, theta.max() + 6.0, 2001)
    share = expit(reach[:, None] - theta[None, :]).mean(axis=1)
    t = float(stdtrit(whole.m - 2, (1 + level) / 2))
    found = []
    for below in range(lowest, highest):
        middle = below + 0.5
        at = whole.a + whole.b * middle
        half = t * whole.s * float(np.sqrt(1.0 / whole.m + (middle - whole.mean) ** 2 / whole.squares))
        if not share[0] < at < share[-1]:
            continue
        ability, low, high = np.interp([at, at - half, at + half], share, reach)
        inside = share[0] < at - half and at + half < share[-1]
        interval = (
            IntervalResult(float(low), float(high), level, "line through the anchors") if inside else None
        )
        found.append(ScaleBoundary(below, float(ability), interval))
    return tuple(found)


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
    probability = np.full((len(grades), len(grades)), np.nan)
    i, j = np.triu_indices(len(grades), 1)
    probability[i, j] = probability[j, i] = (means[:, j] > means[:, i]).mean(axis=0)
    return PairOrder(tuple(grades.tolist()), probability)
