"""The anchors as a ruler: boundaries, predicted grades, and the grades that look wrong."""

from __future__ import annotations

import numpy as np

from eng5.contracts.analysis import GradePair
from eng5.contracts.judge_quality import GradeBoundary, Prediction, Ruler
from eng5.contracts.own import with_fields_of
from eng5.contracts.reach import GradeEstimate
from eng5.reports.alignment.dataset import Dataset, estimated
from eng5.reports.alignment.metrics import ranked_level
from eng5.stats import ruler
from eng5.stats.comparisons import FloatArray
from eng5.stats.conformal import grades_of_new
from eng5.stats.kappa import grade_agreement
from eng5.stats.posterior import Draws
from eng5.stats.ruler import pair_order

MOST_BOUNDARIES = 20
"""A longer scale, such as points, shows the boundaries below grades that anchors have."""


def build(data: Dataset, theta: FloatArray) -> Ruler | None:
    """None with too few anchors of different grades to lay a line through; `theta` are the scores."""
    found = ruler.ruler(ranked_level(data), theta)
    if found is None:
        return None
    expert = np.array([each.grade for each in found.predictions], dtype=np.int64)
    predicted = np.array([_level(data, each.predicted) for each in found.predictions], dtype=np.int64)
    agreed = grade_agreement(predicted, expert)
    return Ruler(
        rises=found.rises,
        boundaries=[
            GradeBoundary(
                lower_grade=data.grades[each.below],
                higher_grade=data.grades[each.below + 1],
                position=estimated(each.ability, each.interval),
            )
            for each in found.boundaries
            if len(found.boundaries) <= MOST_BOUNDARIES or each.below + 1 in data.level
        ],
        predictions=[_prediction(data, each) for each in found.predictions],
        weighted_kappa=estimated(agreed.kappa, agreed.interval),
        exact_agreement=estimated(agreed.exact.rate, agreed.exact.interval),
        adjacent_agreement=estimated(agreed.adjacent.rate, agreed.adjacent.interval),
    )


def grade_estimates(data: Dataset, theta: FloatArray) -> list[GradeEstimate]:
    """Grades of the compared essays of unknown grade, read off the anchors; none without anchors enough."""
    compared = data.comparisons.wins + data.comparisons.losses > 0
    wanted = np.flatnonzero((data.level < 0) & compared)
    return [
        with_fields_of(
            data.subjects[each.essay],
            GradeEstimate,
            grade=data.grades[_level(data, each.grade)],
            low_grade=data.grades[each.low],
            high_grade=data.grades[each.high],
            level=each.level,
        )
        for each in grades_of_new(ranked_level(data), theta, wanted, len(data.grades) - 1)
    ]


def _prediction(data: Dataset, each: ruler.PredictedGrade) -> Prediction:
    subject = data.subjects[each.essay]
    return with_fields_of(
        subject,
        Prediction,
        grade=subject.grade or "",
        predicted=estimated(each.predicted, each.interval),
        predicted_grade=data.grades[_level(data, each.predicted)],
        low_grade=data.grades[_level(data, each.interval.low)],
        high_grade=data.grades[_level(data, each.interval.high)],
        difference=each.disagreement,
        looks_wrong=each.looks_wrong,
    )


def _level(data: Dataset, value: float) -> int:
    """The nearest level of the scale."""
    return int(np.clip(np.floor(value + 0.5), 0, len(data.grades) - 1))


def grade_pairs(data: Dataset, draws: Draws) -> list[GradePair]:
    """Every two known grades, neighbours first within each higher grade, best grade first."""
    found = pair_order(data.level, draws)
    places = range(len(found.grades) - 1, -1, -1)
    return [
        GradePair(
            higher_grade=data.grades[found.grades[high]],
            lower_grade=data.grades[found.grades[low]],
            probability=float(found.probability[low, high]),
        )
        for high in places
        for low in range(high - 1, -1, -1)
    ]
