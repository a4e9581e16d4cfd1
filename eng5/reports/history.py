"""`reports/history.html`: every attempt has its row and its point, with what was changed for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from eng5.contracts.analysis import Metric
from eng5.contracts.artefact import Metadata
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.drawing import Drawing
from eng5.contracts.history import Attempt, History, Life
from eng5.contracts.notes import Notes
from eng5.contracts.report import Report
from eng5.contracts.run import RunFile
from eng5.contracts.run_summary import JudgeSummary
from eng5.errors import InputError
from eng5.files import read_model, write_model, write_text
from eng5.pages.drawing import drawn_once
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.plots import trend
from eng5.plots.plot import drawings
from eng5.reports import text_diff
from eng5.reports.about import prompt_ref
from eng5.reports.frame import page_files, terms
from eng5.runs.attempts import AttemptHead, differences, every_attempt
from eng5.runs.notes import load_notes
from eng5.settings import variant_of

Model = TypeVar("Model", bound=BaseModel)
USUAL = ("direct_inversions", "kendall_tau")
"""Figures that are shown where no target names others."""


class Files(NamedTuple):
    """What an attempt's files say; None for those that are missing or of another version."""

    paths: RunnerPaths
    run: RunFile | None
    about: Metadata | None
    figures: _Figures | None
    page: str | None


class _Judged(BaseModel):
    judge: JudgeSummary


class _Figures(BaseModel):
    """As much of an analysis as the history shows, whatever its version."""

    run: _Judged
    verdict: str
    metrics: list[Metric] = []


def build(runs: Sequence[tuple[str, Sequence[Files]]], notes: Notes) -> History:
    """The attempts by variant.

    Args:
        runs: each run with the files of its attempts, the earliest first.
        notes: what the author says of them.
    """
    lives: dict[str, list[Attempt]] = {}
    for name, attempts in runs:
        before = None
        for each in attempts:
            made = _attempt(name, each, before, notes)
            lives.setdefault(variant_of(name, made.replicate), []).append(made)
            before = each
    found = []
    for name, attempts_of in lives.items():
        ordered = sorted(attempts_of, key=lambda one: (one.created_at, one.replicate, one.run))
        numbered = [one.model_copy(update={"number": place}) for place, one in enumerate(ordered, start=1)]
        found.append(Life(name=name, attempts=numbered))
    found.sort(key=lambda life: (life.attempts[-1].created_at, life.name), reverse=True)
    return History(lives=found)


def _attempt(name: str, files: Files, before: Files | None, notes: Notes) -> Attempt:
    about, run = files.about, files.run
    batch = run.batch_uuid if run else about.batch_uuid if about else None
    created = run.created_at if run else about.generated_at if about else None
    if batch is None or created is None:
        raise InputError("neither 00_run.json nor 50_artefact.json can be read", where=files.paths.folder)
    of_run = run.identity if run else about
    system_prompt, rubric = (
        prompt_ref(text) for text in ((of_run.system_prompt, of_run.rubric) if of_run else (None, None))
    )
    moment = created.strftime("%Y-%m-%d %H:%M:%S UTC")
    named = [
        f"{PurePosixPath(text.path).stem} ({text.sha256[:6]})" for text in (system_prompt, rubric) if text
    ]
    figures = files.figures
    return Attempt(
        number=0,
        title=f"{' + '.join(named) or 'no prompt of its own'}, {moment}",
        run=name,
        batch=batch,
        present=files.paths.name == name,
        created_at=created,
        replicate=of_run.replicate if of_run else 1,
        judge=figures.run.judge if figures else None,
        system_prompt=system_prompt,
        rubric=rubric,
        git_sha=run.git_sha if run else about.git_sha if about else None,
        git_dirty=run.git_dirty if run else about.git_dirty if about else None,
        verdict=figures.verdict if figures else None,
        metrics=figures.metrics if figures else [],
        page=files.page,
        prompts=text_diff.of_prompts(before.about, about) if before and before.about and about else [],
        settings=_settings(before, files),
        note=notes.of(batch),
    )


def _settings(before: Files | None, after: Files) -> str:
    """What differs besides the prompts, whose lines are shown."""
    if before is None or before.run is None or after.run is None:
        return ""
    found = differences(before.run.identity, after.run.identity).split("; ")
    return "; ".join(one for one in found if one and not one.startswith(("system_prompt:", "rubric:")))


