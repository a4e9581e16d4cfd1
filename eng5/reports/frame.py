"""The common frame of the reports of a run: which files it writes, its prompts, a verdict in one line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from eng5.contracts.analysis import Analysis, EssayRow, Metric
from eng5.contracts.artefact import Artefact, Comparison, PromptText
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.drawing import Drawing
from eng5.contracts.own import OwnFile
from eng5.files import read_model
from eng5.pages.drawing import drawn_once
from eng5.pages.rendered import write_files
from eng5.pages.rendering import number, or_missing, render_all, utc
from eng5.paths import RunnerPaths
from eng5.plots.plot import standalone
from eng5.reports import around
from eng5.reports.around import Around
from eng5.reports.failures import failure_lines
from eng5.reports.read_pair import PageEssay, readable

Measured = TypeVar("Measured", bound=OwnFile)
Said = Mapping[int, Mapping[str, str | None]]
"""A line and the judge's words on it, by a verdict's sequence number."""


def page_files(
    templates: Sequence[str], name: str, drawn: Mapping[str, Drawing], **values: Any
) -> dict[str, str]:
    """The text of every file by its path under reports/: the pages, `name` with each template's suffix, and the plots.

    The templates stand in quotes where this is called: so they are found to be behind the page.
    """
    pages = render_all(templates, name, plots=drawn, plot_folder=f"plots/{name}", **values)
    return pages | {f"plots/{name}/{key}.svg": standalone(drawing) for key, drawing in drawn.items()}


def stem(kind: str, artefact: Artefact) -> str:
    """`KIND_{batch_id}_{timestamp}`: rendering again overwrites the same files."""
    return f"{kind}_{artefact.metadata.batch_id}_{artefact.metadata.timestamp}"


def run_files(
    templates: Sequence[str],
    artefact: Artefact,
    analysis: Analysis | BoundaryAnalysis,
    drawn: Mapping[str, Drawing],
    around: Around,
    essays: Sequence[PageEssay],
    first: Said | None = None,
    **values: Any,
) -> dict[str, str]:
    """The files of a run's report; the words of the verdicts `first` are in it however many others there are."""
    return page_files(
        templates,
        stem(templates[0].removesuffix(".md"), artefact),
        drawn,
        analysis=analysis,
        created_at=utc(analysis.run.created_at),
        failures=failure_lines(analysis.failures),
        prompts=prompts(artefact),
        reading=readable(artefact, essays, around.texts, first or ()),
        links=around.links,
        **values,
    )


def prompts(artefact: Artefact) -> list[tuple[str, PromptText | None]]:
    """What the judge was told, with a title each; None where the service used its own."""
    about = artefact.metadata
    return [("System prompt", about.system_prompt), ("Judge rubric", about.rubric)]


def terms(metrics: Iterable[Metric]) -> list[tuple[str, str]]:
    """The figures that have a meaning in a sentence, each once, by their label."""
    return list({metric.label: metric.meaning for metric in metrics if metric.meaning}.items())


def verdict_line(verdict: Comparison, names: Mapping[str, str]) -> str:
    """Which verdict it is, what was shown how, who won, and how sure the judge was."""
    first, second = names[verdict.essay_a_id], names[verdict.essay_b_id]
    won = f"{names[verdict.winner_id]} won" if verdict.winner_id is not None else verdict.status
    sure = or_missing(None if verdict.confidence is None else number(verdict.confidence, 1))
    return f"#{verdict.sequence} · {first} shown first, {second} second · {won} · confidence {sure}"


def said(
    artefact: Artefact, essays: Sequence[PageEssay | EssayRow], wanted: Collection[int] | None = None
) -> Said:
    """The judge's words, of all verdicts or of the `wanted` ones."""
    names = {essay.essay_id: essay.name for essay in essays}
    return {
        verdict.sequence: {"line": verdict_line(verdict, names), "justification": verdict.justification}
        for verdict in artefact.llm_comparisons
        if wanted is None or verdict.sequence in wanted
    }


def write_report(
    paths: RunnerPaths,
    model: type[Measured],
    plots: Callable[[Any], dict[str, Drawing]],
    build: Callable[[Artefact, Measured, Mapping[str, Drawing], Around], dict[str, str]],
    drawn_of: Callable[[Artefact, Measured], Any] = lambda _, analysis: analysis,
) -> None:
    """50, 60 and what is around the run → reports/, and 70, which names every file; `drawn_of` is what is plotted."""
    artefact, analysis = read_model(paths.artefact, Artefact), read_model(paths.analysis, model)
    drawn = drawn_once(paths.drawings, plots, drawn_of(artefact, analysis))
    write_files(paths, build(artefact, analysis, drawn, around.read(paths, artefact)))
