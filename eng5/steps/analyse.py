"""60_analysis.json of a run, by what its mode measures; and the baseline that it is counted against."""

from __future__ import annotations

from eng5.contracts.experiments import Experiments
from eng5.contracts.modes import RunnerMode
from eng5.paths import RunnerPaths
from eng5.runs.registry import mode_of

__all__ = ["analyse", "analysis_module", "measure_baseline", "rebuild_analysis"]


def analysis_module(mode: RunnerMode) -> str:
    """The module that measures a run of the mode."""
    return f"reports.{mode.about.measures}.analysis"


def analyse(paths: RunnerPaths, mode: RunnerMode, experiments: Experiments) -> None:
    """50 → 60."""
    if mode.about.measures == "boundary":
        from eng5.reports.boundary import analysis as boundary_analysis

        boundary_analysis.run(paths)
        return
    from eng5.reports.alignment import analysis

    if mode.about.has_targets:
        analysis.run(paths, experiments.targets, baseline=paths.project.baseline)
    else:
        analysis.run(paths, {})


def measure_baseline(paths: RunnerPaths) -> None:
    """The baseline run's 50 → build/baseline.json."""
    from eng5.reports import baseline

    baseline.run(paths)


def rebuild_analysis(paths: RunnerPaths, experiments: Experiments) -> None:
    """60 from artefacts alone."""
    baseline = paths.project.run(experiments.baseline)
    if baseline.artefact.exists():
        measure_baseline(baseline)
    analyse(paths, mode_of(paths), experiments)
