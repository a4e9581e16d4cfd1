"""50 and 60 → reports/card_RUN.md and .json: a judge and its prompt on one page."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from eng5.contracts.analysis import Analysis, Counts, Status
from eng5.contracts.artefact import Artefact, PromptText
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.card import Card, CardPrompt, Digest, MeasuredOn
from eng5.contracts.own import with_fields_of
from eng5.files import read_bytes, read_model, sha256_bytes, write_model, write_text
from eng5.pages.rendering import render, utc
from eng5.paths import RunnerPaths
from eng5.reports.card import sections

Measured = tuple[Artefact, Analysis | BoundaryAnalysis]
MOST_NAMED = 10
"""Grades that are listed one by one."""


def build(artefact: Artefact, analysis: Analysis | BoundaryAnalysis, digests: list[Digest]) -> Card:
    """The card of a run.

    Args:
        artefact: what was asked and what came back.
        analysis: of it; every figure of the card is one of its own.
        digests: of the files that the card is made from.
    """
    about, run, measured = artefact.metadata, analysis.run, _measured_on(artefact, analysis)
    status: Status = "unknown"
    if isinstance(analysis, BoundaryAnalysis):
        found = sections.of_boundary(analysis)
    else:
        found, status = sections.of_alignment(artefact, analysis), analysis.status
    return with_fields_of(
        run,
        Card,
        run=run.name,
        measured_at=run.created_at,
        version=about.runner_version,
        git_sha=about.git_sha,
        git_dirty=about.git_dirty,
        judge=run.judge.name,
        judge_note=run.judge.note,
        settings=about.judge,
        prompts=[_prompt("system prompt", about.system_prompt), _prompt("rubric", about.rubric)],
        verdict=analysis.verdict,
        status=status,
        measured_on=measured,
        sections=found,
        not_measured_on=_not_measured_on(artefact, measured),
        notices=analysis.notices,
        digests=[*digests, *(with_fields_of(one, Digest) for one in artefact.validation.manifest)],
    )


def _prompt(role: str, prompt: PromptText | None) -> CardPrompt:
    return with_fields_of(prompt, CardPrompt, role=role, **({} if prompt else {"path": None, "sha256": None}))


def _grades(analysis: Analysis | BoundaryAnalysis) -> dict[str, str | None]:
    """Essay id → grade, of the essays that were compared."""
    if isinstance(analysis, Analysis):
        return {essay.essay_id: essay.grade for essay in analysis.essays}
    higher: dict[str, str | None] = {pair.higher_id: pair.higher_grade for pair in analysis.pairs}
    return higher | {pair.lower_id: pair.lower_grade for pair in analysis.pairs}


def _measured_on(artefact: Artefact, analysis: Analysis | BoundaryAnalysis) -> MeasuredOn:
    run, scale, essays = analysis.run, artefact.metadata.grade_scale, _grades(analysis)
    given = Counter(grade for grade in essays.values() if grade is not None)
    known = [grade for grade in scale.all_grades[::-1] if grade in given]
    in_order = [*known, *sorted(grade for grade in given if grade not in known)]
    counts = analysis.counts if isinstance(analysis, Analysis) else analysis.overall
    decided, ties, failed = counts.decided, counts.ties, counts.failed
    return with_fields_of(
        counts,
        MeasuredOn,
        essays=len(essays),
        graded=given.total(),
        grades={grade: given[grade] for grade in in_order},
        grade_scale=run.grade_scale,
        language=run.language,
        course_code=run.course_code,
        pairs=counts.judged_pairs if isinstance(counts, Counts) else counts.pairs,
        comparisons=counts.comparisons if isinstance(counts, Counts) else decided + ties + failed,
    )


def _not_measured_on(artefact: Artefact, measured: MeasuredOn) -> list[str]:
    """On whom and on what the figures say nothing, as far as the artefact tells."""
    every = artefact.metadata.grade_scale.all_grades
    lacking = [grade for grade in every[::-1] if grade not in measured.grades]
    found = []
    if lacking and len(lacking) < MOST_NAMED:
        found.append(f"Essays of grade {', '.join(lacking)}: none was here.")
    elif lacking:
        found.append(f"Essays of {len(lacking)} of the {len(every)} grades of the scale: none was here.")
    return [
        *found,
        f"Essays in another language than '{measured.language}', or of other tasks, courses or ages than these.",
        "Groups of pupils (first language, sex, support needs): not known; nothing of the kind is recorded.",
        "Another model, version of the model, prompt or setting than those named here.",
    ]


def markdown(card: Card) -> str:
    """The card for people."""
    return render("card.md", card=card, measured_at=utc(card.measured_at))


def read(paths: RunnerPaths) -> Measured:
    """50 and 60 of a run."""
    artefact = read_model(paths.artefact, Artefact)
    if artefact.metadata.runner_mode.about.measures == "boundary":
        return artefact, read_model(paths.analysis, BoundaryAnalysis)
    return artefact, read_model(paths.analysis, Analysis)


def run(paths: RunnerPaths) -> list[Path]:
    """Read 50 and 60 of a run, write its card in both formats; their paths."""
    artefact, analysis = read(paths)
    digests = [
        Digest(path=path.name, sha256=sha256_bytes(read_bytes(path)))
        for path in (paths.artefact, paths.analysis)
    ]
    card = build(artefact, analysis, digests)
    written = [paths.project.reports / f"card_{paths.name}.{suffix}" for suffix in ("md", "json")]
    write_text(written[0], markdown(card))
    write_model(written[1], card)
    return written
