"""`reports/index.html`: every run with its figures, links to its reports, and trends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eng5.contracts.analysis import Analysis, Metric
from eng5.contracts.drawing import Drawing
from eng5.contracts.report import Report
from eng5.files import read_model, write_text
from eng5.pages.drawing import drawn_once
from eng5.pages.rendering import render, utc
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.plots import trend
from eng5.plots.plot import drawings
from eng5.reports.frame import terms
from eng5.runs.registry import mode_of


@dataclass(frozen=True)
class IndexRow:
    """A run of the index; `page` is its HTML report, relative to reports/."""

    analysis: Analysis
    page: str | None
    created_at: str
    metrics: list[Metric]


def build(
    runs: Sequence[tuple[Analysis, Sequence[str]]],
    drawn: Mapping[str, Drawing],
    others: Sequence[str] = (),
) -> str:
    """The page.

    Args:
        runs: each analysis with the paths of its rendered files, relative to reports/; the earliest run first.
        drawn: the plots of their analyses.
        others: further pages under reports/, such as comparisons of variants.
    """
    rows = [
        IndexRow(
            analysis=analysis,
            page=next((path for path in files if path.endswith(".html")), None),
            created_at=utc(analysis.run.created_at),
            metrics=[metric for metric in analysis.metrics if metric.target is not None],
        )
        for analysis, files in runs
    ]
    heads = _heads([row.analysis for row in rows])
    cells = [
        [next((metric for metric in row.metrics if metric.name == name), None) for name in heads]
        for row in rows
    ]
    return render(
        "index.html",
        rows=list(zip(rows, cells, strict=True))[::-1],
        heads=[(label, True) for label in heads.values()],
        others=sorted(others),
        plots=drawn,
        terms=terms(metric for row in rows for metric in row.metrics),
    )


def plots(analyses: Sequence[Analysis]) -> dict[str, Drawing]:
    """A trend of each metric that has a target, over the runs in the order of `analyses`."""
    return drawings(
        {
            name: trend.draw(
                name,
                label,
                [(one.run.name, metric) for one in analyses for metric in one.metrics if metric.name == name],
            )
            for name, label in _heads(analyses).items()
        }
    )


def _heads(analyses: Sequence[Analysis]) -> dict[str, str]:
    """Labels of the metrics that have a target, by name."""
    return {
        metric.name: metric.label
        for analysis in analyses
        for metric in analysis.metrics
        if metric.target is not None
    }


def read_analysis(paths: RunnerPaths) -> Analysis:
    """60 of a run as it is."""
    return read_model(paths.analysis, Analysis)


def run(project: ProjectPaths, analysis_of: Callable[[RunnerPaths], Analysis] = read_analysis) -> None:
    """Read 60 and 70 of every run that has both, write reports/index.html; boundary tests are among the other pages."""
    listed = [project.run(name) for name in project.runs()]
    runs = [
        (analysis_of(paths), [file.path for file in read_model(paths.report, Report).files])
        for paths in listed
        if paths.analysis.is_file()
        and paths.report.is_file()
        and mode_of(paths).about.measures == "alignment"
    ]
    runs.sort(key=lambda run: (run[0].run.created_at, run[0].run.name))
    drawn = drawn_once(project.index_drawings, plots, [analysis for analysis, _ in runs])
    own = {path for _, files in runs for path in files} | {"index.html", project.history_page.name}
    pages = (path.relative_to(project.reports).as_posix() for path in sorted(project.reports.glob("*.html")))
    write_text(project.index, build(runs, drawn, [path for path in pages if path not in own]))