def plots(history: History) -> dict[str, Drawing]:
    """A trend of each figure over each life that has two points or more, by `LIFE-FIGURE`."""
    found = {}
    for place, life in enumerate(history.lives):
        for name, label in _shown(life).items():
            points = [
                (f"#{one.number}", f"#{one.number} {one.title}, {one.run}", metric)
                for one in life.attempts
                for metric in one.metrics
                if metric.name == name and metric.value is not None
            ]
            found[f"{life.name}-{name}"] = trend.draw(
                f"{place}-{name}",
                label,
                [(title, metric) for _, title, metric in points],
                [number for number, _, _ in points],
            )
    return drawings(found)


def _shown(life: Life) -> dict[str, str]:
    """Names and labels of the figures of a life's rows: those with a target, or the usual ones."""
    every = [metric for one in life.attempts for metric in one.metrics]
    wanted = [metric for metric in every if metric.target is not None]
    wanted = wanted or [metric for metric in every if metric.name in USUAL] or every
    return {metric.name: metric.label for metric in wanted}


@dataclass(frozen=True)
class LifeRows:
    """What the pages show of a life."""

    place: int
    life: Life
    heads: list[tuple[str, bool]]
    attempts: list[tuple[Attempt, list[Metric | None]]]
    plot_names: list[str]
    plots: list[Drawing]

    @property
    def count(self) -> int:
        return len(self.attempts)


def pages(history: History, drawn: Mapping[str, Drawing]) -> dict[str, str]:
    """The text of every file by its path under reports/."""
    rows = []
    for place, life in enumerate(history.lives):
        shown = _shown(life)
        cells = [
            [next((metric for metric in one.metrics if metric.name == name), None) for name in shown]
            for one in life.attempts
        ]
        names = [name for name in (f"{life.name}-{figure}" for figure in shown) if name in drawn]
        rows.append(
            LifeRows(
                place=place,
                life=life,
                heads=[(label, True) for label in shown.values()],
                attempts=list(zip(life.attempts, cells, strict=True)),
                plot_names=names,
                plots=[drawn[name] for name in names],
            )
        )
    known = terms(metric for life in history.lives for one in life.attempts for metric in one.metrics)
    return page_files(("history.md", "history.html"), "history", drawn, rows=rows, terms=known)


def read(project: ProjectPaths) -> History:
    """Every attempt of every run, from its files and the author's notes."""
    runs = [(name, [_read(each) for each in every_attempt(project.run(name))]) for name in project.runs()]
    return build(runs, load_notes(project))


def run(project: ProjectPaths) -> None:
    """`read`, then write build/history.json and reports/history.*."""
    history = read(project)
    write_model(project.history, history)
    drawn = drawn_once(project.history_drawings, plots, history)
    for name, text in pages(history, drawn).items():
        write_text(project.reports / name, text)


def _read(paths: RunnerPaths) -> Files:
    return Files(
        paths=paths,
        run=_if_readable(paths.run, RunFile),
        about=head.metadata if (head := _if_readable(paths.artefact, AttemptHead)) else None,
        figures=_figures(paths),
        page=_page(paths),
    )


def _if_readable(path: Path, kind: type[Model]) -> Model | None:
    """None where the file is missing, damaged, or of another version."""
    try:
        return read_model(path, kind) if path.is_file() else None
    except InputError:
        return None


def _figures(paths: RunnerPaths) -> _Figures | None:
    found = _if_readable(paths.analysis, _Figures)
    if found is None or found.metrics:
        return found
    test = _if_readable(paths.analysis, BoundaryAnalysis)
    return None if test is None else _of_boundary(test)


def _of_boundary(analysis: BoundaryAnalysis) -> _Figures:
    rate = Metric(
        name="boundary_win_rate",
        label="Wins of the higher grade, corrected",
        kind="share",
        value=analysis.overall.corrected.value,
        interval=analysis.overall.corrected.interval,
    )
    return _Figures(run=_Judged(judge=analysis.run.judge), verdict=analysis.verdict, metrics=[rate])


def _page(paths: RunnerPaths) -> str | None:
    """The HTML page that was rendered, where it is still there."""
    record = _if_readable(paths.report, Report)
    page = next((file.path for file in (record.files if record else []) if file.path.endswith(".html")), None)
    return page if page and (paths.project.reports / page).is_file() else None
