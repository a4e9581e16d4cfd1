"""The pages of a run and 70_report.json, by what its mode reports."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from eng5.contracts.modes import RunnerMode
from eng5.paths import RunnerPaths

if TYPE_CHECKING:
    from eng5.contracts.experiments import Experiments
    from eng5.protocols import ReportGeneratorProtocol


def report_modules(mode: RunnerMode) -> tuple[str, str]:
    """The modules that make the pages of a run of the mode, and the index after it."""
    return f"reports.{mode.about.page}", "reports.index"


def render(paths: RunnerPaths, mode: RunnerMode) -> None:
    """50 and 60 → the pages and 70."""
    generator: ReportGeneratorProtocol = import_module(f"eng5.reports.{mode.about.page}").run
    generator(paths)


def rebuild(paths: RunnerPaths, experiments: Experiments) -> None:
    """60, the pages and 70 from artefacts alone."""
    from eng5.runs.registry import mode_of
    from eng5.steps.analyse import rebuild_analysis

    rebuild_analysis(paths, experiments)
    render(paths, mode_of(paths))
