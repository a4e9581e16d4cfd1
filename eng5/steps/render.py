"""The pages of a run and 70_report.json, by what its mode reports."""

from __future__ import annotations

from eng5.contracts.experiments import Experiments
from eng5.contracts.run import RunnerMode
from eng5.paths import RunnerPaths
from eng5.runs.registry import mode_of
from eng5.steps.analyse import rebuild_analysis


def report_modules(mode: RunnerMode) -> tuple[str, str]:
    """The modules that make the pages of a run of the mode, and the index after it."""
    kind = {RunnerMode.BOUNDARY_TEST: "boundary.report", RunnerMode.EXECUTE: "alignment.students"}
    return f"reports.{kind.get(mode, 'alignment.report')}", "reports.index"


def render(paths: RunnerPaths, mode: RunnerMode) -> None:
    """50 and 60 → the pages and 70."""
    if mode is RunnerMode.BOUNDARY_TEST:
        from eng5.reports.boundary import report as boundary_report

        boundary_report.run(paths)
    elif mode is RunnerMode.EXECUTE:
        from eng5.reports.alignment import students as execute_report

        execute_report.run(paths)
    else:
        from eng5.reports.alignment import report

        report.run(paths)


def rebuild(paths: RunnerPaths, experiments: Experiments) -> None:
    """60, the pages and 70 from artefacts alone."""
    rebuild_analysis(paths, experiments)
    render(paths, mode_of(paths))
