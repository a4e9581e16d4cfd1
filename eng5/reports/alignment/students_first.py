"""What the report on students says first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from eng5.contracts.analysis import Analysis
from eng5.pages.rendering import plural
from eng5.reports.alignment.placed import PlacedEssay
from eng5.reports.first_screen import MOST_LINKS, FirstScreen, Step, pair_links, without_verdict

UNSURE = "LOW"
"""The CJ service's word for a grade that it is not sure of."""


def build(
    analysis: Analysis, placed: Sequence[PlacedEssay], verdict: str, href: Callable[..., str]
) -> FirstScreen:
    """`verdict` is the answer; `href` gives the address of an essay's pairs, or of a pair, by essay ids."""
    students = [one for one in placed if not one.is_anchor]
    anchors = len(placed) - len(students)
    asked = (
        f"Which grade does {analysis.run.judge.name} give {plural(len(students), 'student')}, placed among "
        f"{plural(anchors, 'anchor')}? {plural(analysis.counts.comparisons, 'comparison')}."
    )
    return FirstScreen.of(asked, verdict, list(_steps(analysis, students, anchors, href)))


def _steps(
    analysis: Analysis, students: Sequence[PlacedEssay], anchors: int, href: Callable[..., str]
) -> Iterator[Step]:
    counts = analysis.counts
    if lost := counts.failed + counts.missing:
        yield without_verdict(lost, counts.comparisons + counts.missing, analysis)
    if not anchors:
        yield Step(
            "Register anchors for the assignment (eng5 register-anchors): without them there are no grades."
        )
    if analysis.inversions:
        yield Step(
            "Read the anchors that came out of order: students between them are graded no better.",
            pair_links(analysis.inversions, href),
        )
    unsure = [one for one in students if one.service and one.grade and one.service.confidence_label == UNSURE]
    if unsure:
        yield Step(
            f"Have a teacher read those of whose grade the service is not sure ({len(unsure)}).",
            tuple((one.essay.essay_id, href(one.essay.essay_id)) for one in unsure[:MOST_LINKS]),
        )
    ends = [one for one in students if one.essay.played and (not one.essay.wins or not one.essay.losses)]
    if ends:
        yield Step(
            f"{plural(len(ends), 'student')} won or lost every comparison: how far above or below the others they are "
            "cannot be said. Ask for more comparisons, or read them.",
            tuple((one.essay.essay_id, href(one.essay.essay_id)) for one in ends[:MOST_LINKS]),
        )
