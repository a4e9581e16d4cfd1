"""Tests of `eng5.steps.baseline`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from eng5.contracts.analysis import Analysis
from eng5.contracts.artefact import Artefact
from eng5.contracts.baseline import Baseline
from eng5.files import read_model, write_model
from eng5.paths import ProjectPaths
from eng5.reports import baseline
from eng5.reports.alignment import analysis

Judge = Callable[..., Artefact]


def test_counts_inversions_with_an_a_or_a_b(judge: Judge) -> None:
    """A judge that turns every pair round inverts A-B, A-C+ and B-C+; without an A or a B there is no count."""
    assert baseline.build(judge(["A", "B", "C+"], steepness=-60.0), name="run").ab_inversions == 3
    assert baseline.build(judge(["A", "C+", "D-"], steepness=-60.0), name="run").ab_inversions == 2
    assert baseline.build(judge(["A", "B"], steepness=60.0), name="run").ab_inversions == 0
    assert baseline.build(judge(["C+", "D-"]), name="run").ab_inversions is None


def test_an_analysis_says_what_it_was_counted_against(judge: Judge, tmp_path: Path) -> None:
    """The file of the baseline run is read where it is there, and its name stands in the analysis."""
    project = ProjectPaths.at(tmp_path)
    good, bad = project.run("baseline"), project.run("variant")
    write_model(good.artefact, judge(["A", "B", "C+"], steepness=60.0))
    write_model(bad.artefact, judge(["A", "B", "C+"], steepness=-60.0))
    before = _analysed(project)
    assert before.baseline is None and before.metric("ab_regression").value is None

    baseline.run(good)
    counted = read_model(project.baseline, Baseline)
    after = _analysed(project)
    assert after.baseline == counted and counted.run == "baseline"
    assert after.metric("ab_regression").value == 3


def _analysed(project: ProjectPaths) -> Analysis:
    paths = project.run("variant")
    analysis.run(paths, {}, baseline=project.baseline)
    return read_model(paths.analysis, Analysis)
