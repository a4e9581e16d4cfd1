"""60 of an execute run and the artefact → the report on the students, and 70, which names its files.

Students go by their essay ids. A name or a file name of theirs is nowhere in the report.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from eng5.contracts.analysis import Analysis, EssayRow
from eng5.contracts.artefact import Artefact, ServiceScore
from eng5.files import read_model
from eng5.pages.rendered import write_files
from eng5.pages.rendering import count, number, render_all, shown, utc
from eng5.paths import RunnerPaths

__all__ = ["PlacedEssay", "build", "run", "stem"]

TEMPLATES = ("execute.md", "execute.html")

NO_GRADE = "U"
"""What the CJ service writes where it projects no grade."""


class PlacedEssay(NamedTuple):
    """An essay between its neighbours. `grade` is the experts' for an anchor, the projected one for a student."""

    essay: EssayRow
    is_anchor: bool
    grade: str | None
    service: ServiceScore | None


def stem(artefact: Artefact) -> str:
    """`execute_{batch_id}_{timestamp}`: rendering again overwrites the same files."""
    return f"execute_{artefact.metadata.batch_id}_{artefact.metadata.timestamp}"


def build(artefact: Artefact, analysis: Analysis) -> dict[str, str]:
    """The text of every file, by its path under reports/: Markdown and HTML page."""
    placed = place(artefact, analysis)
    students = [one for one in placed if not one.is_anchor]
    values = {
        "analysis": analysis,
        "about": artefact.metadata,
        "created_at": utc(analysis.run.created_at),
        "verdict": verdict(students),
        "placed": placed,
        "students": students,
        "anchors": len(placed) - len(students),
        "spread": _spread(artefact, students),
        "estimates": {each.essay_id: each for each in analysis.grade_estimates},
        "promise": promise(analysis),
        "notices": _notices(analysis, placed),
        "facts": _facts(analysis),
        "prompts": [
            ("System prompt", artefact.metadata.system_prompt),
            ("Judge rubric", artefact.metadata.rubric),
        ],
    }
    name = stem(artefact)
    return render_all(TEMPLATES, name, **values)


def run(paths: RunnerPaths) -> None:
    """Read 50 and 60, render, write reports/ and then 70, which names every file with its hash."""
    write_files(paths, build(read_model(paths.artefact, Artefact), read_model(paths.analysis, Analysis)))


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


def verdict(students: list[PlacedEssay]) -> str:
    """One sentence: how many students got a grade, and how sure the service is of it."""
    graded = [one for one in students if one.grade is not None]
    total = "1 student" if len(students) == 1 else f"{len(students)} students"
    if not graded:
        return f"{total}, no projected grade."
    sure = Counter(one.service.confidence_label for one in graded if one.service is not None)
    parts = [f"{sure[label]} {word}" for label, word in LABELS.items() if sure[label]]
    return f"{len(graded)} of {total} with a projected grade; confidence: {', '.join(parts)}."


def promise(analysis: Analysis) -> str:
    """What the intervals of the grades by the anchors promise, and why it is no more."""
    if not analysis.grade_estimates:
        return (
            "No grade is read off the anchors: that takes four anchors of known grade, not all of one grade, and a "
            "judge whose scale rises with the grade."
        )
    level = analysis.grade_estimates[0].level
    held = (
        f"The interval of a grade by the anchors holds the grade of {100 * level:.0f} in 100 essays like them"
    )
    return f"{held}; {analysis.counts.graded} anchors promise no more." if level < PROMISED else f"{held}."


PROMISED = 0.95
LABELS = {"HIGH": "high", "MID": "middling", "LOW": "low"}


def _spread(artefact: Artefact, students: list[PlacedEssay]) -> list[tuple[str, int]]:
    """Count of students by projected grade, the best first."""
    counts = Counter(one.grade for one in students if one.grade is not None)
    order = artefact.metadata.grade_scale.all_grades[::-1]
    return [(grade, counts[grade]) for grade in order if counts[grade]]


def _notices(analysis: Analysis, placed: list[PlacedEssay]) -> list[str]:
    texts = [notice.text for notice in analysis.notices]
    ours = [one.essay.essay_id for one in placed if one.essay.score is not None and one.service is not None]
    service = sorted(ours, key=lambda essay_id: _service_rank(placed, essay_id))
    if ours != service:
        texts.append("The CJ service's own ranks differ from those of the scores here; both are listed.")
    if not any(one.is_anchor for one in placed):
        texts.append("There are no anchors among the essays, so no grade is projected.")
    return texts


def _service_rank(placed: list[PlacedEssay], essay_id: str) -> int:
    return next(one.service.rank for one in placed if one.service and one.essay.essay_id == essay_id)


def _facts(analysis: Analysis) -> list[tuple[str, str]]:
    counts, about = analysis.counts, analysis.run
    facts = [
        ("Comparisons", count(counts.comparisons)),
        ("Decided", count(counts.decided)),
        ("Ties", count(counts.ties)),
        ("Failed", count(counts.failed)),
        ("Pairs with a winner", f"{count(counts.judged_pairs)} of {count(counts.possible_pairs)}"),
        ("Cost", "n/a" if about.total_usd is None else f"{number(about.total_usd, 4)} USD"),
    ]
    for used in about.tokens:
        tokens = f"{count(used.prompt_tokens)} prompt, {count(used.completion_tokens)} completion"
        facts.append((f"Tokens of {used.provider} / {used.model}", tokens))
    facts += [
        (f"{metric.label}, anchors among themselves", shown(metric.value, metric.kind))
        for metric in analysis.metrics
        if metric.name in ("kendall_tau", "direct_inversions") and metric.value is not None
    ]
    return facts
