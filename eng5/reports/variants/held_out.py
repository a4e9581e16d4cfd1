"""Held-out anchors, graded as essays are whose grade nobody knows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from eng5.contracts.compare import HeldOutGrade
from eng5.reports.alignment.dataset import Dataset, Subject
from eng5.reports.alignment.ruler import grade_estimates
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.posterior import draw


def held_out_grades(data: Dataset, held_out: Collection[Subject]) -> list[HeldOutGrade]:
    """Grade and interval of each held-out anchor by the others, beside what the experts gave.

    The line from grades to scores and the conformal intervals are those of students and other essays of unknown grade
    (`eng5/stats/conformal.py`): no held-out grade is in them.

    Args:
        data: all comparisons of a variant, among all anchors.
        held_out: of its subjects.
    """
    if not data.comparisons.decided.any():
        return []
    given = {subject.essay_id: subject.grade for subject in held_out}
    blind = replace(
        data,
        subjects=tuple(
            replace(subject, grade=None, level=None) if subject.essay_id in given else subject
            for subject in data.subjects
        ),
    )
    draws = draw(data.comparisons, blind.level, position_effect=data.positions)
    biased = data.positions and 0 not in draws.interval(draws.eta)
    theta = fit(data.comparisons, position_effect=biased).theta
    found = []
    for each in grade_estimates(blind, theta):
        expert = given.get(each.essay_id)
        if expert is not None:
            low, level, high = (
                data.scale.level(grade) or 0 for grade in (each.low_grade, expert, each.high_grade)
            )
            found.append(HeldOutGrade(**each.model_dump(), expert_grade=expert, holds=low <= level <= high))
    return found
