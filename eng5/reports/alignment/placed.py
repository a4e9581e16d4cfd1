"""Students and anchors in one order: by score, with the grade that each has."""

from __future__ import annotations

from typing import NamedTuple

from eng5.contracts.analysis import Analysis, EssayRow
from eng5.contracts.artefact import Artefact, ServiceScore
from eng5.pages.rendering import plural

MOST_PAIRS = 3
"""Pairs of anchors out of order that are named."""
NO_GRADE = "U"
"""What the CJ service writes where it projects no grade."""


class PlacedEssay(NamedTuple):
    """An essay between its neighbours. `grade` is the experts' for an anchor, the projected one for a student."""

    essay: EssayRow
    is_anchor: bool
    grade: str | None
    service: ServiceScore | None


def place(artefact: Artefact, analysis: Analysis) -> list[PlacedEssay]:
    """All essays, the highest score first; those without a score last, by id."""
    service = {score.essay_id: score for score in artefact.bt_summary}
    students = {essay.essay_id for essay in artefact.inputs.students}
    placed = []
    for essay in analysis.essays:
        score, is_anchor = service.get(essay.essay_id), essay.essay_id not in students
        projected = None if score is None or score.letter_grade == NO_GRADE else score.letter_grade
        placed.append(PlacedEssay(essay, is_anchor, essay.grade if is_anchor else projected, score))
    return sorted(
        placed,
        key=lambda one: (
            one.essay.score is None,
            -(one.essay.score or 0.0),
            one.essay.essay_id,
        ),
    )


def order_of_anchors(analysis: Analysis) -> tuple[bool | None, str]:
    """Whether the anchors came out in the experts' order, which is what students' grades stand on; None: unknown."""
    found, tau = analysis.metric("direct_inversions"), analysis.metric("kendall_tau")
    if found.value is None:
        return (
            None,
            "Whether the anchors came out in order cannot be said: no two of different grades were decided.",
        )
    agrees = "" if tau.value is None else f" Kendall's tau is {tau.value:.2f}."
    if not found.value:
        return True, f"The anchors themselves came out in the experts' order.{agrees}"
    named = [
        f"{pair.higher_name} ({pair.higher_grade}) lost to {pair.lower_name} ({pair.lower_grade})"
        for pair in analysis.inversions[:MOST_PAIRS]
    ]
    more = " and others" if len(analysis.inversions) > MOST_PAIRS else ""
    return False, (
        f"The anchors themselves came out of order: in {plural(found.value, 'pair')} of anchors the lower grade won "
        f"({'; '.join(named)}{more}).{agrees} "
        "Students' grades are no surer than that."
    )
