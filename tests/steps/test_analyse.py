"""Tests of `eng5.steps.analyse`: which module measures a run of which mode, and files of earlier versions."""

from pathlib import Path

import pytest

from eng5.contracts.analysis import Analysis
from eng5.contracts.experiments import Experiments
from eng5.contracts.modes import RunnerMode
from eng5.errors import DamagedFileError
from eng5.files import read_model
from eng5.steps.analyse import analyse, analysis_module, measure_baseline, with_analysis
from eng5.steps.render import render
from tests.chain import Chain

MODE = RunnerMode.ANCHOR_ALIGN_TEST
EXPERIMENTS = Experiments.model_validate({"baseline": "baseline", "variant": {"baseline": {}}})


def of_an_earlier_version(path: Path) -> None:
    """A field that the contract of today does not know."""
    path.write_bytes(path.read_bytes().replace(b"{\n", b'{\n  "retired": 1,\n', 1))


@pytest.mark.parametrize("mode", list(RunnerMode))
def test_a_boundary_test_is_measured_by_its_pairs(mode: RunnerMode) -> None:
    """Every other mode is measured by its order."""
    kind = "boundary" if mode is RunnerMode.BOUNDARY_TEST else "alignment"
    assert analysis_module(mode) == f"reports.{kind}.analysis"


def test_what_an_earlier_version_wrote_is_made_again(tmp_path: Path) -> None:
    """Analysis, artefact and baseline, when each in turn, or all of them, cannot be read; with the same bytes."""
    chain, experiments = Chain(tmp_path), EXPERIMENTS
    chain.whole()
    paths = chain.paths
    measure_baseline(paths)
    analyse(paths, MODE, experiments)
    files = [paths.analysis, paths.artefact, paths.project.baseline]
    before = [file.read_bytes() for file in files]
    for damaged in ([paths.analysis], [paths.artefact], [paths.project.baseline], files):
        for file in damaged:
            of_an_earlier_version(file)
        if paths.analysis in damaged:
            found = with_analysis(lambda: read_model(paths.analysis, Analysis), paths, experiments)
            assert found.run.name == chain.name
        else:
            analyse(paths, MODE, experiments)
        assert [file.read_bytes() for file in files] == before
    of_an_earlier_version(paths.analysis)
    with_analysis(lambda: render(paths, MODE), paths, experiments)
    assert [file.read_bytes() for file in files] == before


def test_what_cannot_be_made_again_is_named(tmp_path: Path) -> None:
    """An artefact that came alone is made from nothing here."""
    chain, experiments = Chain(tmp_path), EXPERIMENTS
    chain.whole()
    paths = chain.paths
    analyse(paths, MODE, experiments)
    paths.events.unlink()
    of_an_earlier_version(paths.analysis)
    of_an_earlier_version(paths.artefact)
    with pytest.raises(DamagedFileError, match="retired") as refused:
        with_analysis(lambda: read_model(paths.analysis, Analysis), paths, experiments)
    assert refused.value.where == str(paths.artefact)
