"""The common frame of the reports of a run: which files it writes, its prompts, a verdict in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from eng5.contracts.analysis import Metric
from eng5.contracts.artefact import Artefact, Comparison, PromptText
from eng5.contracts.drawing import Drawing
from eng5.contracts.own import OwnFile
from eng5.files import read_model
from eng5.pages.drawing import drawn_once
from eng5.pages.rendered import write_files
from eng5.pages.rendering import number, or_missing, render_all
from eng5.paths import RunnerPaths
from eng5.plots.plot import standalone
from eng5.reports import around
from eng5.reports.around import Around

Analysis = TypeVar("Analysis", bound=OwnFile)


def page_files(
    templates: Sequence[str], name: str, drawn: Mapping[str, Drawing], **values: Any
) -> dict[str, str]:
    """The text of every file by its path under reports/: the pages, and the plots that they show.

    Args:
        templates: of the pages; their suffix is that of the page.
        name: of the pages without a suffix.
        drawn: the plots by name.
        values: what the templates read, beside `plots` and `plot_folder`.
    """
    pages = render_all(templates, name, plots=drawn, plot_folder=f"plots/{name}", **values)
    return pages | {f"plots/{name}/{key}.svg": standalone(drawing) for key, drawing in drawn.items()}


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


def write_report(
    paths: RunnerPaths,
    model: type[Analysis],
    plots: Callable[[Analysis], dict[str, Drawing]],
    build: Callable[[Artefact, Analysis, Mapping[str, Drawing], Around], dict[str, str]],
) -> None:
    """Read 50, 60 and what is around the run, draw, render, write reports/ and then 70, which names every file."""
    artefact, analysis = read_model(paths.artefact, Artefact), read_model(paths.analysis, model)
    drawn = drawn_once(paths.drawings, plots, analysis)
    write_files(paths, build(artefact, analysis, drawn, around.read(paths, artefact)))
