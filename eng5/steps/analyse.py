"""60_analysis.json of a run, by what its mode measures; and the baseline that it is counted against.

A file that an earlier version wrote, and that the contracts of today cannot read, is made again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from eng5.contracts.modes import RunnerMode
from eng5.errors import DamagedFileError
from eng5.paths import RunnerPaths

if TYPE_CHECKING:
    from eng5.contracts.experiments import Experiments

Result = TypeVar("Result")
Makers = dict[Path, Callable[[], None]]


def analysis_module(mode: RunnerMode) -> str:
    """The module that measures a run of the mode."""
    return f"reports.{mode.about.measures}.analysis"


def analyse(paths: RunnerPaths, mode: RunnerMode, experiments: Experiments) -> None:
    """50 → 60."""
    _again(partial(_measure, paths, mode, experiments), _sources(paths, experiments))


def with_analysis(read: Callable[[], Result], paths: RunnerPaths, experiments: Experiments) -> Result:
    """What `read` makes of the run's 60, which is made again when it cannot be read.

    Raises:
        DamagedFileError: that, and what it is made from cannot be read either.
    """
    return _again(read, {paths.analysis: partial(rebuild_analysis, paths, experiments)})


def measure_baseline(paths: RunnerPaths) -> None:
    """The baseline run's 50 → build/baseline.json."""
    from eng5.reports import baseline

    _again(partial(baseline.run, paths), _artefact(paths))


def rebuild_analysis(paths: RunnerPaths, experiments: Experiments) -> None:
    """60 from artefacts alone."""
    from eng5.runs.registry import is_complete, mode_of

    baseline = paths.project.run(experiments.baseline)
    if baseline.artefact.exists() and is_complete(baseline):
        measure_baseline(baseline)
    analyse(paths, mode_of(paths), experiments)


def _measure(paths: RunnerPaths, mode: RunnerMode, experiments: Experiments) -> None:
    if mode.about.measures == "boundary":
        from eng5.reports.boundary import analysis as boundary_analysis

        boundary_analysis.run(paths)
        return
    from eng5.reports.alignment import analysis
    from eng5.runs.beside import run_beside

    if mode.about.has_targets:
        other = run_beside(paths.project, experiments, paths.name)
        analysis.run(paths, experiments.targets, baseline=paths.project.baseline, other=other)
    else:
        analysis.run(paths, {})


def _artefact(paths: RunnerPaths) -> Makers:
    """How the artefact is made again; one that came alone cannot be."""

    def fold() -> None:
        from eng5.steps import artefact

        artefact.run(paths)

    return {paths.artefact: fold} if paths.events.exists() else {}


def _sources(paths: RunnerPaths, experiments: Experiments) -> Makers:
    """How what 60 is made from is made again."""
    from eng5.runs.registry import is_complete

    baseline = paths.project.run(experiments.baseline)
    if not (baseline.artefact.exists() and is_complete(baseline)):
        return _artefact(paths)
    return _artefact(paths) | {paths.project.baseline: partial(measure_baseline, baseline)}


def _again(read: Callable[[], Result], made_by: Makers) -> Result:
    """What `read` returns; each file that it cannot read is made again, once."""
    left = made_by.copy()
    while True:
        try:
            return read()
        except DamagedFileError as error:
            make = left.pop(Path(error.where or ""), None)
            if make is None:
                raise
            make()
