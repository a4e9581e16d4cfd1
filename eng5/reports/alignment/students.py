"""60 of an execute run and the artefact → the report on the students, and 70, which names its files.

Students go by their essay ids. A name or a file name of theirs is nowhere in the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from eng5.contracts.analysis import LARGEST_MATRIX, Analysis, Notice
from eng5.contracts.artefact import Artefact
from eng5.contracts.drawing import Drawing
from eng5.contracts.judge_quality import GradeBoundary
from eng5.pages.rendering import count, number, plural, shown
from eng5.paths import RunnerPaths
from eng5.plots import placed as placed_plot
from eng5.plots.plot import drawings
from eng5.reports import spending
from eng5.reports.alignment import students_first, students_table
from eng5.reports.alignment.placed import PlacedEssay, order_of_anchors, place
from eng5.reports.around import NOTHING, Around
from eng5.reports.frame import run_files, stem, write_report
from eng5.reports.notices import notice
from eng5.reports.read_pair import PageEssay, href_of


def build(
    artefact: Artefact, analysis: Analysis, drawn: Mapping[str, Drawing], around: Around = NOTHING
) -> dict[str, str]:
    """The text of every file, by its path under reports/: Markdown and HTML page, plots, and the table of students."""
    table, placed = f"{stem('execute', artefact)}_students.csv", place(artefact, analysis)
    estimates = {each.essay_id: each for each in analysis.grade_estimates}
    in_order, order = order_of_anchors(analysis)
    students = [one for one in placed if not one.is_anchor]
    essays = [
        PageEssay(one.essay.essay_id, one.essay.essay_id, one.grade, one.essay.level, _about(one))
        for one in placed
    ]
    href, said = href_of(essays), verdict(students, len(estimates))
    files = run_files(
        ("execute.md", "execute.html"),
        artefact,
        analysis,
        drawn,
        around,
        essays,
        href=href,
        screen=students_first.build(analysis, placed, said, href),
        unfolded=len(placed) <= LARGEST_MATRIX,
        about=artefact.metadata,
        verdict=said,
        placed=placed,
        students=students,
        anchors=len(placed) - len(students),
        spread=_spread(artefact, students),
        estimates=estimates,
        in_order=in_order,
        order=order,
        table=table,
        promise=promise(analysis),
        notices=_notices(analysis, placed),
        facts=_facts(analysis),
    )
    return files | {table: students_table.build(artefact, students, estimates)}


def _about(one: PlacedEssay) -> str:
    """What is known of an essay, below its name."""
    kind = "Anchor" if one.is_anchor else "Student"
    essay = one.essay
    return f"{kind} · score {number(essay.score)} · {essay.wins} won, {essay.losses} lost"


def plots(figures: tuple[Sequence[PlacedEssay], Sequence[GradeBoundary]]) -> dict[str, Drawing]:
    """The plots that there are figures for, by name."""
    placed, boundaries = figures
    shown = [placed_plot.Placed(one.essay, one.is_anchor, one.grade) for one in placed]
    return drawings({"placed": placed_plot.draw(shown, boundaries)})


def drawn_of(artefact: Artefact, analysis: Analysis) -> tuple[Sequence[PlacedEssay], Sequence[GradeBoundary]]:
    """What `plots` takes."""
    return place(artefact, analysis), [] if analysis.ruler is None else analysis.ruler.boundaries


def run(paths: RunnerPaths) -> None:
    """50 and 60 → the pages and 70."""
    write_report(paths, Analysis, plots, build, drawn_of)


def verdict(students: list[PlacedEssay], read_off: int) -> str:
    """One sentence: how many students got a grade, and how sure the service is of it."""
    graded = [one for one in students if one.grade is not None]
    total = plural(len(students), "student")
    if not graded:
        off = f" {read_off} with a grade read off the anchors." if read_off else ""
        return f"{total}, no projected grade.{off}"
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


def _notices(analysis: Analysis, placed: list[PlacedEssay]) -> list[Notice]:
    found = list(analysis.notices)
    ours = [one.essay.essay_id for one in placed if one.essay.score is not None and one.service is not None]
    service = sorted(ours, key=lambda essay_id: _service_rank(placed, essay_id))
    if ours != service:
        text = "The CJ service's own ranks differ from those of the scores here; both are listed."
        found.append(notice("service ranks", text))
    if not any(one.is_anchor for one in placed):
        text = "There are no anchors among the essays, so no grade is projected."
        found.append(notice("no anchors", text))
    return found


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
        *spending.facts(about),
    ]
    facts += [
        (f"{metric.label}, anchors among themselves", shown(metric.value, metric.kind))
        for metric in analysis.metrics
        if metric.name in ("kendall_tau", "direct_inversions") and metric.value is not None
    ]
    return facts
