"""`reports/index.html`: every run with its figures, links to its reports, and trends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eng5.contracts.analysis import Analysis, Metric
from eng5.contracts.report import Report
from eng5.contracts.run import RunnerMode
from eng5.files import read_model, write_text
from eng5.paths import ProjectPaths
from eng5.plots import trend
from eng5.plots.plot import Plot
from eng5.runs import mode_of
from eng5.steps.rendering import render, utc

__all__ = ["IndexRow", "build", "run"]


@dataclass(frozen=True)
class IndexRow:
    """A run of the index; `page` is its HTML report, relative to reports/."""

    analysis: Analysis
    page: str | None
    created_at: str
    metrics: list[Metric]


def build(runs: Iterable[tuple[Analysis, Sequence[str]]], others: Sequence[str] = ()) -> str:
    """The page.

    Args:
        runs: each analysis with the paths of its rendered files, relative to reports/.
        others: further pages under reports/, such as comparisons of variants.
    """
    rows = [
        IndexRow(
            analysis=analysis,
            page=next((path for path in files if path.endswith(".html")), None),
            created_at=utc(analysis.run.created_at),
            metrics=[metric for metric in analysis.metrics if metric.target is not None],
        )
        for analysis, files in sorted(runs, key=lambda run: (run[0].run.created_at, run[0].run.name))
    ]
    heads = {metric.name: metric.label for row in rows for metric in row.metrics}
    cells = [
        [next((metric for metric in row.metrics if metric.name == name), None) for name in heads]
        for row in rows
    ]
    return render(
        "index.html",
        rows=list(zip(rows, cells, strict=True))[::-1],
        heads=[(label, True) for label in heads.values()],
        others=sorted(others),
        plots=_plots(rows, heads),
    )


def _plots(rows: Sequence[IndexRow], heads: dict[str, str]) -> dict[str, Plot]:
    drawn = {
        name: trend.draw(name, label, [(row.analysis.run.name, row.analysis.metric(name)) for row in rows])
        for name, label in heads.items()
    }
    return {name: drawing for name, drawing in drawn.items() if drawing is not None}


def run(project: ProjectPaths) -> None:
    """Read 60 and 70 of every run that has both, write reports/index.html; boundary tests are among the other pages."""
    listed = [project.run(name) for name in project.runs()]
    runs = [
        (read_model(paths.analysis, Analysis), [file.path for file in read_model(paths.report, Report).files])
        for paths in listed
        if paths.analysis.is_file()
        and paths.report.is_file()
        and mode_of(paths) is not RunnerMode.BOUNDARY_TEST
    ]
    own = {path for _, files in runs for path in files} | {"index.html"}
    pages = (path.relative_to(project.reports).as_posix() for path in sorted(project.reports.glob("*.html")))
    write_text(project.index, build(runs, [path for path in pages if path not in own]))
