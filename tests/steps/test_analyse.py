"""Tests of `eng5.steps.analyse`: which module measures a run of which mode."""

import pytest

from eng5.contracts.modes import RunnerMode
from eng5.steps.analyse import analysis_module


@pytest.mark.parametrize("mode", list(RunnerMode))
def test_a_boundary_test_is_measured_by_its_pairs(mode: RunnerMode) -> None:
    """Every other mode is measured by its order."""
    kind = "boundary" if mode is RunnerMode.BOUNDARY_TEST else "alignment"
    assert analysis_module(mode) == f"reports.{kind}.analysis"
