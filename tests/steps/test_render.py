"""Tests of `eng5.steps.render`: which modules make the pages of a run of which mode."""

from eng5.contracts.modes import RunnerMode
from eng5.steps.render import report_modules


def test_each_mode_has_its_page() -> None:
    """The index follows every report."""
    made = {mode: report_modules(mode) for mode in RunnerMode}
    assert made[RunnerMode.ANCHOR_ALIGN_TEST][0] == "reports.alignment.report"
    assert made[RunnerMode.BOUNDARY_TEST][0] == "reports.boundary.report"
    assert made[RunnerMode.EXECUTE][0] == "reports.alignment.students"
    assert {index for _, index in made.values()} == {"reports.index"}
