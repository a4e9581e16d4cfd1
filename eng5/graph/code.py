"""Which steps measure and render a run of each mode, and of which code they are made."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import eng5
from eng5.contracts.experiments import Experiments
from eng5.contracts.run import RunnerMode
from eng5.paths import RunnerPaths
from eng5.runs.registry import mode_of

ANALYSIS_CODE = {
    RunnerMode.ANCHOR_ALIGN_TEST: ("steps/analysis.py", "steps/alignment/*.py"),
    RunnerMode.BOUNDARY_TEST: (
        "boundary_pairs.py",
        "steps/boundary_analysis.py",
        "steps/boundary/*.py",
        "steps/alignment/*.py",
    ),
}
REPORT_CODE = {
    RunnerMode.ANCHOR_ALIGN_TEST: ("steps/report.py",),
    RunnerMode.BOUNDARY_TEST: (
        "stats/*.py",
        "steps/alignment/dataset.py",
        "steps/boundary_report.py",
        "steps/boundary/*.py",
    ),
    RunnerMode.EXECUTE: ("steps/execute_report.py",),
}


@cache
def code(*patterns: str) -> tuple[Path, ...]:
    """The modules and templates that a pure step is made of."""
    folder = Path(eng5.__file__).parent
    return tuple(sorted(path for pattern in patterns for path in folder.glob(pattern)))


def analysis_code(mode: RunnerMode) -> tuple[Path, ...]:
    steps = ANALYSIS_CODE.get(mode, ANALYSIS_CODE[RunnerMode.ANCHOR_ALIGN_TEST])
    return code(*steps, "contracts/*.py", "stats/*.py", "steps/rendering.py")


def report_code(mode: RunnerMode) -> tuple[Path, ...]:
    steps = REPORT_CODE.get(mode, REPORT_CODE[RunnerMode.ANCHOR_ALIGN_TEST])
    shared = ("rendered.py", "steps/drawing.py", "steps/index.py", "steps/rendering.py")
    return code(*steps, *shared, "contracts/*.py", "plots/*", "templates/*")


def analyse(paths: RunnerPaths, mode: RunnerMode, experiments: Experiments) -> None:
    """50 → 60."""
    if mode is RunnerMode.BOUNDARY_TEST:
        from eng5.reports.boundary import analysis as boundary_analysis

        boundary_analysis.run(paths)
    else:
        from eng5.reports.alignment import analysis

        if mode is RunnerMode.EXECUTE:
            analysis.run(paths, {})
        else:
            analysis.run(paths, experiments.targets, baseline=paths.project.baseline)


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


def measure_baseline(paths: RunnerPaths) -> None:
    """The baseline run's 50 → build/baseline.json."""
    from eng5.reports import baseline

    baseline.run(paths)


def rebuild(paths: RunnerPaths, experiments: Experiments) -> None:
    """60, the pages and 70 from artefacts alone."""
    rebuild_analysis(paths, experiments)
    render(paths, mode_of(paths))


def rebuild_analysis(paths: RunnerPaths, experiments: Experiments) -> None:
    """60 from artefacts alone."""
    baseline = paths.project.run(experiments.baseline)
    if baseline.artefact.exists():
        measure_baseline(baseline)
    analyse(paths, mode_of(paths), experiments)
