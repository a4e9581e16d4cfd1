"""From scores to grades, by the anchors whose grades are known.

A normal curve for each grade sits at the mean score of its anchors; where a grade has fewer than three,
that mean and its spread are blended with the place that the grade would have if grades were evenly
spread over the anchors' scores. Means are made to rise with the grades, boundaries lie midway.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from eng5.contracts.grade_scales import GradeScale
from eng5.contracts.wire.vocabulary import ConfidenceLabel

ENOUGH_ANCHORS = 3
SMALLEST_SPREAD = 0.1
BELOW_LOWEST_SPREADS = 2.0

NORMALIZED = {
    "A": 1.0, "A-": 0.93, "B+": 0.87, "B": 0.80, "B-": 0.73, "C+": 0.67, "C": 0.60, "C-": 0.53,
    "D+": 0.47, "D": 0.40, "D-": 0.33, "E+": 0.27, "E": 0.20, "E-": 0.13, "F+": 0.07, "F": 0.0, "U": 0.0,
}  # fmt: skip
"""The platform's number for a grade."""

CONFIDENCE_BY_ERROR = ((1.5, 0.3, ConfidenceLabel.LOW), (1.0, 0.6, ConfidenceLabel.MID), (0.5, 0.8, None))
"""From this standard error on: the factor on confidence, and the highest label that is left."""

LABELS = ((0.7, ConfidenceLabel.HIGH), (0.4, ConfidenceLabel.MID))


@dataclass(frozen=True)
class Projection:
    """A projected grade. ``letter`` is what the wire can carry, ``normalized`` runs from 0 to 1."""

    grade: str
    letter: str
    normalized: float
    confidence: float
    label: ConfidenceLabel


@dataclass(frozen=True)
class _Curve:
    grade: str
    mean: float
    spread: float

    def density(self, score: float) -> float:
        return math.exp(-0.5 * ((score - self.mean) / self.spread) ** 2) / self.spread


def project(
    scores: Mapping[str, float],
    errors: Mapping[str, float],
    anchors: Mapping[str, str],
    scale: GradeScale,
) -> dict[str, Projection]:
    """Grades for all scored essays that are not anchors; none when no anchor was scored.

    ``scores`` and ``errors`` are in logits, ``anchors`` maps an anchor's id to its grade.
    """
    by_grade: dict[str, list[float]] = {}
    for essay_id, grade in anchors.items():
        if essay_id in scores and grade in scale.grades:
            by_grade.setdefault(grade, []).append(scores[essay_id])
    if not by_grade:
        return {}
    curves = _curves(by_grade, scale)
    return {
        essay_id: _projection(score, errors[essay_id], curves, scale)
        for essay_id, score in scores.items()
        if essay_id not in anchors
    }


def _curves(by_grade: Mapping[str, Sequence[float]], scale: GradeScale) -> list[_Curve]:
    known = [score for scores in by_grade.values() for score in scores]
    low, high = min(known), max(known)
    width = max(high - low, SMALLEST_SPREAD)
    count = len(scale.grades)
    means, spreads, weights = [], [], []
    for place, grade in enumerate(scale.grades):
        found = by_grade.get(grade, ())
        share = min(1.0, len(found) / ENOUGH_ANCHORS)
        expected = low + width * (place + 0.5) / count
        mean = sum(found) / len(found) if found else expected
        spread = math.sqrt(sum((score - mean) ** 2 for score in found) / len(found)) if found else 0.0
        means.append(share * mean + (1 - share) * expected)
        spreads.append(max(SMALLEST_SPREAD, share * spread + (1 - share) * width / count))
        weights.append(max(1, len(found)))
    rising = _isotonic(means, weights)
    return [_Curve(*one) for one in zip(scale.grades, rising, spreads, strict=True)]


def _isotonic(values: Sequence[float], weights: Sequence[int]) -> list[float]:
    """The closest values, by weighted squares, that never fall: pool adjacent violators."""
    blocks: list[tuple[float, int, int]] = []
    for value, weight in zip(values, weights, strict=True):
        block = (value, weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, heavy, size = blocks.pop()
            total = heavy + block[1]
            block = ((mean * heavy + block[0] * block[1]) / total, total, size + block[2])
        blocks.append(block)
    return [mean for mean, _, size in blocks for _ in range(size)]


def _projection(score: float, error: float, curves: Sequence[_Curve], scale: GradeScale) -> Projection:
    lowest = curves[0]
    boundaries = [(below.mean + above.mean) / 2 for below, above in pairwise(curves)]
    place = sum(score >= boundary for boundary in boundaries)
    grade = curves[place].grade
    if scale.below_lowest is not None and score < lowest.mean - BELOW_LOWEST_SPREADS * lowest.spread:
        grade = scale.below_lowest
    confidence, label = _confidence(score, error, curves)
    if grade in NORMALIZED:
        return Projection(grade, grade, NORMALIZED[grade], confidence, label)
    level = scale.level(grade) or 0
    return Projection(grade, "U", level / (len(scale.all_grades) - 1), confidence, label)


def _confidence(score: float, error: float, curves: Sequence[_Curve]) -> tuple[float, ConfidenceLabel]:
    """The root of (1 - normalised entropy of the grades) times a factor for the score's own error."""
    densities = [curve.density(score) for curve in curves]
    total = sum(densities)
    shares = [density / total for density in densities] if total > 0 else [1.0]
    entropy = -sum(share * math.log(share) for share in shares if share > 0) / math.log(len(curves))
    factor, cap = next(
        ((factor, cap) for limit, factor, cap in CONFIDENCE_BY_ERROR if error >= limit), (1.0, None)
    )
    confidence = math.sqrt(max(0.0, min(1.0, (1 - entropy) * factor)))
    label = next((label for limit, label in LABELS if confidence >= limit), ConfidenceLabel.LOW)
    if cap is ConfidenceLabel.LOW or (cap is ConfidenceLabel.MID and label is ConfidenceLabel.HIGH):
        label = cap
    return confidence, label
